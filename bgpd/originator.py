"""Routes that programs on this node ask for: who has which, and their way into the tables."""

import json
import logging

import rib
import wire
from bgpd import api
from bgpd.api.originate import origination_document, read_origination
from bgpd.api.values import BadRequestError
from bgpd.events import EventLog
from bgpd.speaker import Speaker
from bgpd.standing import StandingOrders


class Originator:
    """Keeps what was asked for until it is withdrawn, what is permanent over a restart of the daemon as well.

    Leases are the API's business.
    """

    def __init__(self, speaker: Speaker, events: EventLog, standing: StandingOrders) -> None:
        self._speaker = speaker
        self._events = events
        self._standing = standing
        self._kept: dict[str, api.Origination] = {}

    def restore(self) -> None:
        """Originate what was asked for permanently before the daemon was started."""
        for document in self._standing.originations:
            try:
                self._take(read_origination(json.dumps(document)))
            except BadRequestError as error:
                self._events.record("route", f"no use as a permanent route: {error}", level=logging.WARNING)

    def originations(self) -> list[api.Origination]:
        """Give what is originated, by prefix."""
        return [self._kept[prefix] for prefix in sorted(self._kept)]

    def originate(self, origination: api.Origination) -> None:
        """Originate a route; raises RefusedError when somebody else does."""
        prefix = origination.prefix
        if prefix in self._kept:
            raise api.RefusedError(
                f"{prefix} is originated already",
                f"`bgpctl originate --withdraw {prefix}` takes it from whoever asked for it",
            )
        self._take(origination)
        if origination.permanent:
            self._stand()

    def withdraw(self, prefix: str) -> None:
        """Originate a route no longer; raises NotFoundError."""
        gone = self._kept.pop(prefix, None)
        if gone is None:
            raise api.NotFoundError(f"nobody asked for {prefix}", "`bgpctl originate` lists what is")
        self._speaker.tables.request(*wire.parse_prefix(prefix), None)
        self._events.record("route", f"{prefix} is no longer originated")
        if gone.permanent:
            self._stand()

    def _take(self, origination: api.Origination) -> None:
        prefix = origination.prefix
        self._kept[prefix] = origination
        self._speaker.tables.request(*wire.parse_prefix(prefix), _route(origination))
        self._events.record("route", f"{prefix} is originated: a program asked for it")

    def _stand(self) -> None:
        permanent = (one for one in self.originations() if one.permanent)
        self._standing.keep(originations=[origination_document(one) for one in permanent])


def _route(origination: api.Origination) -> rib.LocalRoute:
    """Make a route that is advertised and not installed: whoever asks for it handles its packets."""
    values = origination.communities
    return rib.LocalRoute(
        kind="unicast" if origination.next_hop else "blackhole",
        gateway=wire.parse_address(origination.next_hop) if origination.next_hop else None,
        communities=tuple(value[0] << 16 | value[1] for value in values if len(value) == 2),
        large_communities=tuple((value[0], value[1], value[2]) for value in values if len(value) == 3),
        install=False,
    )
