"""Where resources come from: one protocol (list, watch, write) and its backends."""

import os
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
from bgpd.datastore.urls import DEFAULT_URL, datastore_url, directory_of, endpoint_status_directory


def open_datastore(url: str, environment: Mapping[str, str] = os.environ) -> Datastore:
    """Open the datastore a URL names (`file:///directory`). Raises UnsupportedError."""
    from bgpd.datastore.files import FilesDatastore

    return FilesDatastore(directory_of(url), endpoint_status_directory(environment))


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
