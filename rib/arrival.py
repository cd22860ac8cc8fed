"""What BGP itself says about attributes that arrive, before any policy: refusals and changes."""

from collections.abc import Iterable
from typing import Any, Final

from rib import roles
from rib.path import carries
from rib.refusal import Refusal
from rib.settings import PeerSettings
from rib.source import PeerKind
from wire import PathAttributes, WellKnownCommunity

__all__ = ["Arrival"]

_LOWEST_LOCAL_PREF: Final = 0
_GRACEFUL_SHUTDOWN: Final = WellKnownCommunity.GRACEFUL_SHUTDOWN.to_bytes(4, "big")


class Arrival:
    """The rules for one peer's routes."""

    def __init__(self, settings: PeerSettings, *, bgp_identifier: bytes, cluster_id: bytes) -> None:
        self._settings = settings
        self._local_as = settings.local_as.to_bytes(4, "big")
        self._bgp_identifier = bgp_identifier
        self._cluster_id = cluster_id
        self._own_addresses = {settings.local_address, *settings.local_addresses.values()}
        self._external = settings.kind is PeerKind.EBGP
        self._marks = roles.marks_arrivals(settings.role)

    def passes(self, next_hop: bytes, lists: Iterable[bytes]) -> bool:
        """Whether no route with this next hop and one of these usual attribute lists is refused or changed.

        False where that takes a closer look. Lists from internal peers always take one.
        """
        if self._marks or not self._external or next_hop[:16] in self._own_addresses:
            return False
        octets = b"".join(lists)
        return octets.find(self._local_as) < 0 and octets.find(_GRACEFUL_SHUTDOWN) < 0

    def refusal(self, attributes: PathAttributes) -> Refusal | None:
        """Return why a route must not be used, None when it may."""
        settings = self._settings
        # These octets are rarely there; only then is it worth looking whether they are our AS.
        seen = attributes.as_path.find(self._local_as) >= 0
        if seen and attributes.as_path_count(settings.local_as) > settings.allow_local_as:
            return Refusal.AS_PATH_LOOP
        if attributes.originator_id == self._bgp_identifier:
            return Refusal.ORIGINATOR_ID_LOOP
        clusters = attributes.cluster_list
        if clusters and self._cluster_id in [clusters[n : n + 4] for n in range(0, len(clusters), 4)]:
            return Refusal.CLUSTER_LIST_LOOP
        if attributes.next_hop[:16] in self._own_addresses:
            return Refusal.OWN_NEXT_HOP
        marked = attributes.only_to_customer
        if marked is not None and roles.is_leaked(settings.role, marked, settings.peer_as):
            return Refusal.ROUTE_LEAK
        return None

    def changed(self, attributes: PathAttributes) -> PathAttributes:
        """Return the attributes as they are used: the same object where nothing has to be changed."""
        if not self._external or not (self._marks or attributes.communities):
            return attributes
        changes: dict[str, Any] = {}
        if self._marks and attributes.only_to_customer is None:
            changes["only_to_customer"] = self._settings.peer_as
        if carries(attributes.communities, WellKnownCommunity.GRACEFUL_SHUTDOWN):
            # RFC 8326, section 4: its sender is about to go; anything else is better.
            changes["local_pref"] = _LOWEST_LOCAL_PREF
        return attributes.replace(**changes) if changes else attributes
