"""Route reflection (RFC 4456): who gets whose routes, and what is added on the way."""

from enum import Enum
from typing import Final

from rib.path import Path
from rib.source import PeerKind

__all__ = ["PROPAGATION", "Propagation", "reflected"]


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


def reflected(path: Path, target_cluster_id: bytes) -> dict[str, bytes]:
    """Return the attributes that reflection sets (RFC 4456, section 8).

    ORIGINATOR_ID is the BGP Identifier of the router that brought the route into the AS, set once. Our
    CLUSTER_ID is prepended to CLUSTER_LIST: that of the client's cluster, be the client source or target.
    """
    attributes = path.attributes
    from_client = path.source.kind is PeerKind.IBGP_CLIENT
    cluster_id = path.source.cluster_id if from_client else target_cluster_id
    return {
        "originator_id": attributes.originator_id or path.source.bgp_identifier,
        "cluster_list": cluster_id + attributes.cluster_list,
    }
