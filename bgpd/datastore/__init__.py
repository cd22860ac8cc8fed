"""Where resources come from: one protocol (list, watch, write) and its backends."""

from collections.abc import Mapping

from bgpd.datastore.base import Datastore
from bgpd.datastore.errors import (
    ConflictError,
    DatastoreError,
    ExistsError,
    NotFoundError,
    UnreachableError,
    UnsupportedError,
)

DEFAULT_URL = "file:///etc/bgpd/resources"


def open_datastore(url: str) -> Datastore:
    """Open the datastore a URL names (`file:///dir`). Raises UnsupportedError."""
    raise UnsupportedError(url)


def datastore_url(environment: Mapping[str, str]) -> str:
    """Return the URL that BGPD_DATASTORE, or Calico's DATASTORE_TYPE and friends, name."""
    return environment.get("BGPD_DATASTORE", DEFAULT_URL)


__all__ = [
    "DEFAULT_URL",
    "ConflictError",
    "Datastore",
    "DatastoreError",
    "ExistsError",
    "NotFoundError",
    "UnreachableError",
    "UnsupportedError",
    "datastore_url",
    "open_datastore",
]
