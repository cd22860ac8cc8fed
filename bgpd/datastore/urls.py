"""Which datastore a URL or an environment means."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote

from bgpd.datastore.errors import UnsupportedError

DEFAULT_URL = "file:///etc/bgpd/resources"
_SUPPORTED = "write file:///directory, etcd://host:port[,host:port], etcds://... or kubernetes://[context]"
_ENDPOINT_STATUS_PREFIX = "/var/run/calico"


def datastore_url(environment: Mapping[str, str]) -> str:
    """Return the URL that BGPD_DATASTORE, or in its absence Calico's own variables, name."""
    kind = environment.get("DATASTORE_TYPE", "").lower()
    endpoints = environment.get("ETCD_ENDPOINTS", "")
    members = endpoints or environment.get("ETCD_DISCOVERY_SRV")
    if environment.get("BGPD_DATASTORE"):
        return environment["BGPD_DATASTORE"]
    if kind == "kubernetes":
        return "kubernetes://"
    if kind == "etcdv3" or (members and not kind):
        return _etcd_url(endpoints)
    if kind:
        raise UnsupportedError(f"DATASTORE_TYPE={kind} is unknown; {_SUPPORTED}, set BGPD_DATASTORE")
    return DEFAULT_URL


def _etcd_url(endpoints: str) -> str:
    hosts = [endpoint.strip().partition("://")[2] or endpoint.strip() for endpoint in endpoints.split(",")]
    scheme = "etcds" if "https://" in endpoints else "etcd"
    return f"{scheme}://{','.join(hosts)}"


def directory_of(url: str) -> Path:
    """Return the directory of a `file:` URL, or of a bare path. Raises UnsupportedError for all others."""
    scheme, colon, rest = url.partition(":")
    if not colon and url:
        return Path(url)
    if scheme != "file" or not rest:
        raise UnsupportedError(f"{url!r} is no datastore that can be opened; {_SUPPORTED}")
    path = rest.removeprefix("//") if rest.startswith("//") else rest
    if rest.startswith("//") and not path.startswith("/"):
        raise UnsupportedError(f"{url!r} names a host; a directory is written file:///directory")
    return Path(unquote(path))


def endpoint_status_directory(environment: Mapping[str, str]) -> Path:
    """Return where Felix writes the status of workloads (calico-reference.md section 4.6)."""
    prefix = environment.get("CALICO_ENDPOINT_STATUS_PATH_PREFIX") or _ENDPOINT_STATUS_PREFIX
    return Path(prefix) / "endpoint-status"
