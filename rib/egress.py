"""What becomes of a path on its way to a target: refusals, attribute steps, export policy, in that order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from rib import roles
from rib.as_path import prepend
from rib.path import DEFAULT_LOCAL_PREF, Path, carries
from rib.policy import Policy, PolicyRoute
from rib.policy_batch import BatchPolicy, PrefixClass
from rib.reflection import PROPAGATION, Propagation, cluster_list, originator_id
from rib.settings import NextHopMode, PeerSettings
from rib.source import PeerKind
from wire import Family, PathAttributes, Prefix, WellKnownCommunity

__all__ = ["Egress", "Export", "Target", "target_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
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


class Export(NamedTuple):
    """What a target gets of a path: attributes, or None and the reason."""

    attributes: PathAttributes | None
    reason: str
    """The rule of the export policy that let it pass, or what held it back."""


class Egress:
    """The way out to one target."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._policy = None if target.policy is None else BatchPolicy(target.policy)
        self._propagation = {kind: PROPAGATION[kind, target.kind] for kind in PeerKind}
        self._steps = _STEPS[target.kind]
        self._external = target.kind is PeerKind.EBGP
        self._next_hop_lengths = _next_hop_lengths(target)
        self._sends_marked = roles.sends_marked(target.role)

    def classes(self, prefixes: Sequence[Prefix]) -> list[tuple[PrefixClass, Sequence[Prefix]]]:
        """Part prefixes by what can make a difference to the export policy."""
        return [(0, prefixes)] if self._policy is None else self._policy.classes(prefixes)

    def class_of(self, prefix: Prefix) -> PrefixClass:
        """Return the class of one prefix."""
        return 0 if self._policy is None else self._policy.class_of(prefix)

    def export(self, path: Path, prefix_class: PrefixClass, prefix: Prefix) -> Export:
        """Return what the target gets of a path for the prefixes of one class, `prefix` being one of them."""
        refusal = self._refusal(path)
        if refusal is not None:
            return Export(None, refusal)
        attributes = self._shaped(path)
        if len(attributes.next_hop) not in self._next_hop_lengths:
            return Export(None, "no next hop that the peer can use for this family (RFC 8950)")
        if self._policy is None:
            return Export(self._finished(attributes), "no export policy")
        outcome = self._policy.run(_policy_route(path, attributes, prefix), prefix_class)
        if not outcome.accept:
            return Export(None, outcome.rule)
        return Export(self._finished(outcome.route.attributes), outcome.rule)

    def _refusal(self, path: Path) -> str | None:
        if self._propagation[path.source.kind] is Propagation.NO:
            return "internal to internal, and neither peer is a client (RFC 4456, section 6)"
        if path.attributes.only_to_customer is not None and not self._sends_marked:
            return "OTC: the route is for customers only, and the peer is none (RFC 9234, section 5)"
        communities = path.attributes.communities
        if communities.find(_WELL_KNOWN) < 0:
            return None
        for community, forbids, reason in _COMMUNITIES:
            if forbids(self._target) and carries(communities, community):
                return reason
        return None

    def _shaped(self, path: Path) -> PathAttributes:
        values = list(path.attributes)
        for step in self._steps:
            step(path, self._target, values)
        return PathAttributes._make(values)

    def _finished(self, attributes: PathAttributes) -> PathAttributes:
        """Do what a policy must see undone, or must not undo."""
        if self._external and attributes.local_pref is not None:  # RFC 4271, section 5.1.5
            attributes = attributes.replace(local_pref=None)
        if self._target.graceful_shutdown:
            attributes = _shutting_down(attributes, external=self._external)
        return attributes


def _shutting_down(attributes: PathAttributes, *, external: bool) -> PathAttributes:
    """Make a route the last resort: external peers go by the community, internal ones by LOCAL_PREF."""
    communities = attributes.communities
    if not carries(communities, WellKnownCommunity.GRACEFUL_SHUTDOWN):
        communities += WellKnownCommunity.GRACEFUL_SHUTDOWN.to_bytes(4, "big")
    return attributes.replace(communities=communities, local_pref=None if external else 0)


def _next_hop_lengths(target: Target) -> frozenset[int]:
    """Return how long NEXT_HOP may be: that of the family, or IPv6 where the peer knows RFC 8950."""
    ipv6 = {16, 32}
    own = {4} if target.family.bits == 32 else ipv6
    return frozenset(own | ipv6 if target.extended_next_hop else own)


def _policy_route(path: Path, attributes: PathAttributes, prefix: Prefix) -> PolicyRoute:
    return PolicyRoute(
        prefix=prefix,
        attributes=attributes,
        protocol=path.source.protocol,
        interface=path.interface,
        metric=path.metric,
        preference=path.preference,
    )


_WELL_KNOWN: Final = b"\xff\xff"
"""First octets of all communities below (RFC 1997)."""

