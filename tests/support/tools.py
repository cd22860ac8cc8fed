"""Programs that read what bgpd shows, and the capture file that one of them wants."""

import shutil
import struct
import subprocess
from pathlib import Path

import pytest

_PIECE = 1400
"""Octets of a TCP segment."""


def read_by(*command: str | Path) -> str:
    """Run a program of Debian's and return what it says; skip where it is not installed."""
    if shutil.which(str(command[0])) is None:
        pytest.skip(f"{command[0]} is not installed")
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def write_capture(path: Path, stream: bytes, port: int) -> None:
    """Write a capture of a TCP connection to `port` that carries these octets (pcap, link type raw IP)."""
    packets = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101)]
    for start in range(0, len(stream), _PIECE):
        piece = stream[start : start + _PIECE]
        tcp = struct.pack(">HHIIBBHHH", 40000, port, 1 + start, 1, 0x50, 0x18, 65535, 0, 0)
        size = 20 + len(tcp) + len(piece)
        ip = struct.pack(
            ">BBHHHBBH4s4s", 0x45, 0, size, 0, 0, 64, 6, 0, bytes([10, 0, 0, 1]), bytes([10, 0, 0, 9])
        )
        packets.append(struct.pack("<IIII", start, 0, size, size) + ip + tcp + piece)
    path.write_bytes(b"".join(packets))
