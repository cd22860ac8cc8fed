"""What peers are as targets of routes: those that are the same target are sent the same."""

from records import record
from rib.policy import Policy
from rib.settings import NextHopMode, PeerSettings
from rib.source import PeerKind
from wire import Family

__all__ = ["Target", "target_of"]


@record(kw_only=True)
class Target:
    """All that makes a difference to what peers are sent: those with equal targets share an update group."""

    family: Family
    kind: PeerKind
    local_as: int
    local_address: bytes
    """What NEXT_HOP is set to when we set ourselves."""
    next_hop: NextHopMode
    cluster_id: bytes
    four_octet_as: bool
    message_limit: int
    add_path: bool
    extended_next_hop: bool
    enhanced_route_refresh: bool
    long_lived_stale: bool
    role: int | None
    graceful_shutdown: bool
    policy: Policy | None


def target_of(settings: PeerSettings, family: Family, cluster_id: bytes) -> Target:
    """Return what a peer is as a target of one family; `cluster_id` is for those without their own."""
    return Target(
        family=family,
        kind=settings.kind,
        local_as=settings.local_as,
        local_address=settings.local_addresses.get(family, settings.local_address),
        next_hop=settings.next_hop,
        cluster_id=settings.cluster_id or cluster_id,
        four_octet_as=settings.four_octet_as,
        message_limit=settings.message_limit,
        add_path=family in settings.add_path_send,
        extended_next_hop=family in settings.extended_next_hop,
        enhanced_route_refresh=settings.enhanced_route_refresh,
        long_lived_stale=settings.long_lived_stale,
        role=settings.role,
        graceful_shutdown=settings.graceful_shutdown,
        policy=settings.export_policy.get(family),
    )
