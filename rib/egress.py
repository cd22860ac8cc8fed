"""What becomes of a path on its way to a target: refusals, changes by BGP, export policy, in that order."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from rib import roles
from rib.conditions import asks_for_more
from rib.departure import Departure
from rib.path import DEFAULT_LOCAL_PREF, Path, Terms, carries
from rib.policy_batch import BatchPolicy, PrefixClass
from rib.policy_route import route_of
from rib.reflection import PROPAGATION, Propagation
from rib.source import PeerKind
from rib.target import Target
from wire import PathAttributes, Prefix, WellKnownCommunity

__all__ = ["Egress", "Export"]


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
        self._departure = Departure(target)
        self._external = target.kind is PeerKind.EBGP
        self._next_hop_lengths = _next_hop_lengths(target)
        self._sends_marked = roles.sends_marked(target.role)

    def classes(self, prefixes: Sequence[Prefix]) -> list[tuple[PrefixClass, Sequence[Prefix]]]:
        """Part prefixes by what can make a difference to the export policy."""
        return [(0, prefixes)] if self._policy is None else self._policy.classes(prefixes)

    @property
    def settles(self) -> bool:
        """Whether the export policy leaves routes as they are, and looks at none of them closely."""
        policy = None if self._policy is None else self._policy.policy
        return policy is None or not any(rule.operations or asks_for_more(rule) for rule in policy.rules)

    def accepts(self, terms: Terms, prefix_class: PrefixClass) -> bool:
        """Whether the export policy surely accepts routes of these terms, which have no LOCAL_PREF."""
        if self._policy is None:
            return True
        settled = self._policy.settled(terms.source.protocol, terms.interface, prefix_class, None)
        return settled is not None and settled[0]

    def accepts_all(self, terms: Terms, batches: Iterable[Sequence[Prefix]]) -> bool:
        """Whether the export policy surely accepts all routes of these terms, which have no LOCAL_PREF."""
        if self._policy is None:
            return True
        settled = self._policy.settled_for_all(terms.source.protocol, terms.interface, batches)
        return settled is not None and settled[0]

    def class_of(self, prefix: Prefix) -> PrefixClass:
        """Return the class of one prefix."""
        return 0 if self._policy is None else self._policy.class_of(prefix)

    def export(self, path: Path, prefix_class: PrefixClass, prefix: Prefix) -> Export:
        """Return what the target gets of a path for the prefixes of one class, `prefix` being one of them."""
        refusal = self._refusal(path)
        if refusal is not None:
            return Export(None, refusal)
        attributes = self._departure.changed(path)
        if len(attributes.next_hop) not in self._next_hop_lengths:
            return Export(None, "no next hop that the peer can use for this family (RFC 8950)")
        if self._policy is None:
            return Export(self._finished(attributes), "no export policy")
        local_pref = attributes.local_pref
        settled = self._policy.settled(path.source.protocol, path.interface, prefix_class, local_pref)
        if settled is None:
            outcome = self._policy.run(route_of(path, attributes, prefix), prefix_class)
            accept, rule, attributes = outcome.accept, outcome.rule, outcome.route.attributes
        else:
            accept, rule = settled
        return Export(self._finished(attributes) if accept else None, rule)

    def sends(self, path: Path, prefix_class: PrefixClass, prefix: Prefix) -> bool:
        """Whether `export` gives attributes, which mostly need not be made for that."""
        next_hop = path.terms.next_hop or self._target.local_address
        if {len(next_hop), len(self._target.local_address)} <= self._next_hop_lengths:
            if self._refusal(path) is not None:
                return False
            if self._policy is None:
                return True
            settled = self._policy.settled(
                path.source.protocol, path.interface, prefix_class, self._local_pref(path)
            )
            if settled is not None:
                return settled[0]
        return self.export(path, prefix_class, prefix).attributes is not None

    def _local_pref(self, path: Path) -> int | None:
        """Return LOCAL_PREF as the policy will see it (RFC 4271, section 5.1.5)."""
        present = path.attributes.local_pref
        return DEFAULT_LOCAL_PREF if present is None and not self._external else present

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
