"""BFD beside the event loop of BGP: a table that takes long to decide must not look like a node that died."""

import asyncio
import threading
from collections.abc import Mapping

from bgpd.speaker.bfd import BfdChange, BfdPeers, Report, Watch
from fsm.bfd import BfdState


class BfdThread:
    """Runs the BFD sessions in a thread with an event loop of its own; there is none while nobody is watched.

    `report` is called on the event loop that this was made on.
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        self._home = asyncio.get_running_loop()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._peers: BfdPeers | None = None
        self._states: dict[str, BfdState] = {}

    def state(self, address: str) -> BfdState | None:
        """Return the state of a peer's session as last reported; None: the peer is not watched."""
        return self._states.get(address)

    def watch(self, watches: Mapping[str, Watch]) -> None:
        """Watch exactly these peers."""
        self._states = {address: self._states.get(address, BfdState.DOWN) for address in watches}
        if watches and self._loop is None:
            self._start()
        if self._loop is not None and self._peers is not None:
            self._loop.call_soon_threadsafe(self._peers.watch, watches)

    def close(self) -> None:
        """End all sessions by intent, so that nobody thinks that we died, and then the thread."""
        if self._loop is None or self._thread is None:
            return
        self.watch({})
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._loop = self._thread = self._peers = None

    def _start(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._peers = BfdPeers(self._loop, self._report_home)
        self._thread = threading.Thread(target=self._loop.run_forever, name="bfd", daemon=True)
        self._thread.start()

    def _report_home(self, change: BfdChange) -> None:
        self._home.call_soon_threadsafe(self._take, change)

    def _take(self, change: BfdChange) -> None:
        if change.peer in self._states:
            self._states[change.peer] = change.new
            self._report(change)
