"""Debian's etcd as real as it gets: one member or three, on loopback, with TLS and users where asked for."""

import asyncio
import base64
import json
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

DEADLINE = 20.0


def need_etcd() -> None:
    """Skip the test where there is no etcd."""
    if shutil.which("etcd") is None:
        pytest.skip("etcd is not installed (Debian: etcd-server)")


@dataclass(frozen=True)
class Certificates:
    """A CA, and one certificate of it that serves for 127.0.0.1 and for clients."""

    ca: Path
    cert: Path
    key: Path

    @classmethod
    def make(cls, directory: Path) -> "Certificates":
        """Make them with openssl; skips the test where there is none."""
        if shutil.which("openssl") is None:
            pytest.skip("openssl is not installed")
        made = cls(directory / "ca.pem", directory / "cert.pem", directory / "key.pem")
        new = [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
        ]
        ca_key = directory / "ca-key.pem"
        _run([*new, "-subj", "/CN=test CA", "-keyout", str(ca_key), "-out", str(made.ca)])
        names = ["-subj", "/O=bgpd", "-addext", "subjectAltName=IP:127.0.0.1"]
        usage = ["-addext", "basicConstraints=CA:FALSE", "-addext", "extendedKeyUsage=serverAuth,clientAuth"]
        signed = [
            "-CA",
            str(made.ca),
            "-CAkey",
            str(ca_key),
            "-keyout",
            str(made.key),
            "-out",
            str(made.cert),
        ]
        _run([*new, *names, *usage, *signed])
        return made

    @property
    def environment(self) -> dict[str, str]:
        """Calico's variables for them."""
        return {
            "ETCD_CA_CERT_FILE": str(self.ca),
            "ETCD_CERT_FILE": str(self.cert),
            "ETCD_KEY_FILE": str(self.key),
        }


@dataclass
class Member:
    """One etcd process."""

    name: str
    client_port: int
    peer_port: int
    command: list[str] = field(default_factory=list)
    process: subprocess.Popen[bytes] | None = None

    def start(self, log: Path) -> None:
        """Start it; the first start makes its data, later ones go on with them."""
        with log.open("ab") as output:
            self.process = subprocess.Popen(self.command, stdout=output, stderr=output)

    def kill(self) -> None:
        """End it without a chance to say goodbye."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


class Etcd:
    """A cluster of `size` members. Close it."""

    def __init__(
        self,
        directory: Path,
        size: int = 1,
        certificates: Certificates | None = None,
        host: str = "127.0.0.1",
    ) -> None:
        self._directory = directory
        self._host = host
        self._certificates = certificates
        ports = _free_ports(2 * size)
        self.members = [Member(f"m{n}", ports[2 * n], ports[2 * n + 1]) for n in range(size)]
        peers = ",".join(f"{each.name}=http://{host}:{each.peer_port}" for each in self.members)
        for each in self.members:
            each.command = self._command(each, peers)
            self.start(each)
        try:
            for each in self.members:
                self.wait(each)
        except BaseException:
            self.close()  # nobody else will: the caller gets no cluster to close
            raise

    @property
    def url(self) -> str:
        """As bgpd wants it."""
        scheme = "etcds" if self._certificates else "etcd"
        return f"{scheme}://{','.join(f'{self._host}:{each.client_port}' for each in self.members)}"

    def start(self, member: Member) -> None:
        """Start a member."""
        member.start(self._directory / f"{member.name}.log")

    def wait(self, member: Member) -> None:
        """Wait until a member takes part in a cluster that has a leader."""
        deadline = time.monotonic() + DEADLINE
        while time.monotonic() < deadline:
            try:
                if self._certificates:
                    socket.create_connection((self._host, member.client_port), 1).close()
                else:
                    self.call("kv/range", {"key": "AA=="}, member)
                return
            except OSError:
                time.sleep(0.02)
        raise AssertionError((self._directory / f"{member.name}.log").read_text()[-2000:])

    def call(self, method: str, request: Mapping[str, Any], member: Member | None = None) -> dict[str, Any]:
        """Ask a member without our client. Raises OSError."""
        port = (member or next(each for each in self.members if each.process)).client_port
        url = f"http://{self._host}:{port}/v3/{method}"
        with urllib.request.urlopen(url, json.dumps(request).encode(), timeout=5) as answer:
            found: dict[str, Any] = json.load(answer)
            return found

    def put(self, key: str, value: str) -> None:
        """Write a key as calicoctl would."""
        self.call("kv/put", {"key": b64(key), "value": b64(value)})

    def put_all(self, values: Mapping[str, str]) -> None:
        """Write up to 128 keys at one revision."""
        puts = [{"request_put": {"key": b64(key), "value": b64(value)}} for key, value in values.items()]
        self.call("kv/txn", {"success": puts})

    def get(self, key: str) -> str | None:
        """Read a key as calicoctl would."""
        found = self.call("kv/range", {"key": b64(key)}).get("kvs")
        return base64.b64decode(found[0]["value"]).decode() if found else None

    def wipe(self) -> None:
        """Remove every key."""
        self.call("kv/deleterange", {"key": "AA==", "range_end": "AA=="})

    def compact(self) -> None:
        """Forget all history up to now."""
        revision = self.call("kv/range", {"key": "AA=="})["header"]["revision"]
        self.call("kv/compaction", {"revision": revision, "physical": True})

    def leader(self) -> Member:
        """Find the leader."""
        for each in self.members:
            if each.process:
                status = self.call("maintenance/status", {}, each)
                if status["leader"] == status["header"]["member_id"]:
                    return each
        raise AssertionError("no leader")

    def close(self) -> None:
        """End all members."""
        for each in self.members:
            each.kill()

    def _command(self, member: Member, peers: str) -> list[str]:
        scheme = "https" if self._certificates else "http"
        client, peer = (
            f"{scheme}://{self._host}:{member.client_port}",
            f"http://{self._host}:{member.peer_port}",
        )
        options = {
            "name": member.name,
            "data-dir": str(self._directory / member.name),
            "listen-client-urls": client,
            "advertise-client-urls": client,
            "listen-peer-urls": peer,
            "initial-advertise-peer-urls": peer,
            "initial-cluster": peers,
            "heartbeat-interval": "50",
            "election-timeout": "500",
        }
        if self._certificates:
            options |= {
                "cert-file": str(self._certificates.cert),
                "key-file": str(self._certificates.key),
                "trusted-ca-file": str(self._certificates.ca),
                "client-cert-auth": "true",
            }
        return ["etcd", *(f"--{name}={value}" for name, value in options.items())]


async def off_loop(function: Any, *arguments: Any) -> Any:
    """Call something that blocks without holding up the loop under test."""
    return await asyncio.to_thread(function, *arguments)


def b64(text: str) -> str:
    """Encode as the gateway wants it."""
    return base64.b64encode(text.encode()).decode()


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True)
