"""HTTP over the Unix socket, event stream, Prometheus metrics, health.

A name is imported when it is first used: a daemon that nobody asks anything starts sooner and stays smaller.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bgpd.api.documents import explain_document, peer_document, route_document
    from bgpd.api.server import ApiServer
    from bgpd.api.unix_socket import SocketError
    from bgpd.api.values import (
        FAMILIES,
        CommandResult,
        Counts,
        DaemonStatus,
        DatastoreStatus,
        Document,
        ExplainDocument,
        Health,
        KernelStatus,
        LastError,
        MalformedCount,
        NegotiatedStatus,
        NotFoundError,
        NotificationCount,
        Origination,
        PeerStatus,
        ProblemStatus,
        RefusedError,
        RouteQuery,
        SessionState,
        Verb,
    )
    from bgpd.api.view import DaemonView, EventRecord, EventSource

__all__ = [
    "FAMILIES",
    "ApiServer",
    "CommandResult",
    "Counts",
    "DaemonStatus",
    "DaemonView",
    "DatastoreStatus",
    "Document",
    "EventRecord",
    "EventSource",
    "ExplainDocument",
    "Health",
    "KernelStatus",
    "LastError",
    "MalformedCount",
    "NegotiatedStatus",
    "NotFoundError",
    "NotificationCount",
    "Origination",
    "PeerStatus",
    "ProblemStatus",
    "RefusedError",
    "RouteQuery",
    "SessionState",
    "SocketError",
    "Verb",
    "explain_document",
    "peer_document",
    "route_document",
]

_ELSEWHERE = {
    "ApiServer": "server",
    "DaemonView": "view",
    "EventRecord": "view",
    "EventSource": "view",
    "SocketError": "unix_socket",
    "explain_document": "documents",
    "peer_document": "documents",
    "route_document": "documents",
}
"""Where the names are that are not among the values."""


def __getattr__(name: str) -> object:
    """Import a name of this room (PEP 562)."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_ELSEWHERE.get(name, 'values')}"), name)
