"""Routes that programs on this node ask for: who has which, and their way into the tables."""

import rib
import wire
from bgpd import api
from bgpd.events import EventLog
from bgpd.speaker import Speaker


class Originator:
    """Keeps what was asked for until it is withdrawn; leases are the API's business."""

    def __init__(self, speaker: Speaker, events: EventLog) -> None:
        self._speaker = speaker
        self._events = events
        self._kept: dict[str, api.Origination] = {}

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
        self._kept[prefix] = origination
        self._speaker.tables.request(*wire.parse_prefix(prefix), _route(origination))
        self._events.record("route", f"{prefix} is originated: a program asked for it")

    def withdraw(self, prefix: str) -> None:
        """Originate a route no longer; raises NotFoundError."""
        if self._kept.pop(prefix, None) is None:
            raise api.NotFoundError(f"nobody asked for {prefix}", "`bgpctl originate` lists what is")
        self._speaker.tables.request(*wire.parse_prefix(prefix), None)
        self._events.record("route", f"{prefix} is no longer originated")


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
