"""Following the API server: list at a version, watch from it, list again when that version is gone."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from bgpd.datastore.kubernetes.client import Client, GoneError, StatusError
from bgpd.datastore.kubernetes.documents import for_bgp, mapping
from bgpd.datastore.kubernetes.kinds import ObjectKind
from bgpd.datastore.mirror import Mirror
from bgpd.datastore.tasks import together
from bgpd.resources import BlockAffinity, Problem

_LOCKED = "the datastore is locked for a migration (ClusterInformation default: datastoreReady is false)"
_FOR_SERVICES = frozenset({"Service", "EndpointSlice"})
_REFERRING = frozenset({"BGPConfiguration", "BGPPeer"})
"""Kinds that say what else is to be read."""
_SERVICE_RANGES = ("serviceClusterIPs", "serviceExternalIPs", "serviceLoadBalancerIPs")
_PASSWORDS = ("password", "nodeMeshPassword")
_SECRET = "Secret"  # noqa: S105 - a kind
_FORBIDDEN, _NOT_FOUND = 403, 404
RETRY_REFUSED = 30.0
"""Seconds after which a kind that could not be read is tried again."""


class Follower:
    """Keeps a mirror like the objects of some kinds; each has a position, the last version known of it.

    Services and their EndpointSlices, which are many and change all the time, are read from the moment on
    that services are to be advertised: a BGPConfiguration says so, or (`advertise_services`) the environment.
    Of Secrets only those are kept that a password refers to.
    """

    def __init__(
        self, client: Client, kinds: Sequence[ObjectKind], node: str | None, *, advertise_services: bool
    ) -> None:
        self._client = client
        self._kinds = kinds
        self._node = node
        self._secrets: set[str] = set()
        self._another_secret = asyncio.Event()
        self._advertise = asyncio.Event()
        if advertise_services:
            self._advertise.set()
        self._positions: dict[str, str | None] = {kind.kind: None for kind in kinds}

    def forget(self) -> None:
        """List everything anew, next time."""
        self._positions = dict.fromkeys(self._positions)

    async def list(self, mirror: Mirror) -> None:
        """Bring the mirror up to date with the kinds that have no position. Raises DatastoreError."""
        for kind in self._kinds:  # BGPConfigurations come first
            if self._is_wanted(kind):
                await self._list_if_needed(kind, mirror)

    async def follow(self, mirror: Mirror) -> None:
        """Keep the mirror up to date until that fails: raises DatastoreError."""
        with suppress(StatusError):  # an answer, too
            await self._client.probe(self._kinds[0])
        await self.list(mirror)
        mirror.catch_up()
        await together(*(self._follow(kind, mirror) for kind in self._kinds))

    async def _follow(self, kind: ObjectKind, mirror: Mirror) -> None:
        if not self._is_wanted(kind):
            await self._advertise.wait()
        while True:
            await self._list_if_needed(kind, mirror)
            position = self._positions[kind.kind]
            if position is None:
                await asyncio.sleep(RETRY_REFUSED)
                continue
            try:
                await together(self._watch(kind, position, mirror), self._interrupt(kind))
            except GoneError:
                self._positions[kind.kind] = None

    async def _watch(self, kind: ObjectKind, position: str, mirror: Mirror) -> None:
        async for event, found in self._client.watch(kind, position):
            self._take(kind, event, found, mirror)

    async def _interrupt(self, kind: ObjectKind) -> None:
        """End the watch of Secrets when another one is referred to: it has to be listed first."""
        if kind.kind == _SECRET:
            await self._another_secret.wait()
            self._another_secret.clear()
            raise GoneError("another Secret is referred to")

    def _is_wanted(self, kind: ObjectKind) -> bool:
        return kind.kind not in _FOR_SERVICES or self._advertise.is_set()

    async def _list_if_needed(self, kind: ObjectKind, mirror: Mirror) -> None:
        """List a kind that has no position; one that may not be read is a fault, and the rest goes on."""
        while self._positions[kind.kind] is None:
            try:
                self._positions[kind.kind] = await self._list(kind, mirror)
            except GoneError:
                continue  # between two pages: from the beginning
            except StatusError as error:
                if error.code not in {_FORBIDDEN, _NOT_FOUND}:
                    raise
                mirror.put_unreadable(kind.plural, str(error), _refused(kind, error))
                return
        mirror.remove(kind.plural)

    async def _list(self, kind: ObjectKind, mirror: Mirror) -> str:
        if kind.kind == _SECRET:
            self._another_secret.clear()
        present: set[str] = set()
        at = ""
        async for version, found in self._client.pages(kind):
            at = version
            for each in found:
                present.add(_where(kind, each))
                self._put(kind, each, mirror)
        mirror.retain(f"{kind.plural}/", f"{kind.plural}0", present)
        return at

    def _take(self, kind: ObjectKind, event: str, found: Mapping[str, Any], mirror: Mirror) -> None:
        self._positions[kind.kind] = _version(found)
        if event in {"ADDED", "MODIFIED"}:
            self._put(kind, found, mirror)
        elif event == "DELETED" and kind.info is None:
            mirror.set_hold("")
        elif event == "DELETED":
            mirror.remove(_where(kind, found))

    def _put(self, kind: ObjectKind, found: Mapping[str, Any], mirror: Mirror) -> None:
        if kind.info is None:
            ready = mapping(found.get("spec")).get("datastoreReady")
            mirror.set_hold(_LOCKED if ready is False else "")
            return
        if kind.kind in _REFERRING:
            self._note_references(mapping(found.get("spec")))
        where, version = _where(kind, found), _version(found)
        if mirror.knows(where, version) or self._is_left_out(kind, found):
            return
        document, problems = kind.decode(for_bgp(kind.kind, found))
        mirror.put(where, version, document, problems)

    def _note_references(self, spec: Mapping[str, Any]) -> None:
        """Note what else is to be read because of this object."""
        if any(spec.get(ranges) for ranges in _SERVICE_RANGES):
            self._advertise.set()
        for field in _PASSWORDS:
            name = mapping(mapping(spec.get(field)).get("secretKeyRef")).get("name")
            if name and name not in self._secrets:
                self._secrets.add(name)
                self._another_secret.set()

    def _is_left_out(self, kind: ObjectKind, found: Mapping[str, Any]) -> bool:
        """Tell block affinities of other nodes, and Secrets that are not for us."""
        if kind.kind == BlockAffinity.__name__:
            return self._node is not None and mapping(found.get("spec")).get("node") != self._node
        return kind.kind == _SECRET and found["metadata"]["name"] not in self._secrets


def _where(kind: ObjectKind, found: Mapping[str, Any]) -> str:
    metadata = found["metadata"]
    namespace = metadata.get("namespace")
    return "/".join(filter(None, (kind.plural, namespace, metadata["name"])))


def _version(found: Mapping[str, Any]) -> str:
    return str(found["metadata"].get("resourceVersion", ""))


def _refused(kind: ObjectKind, error: StatusError) -> Problem:
    remedy = "what was known of them stays in force"
    if error.code == _FORBIDDEN:
        remedy = f"allow get, list and watch of {kind.plural}, as deploy/rbac.yaml does"
    return Problem("", f"cannot be read: {error}", remedy=remedy)
