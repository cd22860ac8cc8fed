"""Where resources come from: one protocol (list, watch, write) and its backends."""

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from bgpd.datastore.base import Contact, Datastore
from bgpd.datastore.errors import (
    ConflictError,
    DatastoreError,
    ExistsError,
    NotFoundError,
    RefusedError,
    UnreachableError,
    UnsupportedError,
)
from bgpd.datastore.urls import DEFAULT_URL, datastore_url, directory_of, endpoint_status_directory

if TYPE_CHECKING:
    from bgpd.datastore.backend import Backend


def open_datastore(
    url: str, environment: Mapping[str, str] = os.environ, *, node: str | None = None
) -> Datastore:
    """Open the datastore a URL names: `file:///directory`, `etcd://host:port,...`, `kubernetes://[context]`.

    `node` is for a node's own daemon: of block affinities, the most numerous kind, a remote datastore then
    reads those of this node alone, and the last snapshot is kept in the state directory for the next start.
    Raises UnsupportedError. A backend is imported when its URL asks for it.
    """
    if not is_remote(url):
        from bgpd.datastore.files import FilesDatastore

        return FilesDatastore(directory_of(url), endpoint_status_directory(environment))
    from bgpd.datastore.remote import RemoteDatastore
    from bgpd.datastore.state_cache import StateCache, state_directory

    backend = _REMOTE[_scheme(url)](url, environment, node)
    cache = StateCache(state_directory(environment), backend.url, node) if node else None
    return RemoteDatastore(backend, cache=cache, endpoint_status=endpoint_status_directory(environment))


def is_remote(url: str) -> bool:
    """Tell whether a URL's datastore is reached over the network, perhaps with TLS."""
    return _scheme(url) in _REMOTE


def _scheme(url: str) -> str:
    scheme, colon, _ = url.partition("://")
    return scheme if colon else ""


def _etcd(url: str, environment: Mapping[str, str], node: str | None) -> "Backend":
    from bgpd.datastore.etcd import EtcdBackend, EtcdOptions

    return EtcdBackend(EtcdOptions.of(url, environment), node)


def _kubernetes(url: str, environment: Mapping[str, str], node: str | None) -> "Backend":
    try:
        from bgpd.datastore.kubernetes import KubernetesBackend, KubernetesOptions
    except ModuleNotFoundError as error:
        raise UnsupportedError(
            f"{url} needs {error.name}, which is not installed: pip install 'bgpd[kubernetes]'"
        ) from error
    return KubernetesBackend(KubernetesOptions.of(url, environment), node)


_REMOTE: Mapping[str, Callable[[str, Mapping[str, str], str | None], "Backend"]] = {
    "etcd": _etcd,
    "etcds": _etcd,
    "kubernetes": _kubernetes,
}


__all__ = [
    "DEFAULT_URL",
    "ConflictError",
    "Contact",
    "Datastore",
    "DatastoreError",
    "ExistsError",
    "NotFoundError",
    "RefusedError",
    "UnreachableError",
    "UnsupportedError",
    "datastore_url",
    "is_remote",
    "open_datastore",
]