_COMMUNITIES: Final[tuple[tuple[int, Callable[[Target], bool], str], ...]] = (
    (WellKnownCommunity.NO_ADVERTISE, lambda _: True, "NO_ADVERTISE (RFC 1997)"),
    (
        WellKnownCommunity.NO_EXPORT,
        lambda target: target.kind is PeerKind.EBGP,
        "NO_EXPORT, and the peer is external (RFC 1997)",
    ),
    (
        WellKnownCommunity.NO_EXPORT_SUBCONFED,
        lambda target: target.kind is PeerKind.EBGP,
        "NO_EXPORT_SUBCONFED, and the peer is external (RFC 1997)",
    ),
    (
        WellKnownCommunity.LLGR_STALE,
        lambda target: not target.long_lived_stale,
        "LLGR_STALE, and the peer has no long-lived graceful restart (RFC 9494, section 4.3)",
    ),
)


_Values = list[Any]
"""Attributes on the way: the fields of PathAttributes in their order, to be changed in place."""

_AS_PATH: Final = PathAttributes._fields.index("as_path")
_NEXT_HOP: Final = PathAttributes._fields.index("next_hop")
_MED: Final = PathAttributes._fields.index("med")
_LOCAL_PREF: Final = PathAttributes._fields.index("local_pref")
_ORIGINATOR_ID: Final = PathAttributes._fields.index("originator_id")
_CLUSTER_LIST: Final = PathAttributes._fields.index("cluster_list")
_EXTENDED_COMMUNITIES: Final = PathAttributes._fields.index("extended_communities")
_ONLY_TO_CUSTOMER: Final = PathAttributes._fields.index("only_to_customer")

_NON_TRANSITIVE: Final = 0x40
"""Bit of the first octet of an extended community (RFC 4360, section 2)."""


def _set_next_hop(path: Path, target: Target, values: _Values) -> None:
    """NEXT_HOP (RFC 4271, section 5.1.3): ours towards external peers and for what has no gateway."""
    mode, present = target.next_hop, path.attributes.next_hop
    ours = mode == "self" or (mode == "auto" and target.kind is PeerKind.EBGP)
    if ours or not present or _link_local(present):
        values[_NEXT_HOP] = target.local_address


def _link_local(address: bytes) -> bool:
    return (
        address[:2] == b"\xa9\xfe" if len(address) == 4 else address[0] == 0xFE and address[1] & 0xC0 == 0x80
    )


def _prepend_local_as(path: Path, target: Target, values: _Values) -> None:
    """AS_PATH (RFC 4271, section 5.1.2): our AS goes in front towards external peers."""
    values[_AS_PATH] = prepend(path.attributes.as_path, target.local_as.to_bytes(4, "big"))


def _drop_learned_med(path: Path, _: Target, values: _Values) -> None:
    """MED (RFC 4271, section 5.1.4): learned from one neighbouring AS, it does not go to another."""
    if path.source.kind is not PeerKind.LOCAL:
        values[_MED] = None


def _set_local_pref(_: Path, __: Target, values: _Values) -> None:
    """LOCAL_PREF (RFC 4271, section 5.1.5): always there towards internal peers."""
    if values[_LOCAL_PREF] is None:
        values[_LOCAL_PREF] = DEFAULT_LOCAL_PREF


def _reflect(path: Path, target: Target, values: _Values) -> None:
    """ORIGINATOR_ID and CLUSTER_LIST (RFC 4456, section 8), where a route goes from internal to internal."""
    if PROPAGATION[path.source.kind, target.kind] is Propagation.REFLECTED:
        values[_ORIGINATOR_ID] = originator_id(path)
        values[_CLUSTER_LIST] = cluster_list(path, target.cluster_id)


def _end_reflection(_: Path, __: Target, values: _Values) -> None:
    """ORIGINATOR_ID and CLUSTER_LIST end at the border of the AS: non-transitive (RFC 4456, section 8)."""
    values[_ORIGINATOR_ID] = None
    values[_CLUSTER_LIST] = b""


def _end_communities(path: Path, _: Target, values: _Values) -> None:
    """EXTENDED_COMMUNITIES: those that are not transitive across ASes stay (RFC 4360, section 6)."""
    present = path.attributes.extended_communities
    if present:
        each = [present[start : start + 8] for start in range(0, len(present), 8)]
        values[_EXTENDED_COMMUNITIES] = b"".join(one for one in each if not one[0] & _NON_TRANSITIVE)


def _mark_for_customers(_: Path, target: Target, values: _Values) -> None:
    """OTC (RFC 9234, section 5): added with our AS on the way down or sideways."""
    if values[_ONLY_TO_CUSTOMER] is None and roles.marks_departures(target.role):
        values[_ONLY_TO_CUSTOMER] = target.local_as


_Step = Callable[[Path, Target, _Values], None]
_INTERNAL_STEPS: Final[tuple[_Step, ...]] = (_set_next_hop, _set_local_pref, _reflect)
_STEPS: Final[dict[PeerKind, tuple[_Step, ...]]] = {
    PeerKind.EBGP: (
        _set_next_hop,
        _prepend_local_as,
        _drop_learned_med,
        _end_reflection,
        _end_communities,
        _mark_for_customers,
    ),
    PeerKind.IBGP: _INTERNAL_STEPS,
    PeerKind.IBGP_CLIENT: _INTERNAL_STEPS,
}
"""What is done to the attributes before the export policy sees them, in this order, by kind of target."""
