"""The sockets of BFD: RFC 5881 (one hop) and RFC 5883 (several)."""

import secrets
import socket
import sys
from collections.abc import Iterator
from typing import Final

from bgpd.speaker.socket_options import family_of

SINGLE_HOP: Final = 3784
"""UDP port of RFC 5881."""
MULTIHOP: Final = 4784
"""UDP port of RFC 5883."""
TTL: Final = 255
"""What packets are sent with, and arrive with over one hop (RFC 5881, section 5)."""
_SOURCE_PORTS: Final = range(49152, 65536)
"""RFC 5881, section 4."""
_ATTEMPTS: Final = 32
_PACKETS_PER_TURN: Final = 256
_IP_RECVTTL: Final = 12  # linux/in.h; the socket module does not name it


def sending_socket(peer: str, source: str | None) -> socket.socket:
    """Open a socket bound to the source address and a port of the range; raises OSError."""
    family = family_of(peer)
    opened = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK)
    if family == socket.AF_INET6:
        opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, TTL)
    else:
        opened.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, TTL)
    address = source or ("::" if family == socket.AF_INET6 else "0.0.0.0")  # noqa: S104 - the kernel chooses
    try:
        _bind(opened, address)
    except OSError:
        opened.close()
        raise
    return opened


def _bind(opened: socket.socket, address: str) -> None:
    for attempt in range(_ATTEMPTS):
        try:
            opened.bind((address, secrets.choice(_SOURCE_PORTS)))
            return
        except OSError:
            if attempt == _ATTEMPTS - 1:
                raise


def receiving_socket(family: socket.AddressFamily, port: int) -> socket.socket:
    """Open a socket that tells the TTL of what arrives at a port, on any interface; raises OSError."""
    opened = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK)
    try:
        if family == socket.AF_INET6:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVHOPLIMIT, 1)
            opened.bind(("::", port))
        else:
            opened.setsockopt(socket.IPPROTO_IP, _IP_RECVTTL, 1)
            opened.bind(("0.0.0.0", port))  # noqa: S104 - peers of any interface
    except OSError:
        opened.close()
        raise
    return opened


def packets(receiver: socket.socket) -> Iterator[tuple[bytes, str, int]]:
    """Read what has arrived, a bounded part of it: data, source address, TTL."""
    for _ in range(_PACKETS_PER_TURN):
        try:
            data, ancillary, _flags, source = receiver.recvmsg(128, socket.CMSG_SPACE(4))
        except OSError:  # nothing is left, or an ICMP error of what was sent
            return
        ttl = int.from_bytes(ancillary[0][2][:4], sys.byteorder) if ancillary else 0
        yield data, str(source[0]).partition("%")[0], ttl
