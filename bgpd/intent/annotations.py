"""The `bgpd.io/` annotations as sessions use them; reading and judging them is `bgpd.resources`' work."""

from dataclasses import replace

from bgpd.intent.model import AddPathDirection
from bgpd.resources import Bfd, BGPConfiguration, BGPPeer, Extensions, MaxPrefixes, Role, extensions
from records import record
from wire import Family

ADD_PATHS = "bgpd.io/add-paths"
BOTH_WAYS: frozenset[AddPathDirection] = frozenset({"send", "receive"})
"""Without the annotation ADD-PATH is offered in both directions, as Calico's BIRD does."""

_OPPOSITE = {
    "provider": "customer",
    "customer": "provider",
    "route-server": "route-server-client",
    "route-server-client": "route-server",
    "peer": "peer",
}
"""The pairs of roles that may face each other (RFC 9234, section 4.2)."""

_FAMILIES = {str(family): family for family in Family}


@record(kw_only=True)
class PeeringExtensions:
    """What the annotations of a BGPPeer, or of the BGPConfiguration for the mesh, add to a peering."""

    passive: bool = False
    hold_time: int | None = None
    bfd: Bfd | None = None
    max_prefixes: MaxPrefixes | None = None
    families: frozenset[Family] = frozenset()
    """Empty: the family of the peer's address alone."""
    add_paths: frozenset[AddPathDirection] = BOTH_WAYS
    graceful_shutdown: bool = False
    role: Role | None = None


def peering_extensions(resource: BGPPeer | BGPConfiguration) -> PeeringExtensions:
    """Return the annotations of a resource that makes peerings."""
    read: Extensions = extensions(resource)
    return PeeringExtensions(
        passive=read.passive,
        hold_time=read.hold_time,
        bfd=read.bfd,
        max_prefixes=read.max_prefixes,
        families=frozenset(_FAMILIES[name] for name in read.families if name in _FAMILIES),
        add_paths=frozenset(read.add_paths) if ADD_PATHS in resource.metadata.annotations else BOTH_WAYS,
        graceful_shutdown=read.graceful_shutdown,
        role=read.role,
    )


def seen_from_there(there: PeeringExtensions) -> PeeringExtensions:
    """Return what the other end of a peering goes by: the opposite role, everything else alike."""
    role = there.role
    return there if role is None else replace(there, role=Role(_OPPOSITE[role.name], role.strict))
