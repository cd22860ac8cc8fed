"""What becomes of a path on its way to a target: refusals, attribute steps, export policy, in that order."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from rib.path import DEFAULT_LOCAL_PREF, Path, carries
from rib.policy import Policy, PolicyRoute
from rib.policy_batch import BatchPolicy, PrefixClass
from rib.reflection import PROPAGATION, Propagation, reflected
from rib.settings import NextHopMode, PeerSettings
from rib.source import PeerKind
from wire import Family, PathAttributes, Prefix, WellKnownCommunity, prepend_as_path

__all__ = ["Export", "Target", "export", "target_of"]


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
        policy=settings.export_policy.get(family),
    )


class Export(NamedTuple):
    """What a target gets of a path: attributes, or None and the reason."""

    attributes: PathAttributes | None
    reason: str
    """The rule of the export policy that let it pass, or what held it back."""


def export(
    path: Path, target: Target, policy: BatchPolicy | None, prefix_class: PrefixClass, prefix: Prefix
) -> Export:
    """Return what a target gets of a path for the prefixes of one class, `prefix` being one of them."""
    refusal = _refusal(path, target)
    if refusal is not None:
        return Export(None, refusal)
    attributes = _shaped(path, target)
    if not _sendable_next_hop(attributes.next_hop, target):
        return Export(None, "no next hop that the peer can use for this family (RFC 8950)")
    if policy is None:
        return Export(_stripped(attributes, target), "no export policy")
    outcome = policy.run(_policy_route(path, attributes, prefix), prefix_class)
    if not outcome.accept:
        return Export(None, outcome.rule)
    return Export(_stripped(outcome.route.attributes, target), outcome.rule)


def _policy_route(path: Path, attributes: PathAttributes, prefix: Prefix) -> PolicyRoute:
    return PolicyRoute(
        prefix=prefix,
        attributes=attributes,
        protocol=path.source.protocol,
        interface=path.interface,
        metric=path.metric,
        preference=path.preference,
    )


def _refusal(path: Path, target: Target) -> str | None:
    if PROPAGATION[path.source.kind, target.kind] is Propagation.NO:
        return "not sent from internal peer to internal peer, as neither is a client (RFC 4456, section 6)"
    communities = path.attributes.communities
    if not communities:
        return None
    for community, forbids, reason in _COMMUNITIES:
        if forbids(target) and carries(communities, community):
            return reason
    return None


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


def _shaped(path: Path, target: Target) -> PathAttributes:
    changes: dict[str, Any] = {}
    for step in _STEPS[target.kind]:
        step(path, target, changes)
    return path.attributes.replace(**changes)


def _next_hop(path: Path, target: Target, changes: dict[str, Any]) -> None:
    """NEXT_HOP (RFC 4271, section 5.1.3): ours towards external peers and for what has no gateway."""
    to_external = target.kind is PeerKind.EBGP
    ours = target.next_hop == "self" or (target.next_hop == "auto" and to_external)
    if ours or not path.attributes.next_hop or _link_local(path.attributes.next_hop):
        changes["next_hop"] = target.local_address


def _link_local(address: bytes) -> bool:
    return (
        address[:2] == b"\xa9\xfe" if len(address) == 4 else address[0] == 0xFE and address[1] & 0xC0 == 0x80
    )


def _prepend_local_as(path: Path, target: Target, changes: dict[str, Any]) -> None:
    """AS_PATH (RFC 4271, section 5.1.2): our AS goes in front towards external peers."""
    changes["as_path"] = prepend_as_path(path.attributes.as_path, (target.local_as,))


def _drop_learned_med(path: Path, _: Target, changes: dict[str, Any]) -> None:
    """MED (RFC 4271, section 5.1.4): learned from one neighbouring AS, it does not go to another."""
    if path.source.kind is not PeerKind.LOCAL and path.attributes.med is not None:
        changes["med"] = None


def _set_local_pref(path: Path, _: Target, changes: dict[str, Any]) -> None:
    """LOCAL_PREF (RFC 4271, section 5.1.5): always there towards internal peers."""
    if path.attributes.local_pref is None:
        changes["local_pref"] = DEFAULT_LOCAL_PREF


def _reflect(path: Path, target: Target, changes: dict[str, Any]) -> None:
    if PROPAGATION[path.source.kind, target.kind] is Propagation.REFLECTED:
        changes.update(reflected(path, target.cluster_id))


def _drop_reflection(path: Path, _: Target, changes: dict[str, Any]) -> None:
    """ORIGINATOR_ID and CLUSTER_LIST end at the border of the AS: non-transitive (RFC 4456, section 8)."""
    if path.attributes.originator_id is not None or path.attributes.cluster_list:
        changes.update(originator_id=None, cluster_list=b"")


_Step = Callable[[Path, Target, dict[str, Any]], None]
_INTERNAL_STEPS: Final[tuple[_Step, ...]] = (_next_hop, _set_local_pref, _reflect)
_STEPS: Final[dict[PeerKind, tuple[_Step, ...]]] = {
    PeerKind.EBGP: (_next_hop, _prepend_local_as, _drop_learned_med, _drop_reflection),
    PeerKind.IBGP: _INTERNAL_STEPS,
    PeerKind.IBGP_CLIENT: _INTERNAL_STEPS,
}
"""What is done to the attributes before the export policy sees them, in this order, by kind of target."""


def _sendable_next_hop(next_hop: bytes, target: Target) -> bool:
    octets = target.family.bits // 8
    return len(next_hop) in {octets, 2 * octets} or (len(next_hop) in {16, 32} and target.extended_next_hop)


def _stripped(attributes: PathAttributes, target: Target) -> PathAttributes:
    """Take away LOCAL_PREF, needed by policies but not for external peers (RFC 4271, section 5.1.5)."""
    if target.kind is not PeerKind.EBGP or attributes.local_pref is None:
        return attributes
    return attributes.replace(local_pref=None)
