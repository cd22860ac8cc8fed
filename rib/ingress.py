"""What becomes of attributes on the way in, once per set: loop checks, next hop, import policy."""

from collections.abc import Sequence
from typing import Final

from rib.arrival import Arrival
from rib.next_hop import NextHopTable
from rib.path import Path, Terms
from rib.policy_batch import BatchPolicy, PrefixClass
from rib.policy_route import route_of
from rib.settings import PeerSettings
from rib.source import Source
from wire import Bulk, Family, PathAttributes, Prefix, decode_usual

__all__ = ["Batch", "Ingress"]

Batch = tuple[Path, Sequence[Prefix]]
"""A path and the prefixes that it is for."""

_MEMO: Final = 8192
"""Attribute sets remembered. Forgetting one costs a second equal path and nothing else."""


class Ingress:
    """The entrance for one peer's routes."""

    def __init__(
        self,
        settings: PeerSettings,
        source: Source,
        *,
        bgp_identifier: bytes,
        next_hops: dict[int, NextHopTable],
    ) -> None:
        self.source = source
        self._arrival = Arrival(settings, bgp_identifier=bgp_identifier, cluster_id=source.cluster_id)
        self._next_hops = next_hops
        self._policies = {family: BatchPolicy(policy) for family, policy in settings.import_policy.items()}
        self._received: dict[int | tuple[int, int], Path] = {}
        self._varied: dict[tuple[Path, PrefixClass], Path] = {}
        self._terms: Terms | None = None
        """Of the bulk that came last, and `_usual` its paths by their attribute lists."""
        self._usual: dict[bytes, Path] = {}

    def forget(self) -> None:
        """Forget all paths: what comes from now on is to be told from what came before."""
        self._received = {}
        self._varied = {}
        self._terms = None

    def bulk(self, bulk: Bulk) -> list[Batch]:
        """Return the paths that routes in bulk have after the import policy."""
        family, next_hop, routes = bulk
        terms = self._terms_of(bulk)
        batches: list[Batch] = []
        if terms is None:
            for octets, prefixes in routes:
                batches += self.paths(family, decode_usual(octets, next_hop), 0, prefixes)
            return batches
        known = self._usual = self._usual if len(self._usual) < _MEMO else {}
        for octets, prefixes in routes:
            path = known.get(octets)
            if path is None:
                path = known[octets] = Path(terms, octets)
            batches.append((path, prefixes))
        return batches

    def _terms_of(self, bulk: Bulk) -> Terms | None:
        """Return the terms that all routes of a bulk have; None where they must be looked at one by one."""
        family, next_hop, routes = bulk
        if not self._arrival.passes(next_hop, [octets for octets, _ in routes]):
            return None
        resolution = self._next_hops[len(next_hop)].resolve(next_hop)
        rejected = None
        policy = self._policies.get(family)
        if policy is not None:
            settled = policy.settled_for_all(
                self.source.protocol,
                None if resolution is None else resolution.interface,
                [prefixes for _, prefixes in routes],
            )
            if settled is None:
                return None
            accept, rule = settled
            rejected = None if accept else rule
        known = self._terms
        if known is None or (known.next_hop, known.resolution, known.rejected) != (
            next_hop,
            resolution,
            rejected,
        ):
            self._terms = Terms(self.source, next_hop, resolution=resolution, rejected=rejected)
            self._usual = {}
        return self._terms

    def paths(
        self, family: Family, attributes: PathAttributes, path_id: int, prefixes: Sequence[Prefix]
    ) -> list[Batch]:
        """Return the paths that announced prefixes have after the import policy."""
        # The path keeps its attributes alive, so their identity stands for them while the path is known.
        key = (id(attributes), path_id) if path_id else id(attributes)
        path = self._received.get(key)
        if path is None:
            if len(self._received) >= _MEMO:
                self.forget()
            path = self._received[key] = self._path(attributes, path_id)
        policy = self._policies.get(family)
        if policy is None or path.rejected is not None:
            return [(path, prefixes)]
        return [(self._remembered(policy, path, part, of), of) for part, of in policy.classes(prefixes)]

    def _remembered(
        self, policy: BatchPolicy, path: Path, prefix_class: PrefixClass, prefixes: Sequence[Prefix]
    ) -> Path:
        key = (path, prefix_class)
        known = self._varied.get(key)
        if known is None:
            known = self._varied[key] = _after_policy(policy, path, prefix_class, prefixes[0])
        return known

    def reconsider(
        self,
        family: Family,
        old: Path,
        prefixes: Sequence[Prefix],
        attributes: PathAttributes | None = None,
    ) -> list[Batch]:
        """Return what takes the place of a path when this entrance or a next hop has changed."""
        path = self._path(attributes or old.received.attributes, old.path_id)
        path.stale = old.stale
        policy = self._policies.get(family)
        if policy is None or path.rejected is not None:
            return [(path, prefixes)]
        return [(_after_policy(policy, path, part, of[0]), of) for part, of in policy.classes(prefixes)]

    def _path(self, attributes: PathAttributes, path_id: int) -> Path:
        next_hop = attributes.next_hop
        terms = Terms(
            self.source,
            next_hop,
            path_id,
            resolution=self._next_hops[len(next_hop)].resolve(next_hop),
            rejected=self._arrival.refusal(attributes),
        )
        path = Path(terms, attributes)
        changed = self._arrival.changed(attributes)
        return path if changed is attributes or path.rejected else path.varied(attributes=changed)


def _after_policy(policy: BatchPolicy, path: Path, prefix_class: PrefixClass, prefix: Prefix) -> Path:
    local_pref = path.attributes.local_pref
    settled = policy.settled(path.source.protocol, path.interface, prefix_class, local_pref)
    if settled is None:
        accept, rule, route = policy.run(route_of(path, path.attributes, prefix), prefix_class)
        attributes, preference = route.attributes, route.preference
    else:
        (accept, rule), attributes, preference = settled, path.attributes, path.preference
    if not accept:
        varied = path.varied(rejected=rule)
    elif attributes is path.attributes and preference == path.preference:
        return path
    else:
        varied = path.varied(attributes=attributes, preference=preference)
    varied.stale = path.stale
    return varied
