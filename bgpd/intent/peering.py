"""A peering: one row of the table between resources and sessions (calico-reference.md, section 4.2)."""

from bgpd.intent.annotations import PeeringExtensions, peering_extensions
from bgpd.intent.model import DEFAULT_PORT, NextHopMode, SessionType
from bgpd.resources import BGPPeer, SecretKeyReference
from records import field, record
from wire import Prefix

Key = tuple[str, int]
"""Remote address and port; port 0 and 179 are the same key."""


@record(kw_only=True)
class Peering:
    """A peer of this node as a resource describes it, before it is looked at from this node's side."""

    resource: str
    type: SessionType
    address: str
    port: int | None = None
    peer_as: int
    node: str | None = None
    """The peer's Node where it was selected, with all its addresses; None for a peer named by address."""
    local_as: int | None = None
    cluster_id: str = ""
    """The peer's own routeReflectorClusterID."""
    is_calico_node: bool = False
    """The address belongs to a node of the cluster, so the passive rule applies (section 4.1)."""
    passive: bool = False
    use_node_address: bool = True
    next_hop_mode: NextHopMode | None = None
    keep_original_next_hop: bool = False
    ttl_security: int | None = None
    password: SecretKeyReference | None = None
    restart_seconds: int | None = None
    keepalive_seconds: int | None = None
    allow_local_as: int = 0
    reachable_by: str | None = None
    filters: tuple[str, ...] = ()
    listen_range: Prefix | None = None
    extensions: PeeringExtensions = field(default_factory=PeeringExtensions)

    @property
    def key(self) -> Key:
        """What two peerings of one scope must not have in common."""
        return self.address, self.port or DEFAULT_PORT


_NEXT_HOP = {
    None: None,
    "Auto": NextHopMode.AUTO,
    "Self": NextHopMode.SELF,
    "Keep": NextHopMode.KEEP,
}


def template(peer: BGPPeer) -> Peering:
    """Return what every peering of a BGPPeer takes from it, in either direction (sections 4.3 B and 4.5)."""
    spec = peer.spec
    return Peering(
        resource=resource_name(peer),
        type=SessionType.NODE,
        address="",
        peer_as=0,
        use_node_address=spec.source_address == "UseNodeIP",
        next_hop_mode=_NEXT_HOP[spec.next_hop_mode],
        keep_original_next_hop=spec.keep_original_next_hop,
        ttl_security=spec.ttl_security or None,
        password=spec.password.secret_key_ref if spec.password else None,
        restart_seconds=spec.max_restart_time.seconds if spec.max_restart_time else None,
        keepalive_seconds=spec.keepalive_time.seconds if spec.keepalive_time else None,
        reachable_by=spec.reachable_by,
        filters=spec.filters,
        extensions=peering_extensions(peer),
    )


def resource_name(peer: BGPPeer) -> str:
    """Return the name status surfaces show: `BGPPeer/name`."""
    return f"BGPPeer/{peer.name}"
