"""The exporter to one BMP station (RFC 7854): connects, shows all there is, then what comes."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from itertools import islice

import fsm
import wire
from bgpd import __version__
from bgpd.events import EventLog
from bgpd.monitoring.adj_rib_in import announcements
from bgpd.monitoring.endings import peer_down
from bgpd.monitoring.feed import Feed
from bgpd.monitoring.monitor import Monitor
from bgpd.monitoring.session import Transition, WatchedSession
from bgpd.monitoring.statistics import statistics
from wire import Family, bmp

_CONNECT_SECONDS = 30.0
_LASTING = 60.0
"""Seconds a connection must have lasted for the next failure to count as the first."""
_STATISTICS_SECONDS = 60.0
_SLICE = 2000
"""Prefixes of a dump between two turns of the event loop: some milliseconds."""
_TIME_UNKNOWN = 0
"""Routes of a dump: when they came is not kept (RFC 7854, section 4.2)."""


def backoff(failures: int) -> float:
    """Return the seconds to wait after so many failures in a row (RFC 7854, section 3.2)."""
    return min(720.0, 30.0 * (1 << min(failures - 1, 5)))


class BmpStation:
    """Feeds one station, as an observer, for as long as `run` runs.

    A station that reads too slowly is left and begins anew later: that bounds what it can cost. Nothing here
    waits in the way of BGP.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        name: str,
        monitor: Monitor,
        events: EventLog,
        backoff: Callable[[int], float] = backoff,
    ) -> None:
        self.endpoint = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self._address = host, port
        self._name = name
        self._monitor = monitor
        self._events = events
        self._backoff = backoff
        self._feed: Feed | None = None
        self._headers: dict[WatchedSession, bytes] = {}
        """Per-peer headers of the sessions that the station knows."""
        self._told = ""

    @property
    def connected(self) -> bool:
        """Whether the station is being fed."""
        return self._feed is not None

    # --- the connection -----------------------------------------------------------------------------------

    async def run(self) -> None:
        """Stay connected, until cancelled."""
        loop = asyncio.get_running_loop()
        failures = 0
        while True:
            begun = loop.time()
            self._tell(await self._feed_station(), logging.WARNING)
            failures = 1 if loop.time() - begun > _LASTING else failures + 1
            await asyncio.sleep(self._backoff(failures))

    async def _feed_station(self) -> str:
        """Connect and feed; return why that ended."""
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                loop = asyncio.get_running_loop()
                _, feed = await loop.create_connection(Feed, *self._address)
        except OSError as error:
            return f"cannot connect: {error.strerror or str(error) or 'timed out'}"
        self._begin(feed)
        try:
            async with asyncio.TaskGroup() as group:
                jobs = [group.create_task(job) for job in (self._dump(feed), self._report(feed))]
                reason = await feed.closed
                for job in jobs:
                    job.cancel()
            return reason
        finally:
            self._feed, self._headers = None, {}
            feed.put(bmp.encode_termination(bmp.TerminationReason.ADMINISTRATIVELY_CLOSED))
            feed.close()

    def _begin(self, feed: Feed) -> None:
        self._feed = feed
        self._tell("connected", logging.INFO)
        feed.put(bmp.encode_initiation(name=self._name, description=f"bgpd {__version__}"))
        for session in self._monitor.sessions.values():
            self.session_up(session)

    def _tell(self, text: str, level: int) -> None:
        """Record what is new; an attempt that fails like the one before is not."""
        if text != self._told:
            self._told = text
            self._events.record("bmp", f"BMP station {self.endpoint}: {text}", level=level)

    # --- what there is ------------------------------------------------------------------------------------

    async def _dump(self, feed: Feed) -> None:
        """Show the Adj-RIBs-In of the sessions that are up by now; those of others are seen as they come."""
        headers = dict(self._headers)
        for family in Family:
            walk = self._monitor.router.candidates(family) if self._monitor.router else iter(())
            while part := list(islice(walk, _SLICE)):
                sessions = {session.key: session for session in headers if session in self._headers}
                for session, update in announcements(sessions, family, part):
                    feed.put(bmp.encode_route_monitoring(headers[session], _TIME_UNKNOWN, update))
                await feed.ready()
            end_of_rib = wire.encode_end_of_rib(family)
            for session, header in headers.items():
                if session in self._headers and family in session.negotiated.families:
                    feed.put(bmp.encode_route_monitoring(header, _TIME_UNKNOWN, end_of_rib))

    async def _report(self, feed: Feed) -> None:
        while True:
            await asyncio.sleep(_STATISTICS_SECONDS)
            router, now = self._monitor.router, self._monitor.now()
            if router is None:
                continue
            for session, header in self._headers.items():
                feed.put(bmp.encode_statistics(header, now, *statistics(router, session)))

    # --- what comes (Observer) ----------------------------------------------------------------------------

    def session_up(self, session: WatchedSession) -> None:
        """Send Peer Up (section 4.10)."""
        if self._feed is None:
            return
        negotiated = session.negotiated
        header = self._headers[session] = bmp.encode_peer_header(
            address=session.address,
            as_number=negotiated.peer_as,
            bgp_identifier=negotiated.peer_identifier,
            two_octet_as=not negotiated.four_octet_as,
        )
        local_port, remote_port = session.ports
        message = bmp.encode_peer_up(
            header,
            session.since,
            local_address=session.local_address,
            local_port=local_port,
            remote_port=remote_port,
            sent=wire.encode_open(negotiated.own_open),
            received=wire.encode_open(negotiated.peer_open),
        )
        self._feed.put(message)

    def session_down(self, session: WatchedSession, down: fsm.Down, at: int) -> None:
        """Send Peer Down (section 4.9)."""
        header = self._headers.pop(session, None)
        if self._feed is not None and header is not None:
            self._feed.put(bmp.encode_peer_down(header, at, *peer_down(down)))

    def updates_received(self, session: WatchedSession, updates: Sequence[bytes], at: int) -> None:
        """Send Route Monitoring (section 4.6)."""
        if self._feed is not None:
            header = self._headers[session]
            for update in updates:
                self._feed.put(bmp.encode_route_monitoring(header, at, update))

    def routes_expired(self, session: WatchedSession, updates: Sequence[bytes]) -> None:
        """Send Route Monitoring for what nobody sent."""
        self.updates_received(session, updates, self._monitor.now())

    def state_changed(self, transition: Transition, at: int) -> None:
        """Send nothing: BMP knows sessions that are up and sessions that are not."""
