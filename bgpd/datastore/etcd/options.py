"""How to reach etcd: the URL, and Calico's variables for credentials (calico-reference.md section 13.1)."""

import ssl
from collections.abc import Mapping
from typing import Self

from bgpd.datastore.errors import UnsupportedError
from records import field, record

_PORT = 2379
_INLINE = ("ETCD_CA_CERT", "ETCD_CERT", "ETCD_KEY")
"""Calico's variables for certificates without files."""


@record
class Endpoint:
    """One member of the cluster."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `host`, `host:port` or `[address]:port`. Raises UnsupportedError."""
        host, colon, port = text.strip().rpartition(":")
        if not colon or text.strip().endswith("]"):
            host, port = text.strip(), str(_PORT)
        host = host.removeprefix("[").removesuffix("]")
        if not host or "/" in text or not port.isdigit() or not 0 < int(port) < 65536:
            raise UnsupportedError(f"{text!r} is no endpoint of etcd; write host:port, without a scheme")
        return cls(host, int(port))


@record
class EtcdOptions:
    """The members, in the order in which they are tried, and what to show them."""

    endpoints: tuple[Endpoint, ...]
    tls: bool = False
    ca_file: str | None = None
    cert_file: str | None = None
    key_file: str | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        """The URL without credentials."""
        scheme = "etcds" if self.tls else "etcd"
        return f"{scheme}://{','.join(str(endpoint) for endpoint in self.endpoints)}"

    @classmethod
    def of(cls, url: str, environment: Mapping[str, str]) -> Self:
        """Read `etcd://host:port,...` or `etcds://...`. Raises UnsupportedError."""
        scheme, _, rest = url.partition("://")
        if not rest.strip("/"):
            raise UnsupportedError(_no_endpoints(url, environment))
        for name in _INLINE:
            if environment.get(name):
                raise UnsupportedError(
                    f"{name} is not supported; write it into a file, and its name into {name}_FILE"
                )
        endpoints = tuple(Endpoint.parse(text) for text in rest.rstrip("/").split(","))
        return cls(
            endpoints,
            tls=scheme == "etcds",
            ca_file=environment.get("ETCD_CA_CERT_FILE") or None,
            cert_file=environment.get("ETCD_CERT_FILE") or None,
            key_file=environment.get("ETCD_KEY_FILE") or None,
            username=environment.get("ETCD_USERNAME") or None,
            password=environment.get("ETCD_PASSWORD") or None,
        )

    def ssl_context(self) -> ssl.SSLContext | None:
        """Make the TLS side of a connection, None without TLS. Raises UnsupportedError for unusable files."""
        if not self.tls:
            return None
        try:
            context = ssl.create_default_context(cafile=self.ca_file)
            if self.cert_file:
                context.load_cert_chain(self.cert_file, self.key_file)
        except (OSError, ssl.SSLError) as error:
            files = ", ".join(filter(None, (self.ca_file, self.cert_file, self.key_file)))
            raise UnsupportedError(f"the certificates {files} cannot be used: {error}") from error
        return context


def _no_endpoints(url: str, environment: Mapping[str, str]) -> str:
    if environment.get("ETCD_DISCOVERY_SRV"):
        srv = f"_etcd-client._tcp.{environment['ETCD_DISCOVERY_SRV']}"
        return (
            "ETCD_DISCOVERY_SRV is not supported; name the members in ETCD_ENDPOINTS, "
            f"as `dig +short SRV {srv}` (with TLS: _etcd-client-ssl) tells them"
        )
    return f"{url!r} names no endpoint; write etcd://host:port[,host:port], or set ETCD_ENDPOINTS"
