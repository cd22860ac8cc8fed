"""HTTP over the Unix socket, event stream, Prometheus metrics, health."""

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
    "SocketError",
    "Verb",
    "explain_document",
    "peer_document",
    "route_document",
]
