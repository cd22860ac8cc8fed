"""Route reflection (RFC 4456): who gets whose routes, and what is added on the way."""

from enum import Enum
from typing import Final

from rib.path import Path
from rib.source import PeerKind

__all__ = ["PROPAGATION", "Propagation", "cluster_list", "originator_id"]


class Propagation(Enum):
    """How a route of one kind of source goes to one kind of target."""

    NO = "not sent"
    PLAIN = "sent"
    REFLECTED = "reflected"


_NO, _PLAIN, _REFLECTED = Propagation.NO, Propagation.PLAIN, Propagation.REFLECTED
_TARGETS: Final = (PeerKind.LOCAL, PeerKind.EBGP, PeerKind.IBGP, PeerKind.IBGP_CLIENT)
_ROWS: Final = {
    # from             to: the node itself, eBGP, iBGP non-client, iBGP client
    PeerKind.LOCAL: (_NO, _PLAIN, _PLAIN, _PLAIN),
    PeerKind.EBGP: (_NO, _PLAIN, _PLAIN, _PLAIN),
    PeerKind.IBGP: (_NO, _PLAIN, _NO, _REFLECTED),
    PeerKind.IBGP_CLIENT: (_NO, _PLAIN, _REFLECTED, _REFLECTED),
}

PROPAGATION: Final = {
    (source, target): propagation
    for source, row in _ROWS.items()
    for target, propagation in zip(_TARGETS, row, strict=True)
}
"""By kinds of source and target (RFC 4271, section 9.2; RFC 4456, section 6); the node is no target."""


def originator_id(path: Path) -> bytes:
    """Return ORIGINATOR_ID: the BGP Identifier of who brought the route into the AS (RFC 4456, section 8)."""
    return path.attributes.originator_id or path.source.bgp_identifier


def cluster_list(path: Path, target_cluster_id: bytes) -> bytes:
    """Return CLUSTER_LIST with our CLUSTER_ID in front (RFC 4456, section 8).

    It is that of the client's cluster, be the client source or target.
    """
    from_client = path.source.kind is PeerKind.IBGP_CLIENT
    return (path.source.cluster_id if from_client else target_cluster_id) + path.attributes.cluster_list
