"""The daemon: what is started and stopped in which order, signals, and the loop from snapshot to intent."""

import asyncio
import contextlib
import logging
import os
import signal
import time
from functools import cached_property
from typing import TYPE_CHECKING

from bgpd import log
from bgpd.api import ApiServer, SocketError
from bgpd.datastore import Datastore
from bgpd.datastore.state_cache import state_directory
from bgpd.drain import drained
from bgpd.events import EventLog
from bgpd.intent import Intent, compile_intent
from bgpd.kernel import Kernel
from bgpd.monitoring import Monitor
from bgpd.monitoring.watchers import Watchers
from bgpd.node_reporter import NodeReporter
from bgpd.resources import CalicoNodeStatus, Fault, Snapshot
from bgpd.resources.calico_node_status import NodeReport
from bgpd.settings import Settings
from bgpd.speaker import Speaker
from bgpd.standing import StandingOrders
from bgpd.state import DaemonState
from bgpd.systemd import Notifier

if TYPE_CHECKING:
    from bgpd.originator import Originator
    from bgpd.status import View

_LOGGER = logging.getLogger(__name__)
_LAG_INTERVAL = 1.0
_RESTART_WAIT = 120.0
"""Seconds after the first intent in which peers may bring back routes that the kernel has from before."""
_LEVELS = {"error": logging.ERROR, "warning": logging.WARNING}


class Daemon:
    """One node's router as a process."""

    def __init__(self, settings: Settings, datastore: Datastore) -> None:
        self._settings = settings
        self._datastore = datastore
        self._state = DaemonState(node=settings.node, datastore=datastore)
        self._events = EventLog()
        self._notifier = Notifier()
        self._monitor = Monitor()
        self._watchers = Watchers(settings, self._monitor, self._events)
        self._state.stations = self._watchers.stations
        self._standing = StandingOrders(state_directory(os.environ), settings.socket, self._events)
        self._state.draining = self._standing.draining
        self._faults: frozenset[str] = frozenset()
        self._speaker: Speaker
        self._kernel: Kernel | None = None
        self._reporter: NodeReporter

    async def run(self) -> int:
        """Run until SIGTERM or SIGINT; gives the exit status."""
        kernel = self._kernel = self._make_kernel()
        self._speaker = Speaker(events=self._events, fib=kernel, monitor=self._monitor)
        server = ApiServer(lambda: self._view)
        self._reporter = NodeReporter(self._settings.node, self._datastore, self._node_report)
        try:
            if kernel is not None:
                await self._start_kernel(kernel)
            if self._standing.originations:
                self._originator.restore()
            await self._serve(server)
            await self._work(kernel)
        except SocketError as error:
            _LOGGER.error("%s", error)
            return 2
        finally:
            await server.close()
            await self._stop(kernel)
        return 0

    @cached_property
    def _view(self) -> "View":
        """What the API and reports show of all this; imported with the first question: it is not small."""
        from bgpd.orders import Orders
        from bgpd.status import View

        return View(
            self._state,
            self._speaker,
            self._kernel,
            events=self._events,
            orders=Orders(self._speaker, self._drain),
            originator=self._originator,
        )

    @cached_property
    def _originator(self) -> "Originator":
        """What keeps the routes that programs ask for; few nodes have any."""
        from bgpd.originator import Originator

        return Originator(self._speaker, self._events, self._standing)

    def _node_report(self, wanted: CalicoNodeStatus) -> NodeReport:
        return self._view.node_report(wanted)

    # --- start and stop -----------------------------------------------------------------------------------

    def _make_kernel(self) -> Kernel | None:
        if not self._settings.kernel:
            return None
        adopt = self._settings.adopt_protocol
        return Kernel(adopt_protocols=() if adopt is None else (adopt,))

    async def _start_kernel(self, kernel: Kernel) -> None:
        await kernel.start()
        self._speaker.restarted(kernel.adopted)
        self._state.recovering = bool(kernel.adopted)
        kernel.subscribe(self._speaker.tables.kernel_changed)

    async def _serve(self, server: ApiServer) -> None:
        await server.start(self._settings.socket)
        address = self._settings.metrics_address
        if address is not None:
            await server.start_metrics(*address)
        if self._settings.bird_socket:
            await server.start_bird(self._settings.bird_socket)

    async def _work(self, kernel: Kernel | None) -> None:
        """Follow the datastore until a signal says stop."""
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        async with asyncio.TaskGroup() as group:
            jobs = [
                group.create_task(self._follow_datastore()),
                group.create_task(self._watch_loop()),
                group.create_task(self._watchers.run()),
                group.create_task(self._finish_restart(kernel)),
            ]
            loop.add_signal_handler(signal.SIGHUP, lambda: group.create_task(self._datastore.refresh()))
            self._notifier.notify("READY=1")
            await stop.wait()
            self._notifier.notify("STOPPING=1")
            for job in jobs:
                job.cancel()

    async def _stop(self, kernel: Kernel | None) -> None:
        withdraw = self._settings.withdraw_on_exit
        await self._reporter.close()
        await self._speaker.stop(withdraw=withdraw)
        if kernel is not None:
            if withdraw:
                await kernel.withdraw_all()
            await kernel.close()
        await self._datastore.close()

    async def _finish_restart(self, kernel: Kernel | None) -> None:
        """Sweep the kernel routes of an earlier run that no peer has brought back."""
        if kernel is None:
            return
        await self._speaker.configured.wait()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_RESTART_WAIT):
                await self._speaker.converged.wait()
        await self._speaker.tables.decided.wait()  # what is not decided yet must not be swept
        kernel.finish_restart()
        self._state.recovering = False

    # --- from snapshot to intent --------------------------------------------------------------------------

    async def _follow_datastore(self) -> None:
        async for snapshot in self._datastore.snapshots():
            self._state.snapshot = snapshot
            self._report_faults(snapshot.faults)
            try:
                self._apply(snapshot)
                self._reporter.follow(snapshot)
            except Exception:
                # Whatever a set of resources may trip over, the sessions that run go on as they are.
                _LOGGER.exception("the resources could not be applied; what was running goes on")

    def _apply(self, snapshot: Snapshot) -> None:
        begun = time.perf_counter()
        if self._state.draining:
            snapshot = drained(snapshot, self._settings.node)
        intent = compile_intent(snapshot, self._settings.node, os.environ)
        self._state.intent_seconds = time.perf_counter() - begun
        previous, self._state.intent = self._state.intent, intent
        if intent.ready:
            if self._settings.log_level is None:
                log.set_level(intent.log_level)
            self._speaker.apply(intent)
            self._state.applied_at = time.time()
        if previous is None or intent.reason != previous.reason:
            self._report_readiness(intent)

    def _drain(self, draining: bool) -> None:
        """Enter or leave the drained state, by what the resources say with or without it."""
        self._state.draining = draining
        self._standing.keep(draining=draining)
        self._events.record("drain", "draining" if draining else "no longer draining")
        if self._state.snapshot is not None:
            self._apply(self._state.snapshot)

    def _report_readiness(self, intent: Intent) -> None:
        if intent.ready:
            text = f"node {intent.node}: AS {intent.local_as}, {len(intent.sessions)} sessions configured"
            self._events.record("node", text)
        else:
            goes_on = "" if self._speaker.intent is None else "; what was running goes on"
            self._events.record("node", intent.reason + goes_on, level=logging.WARNING)
        self._notifier.notify(f"STATUS={intent.reason or 'running'}")

    def _report_faults(self, faults: tuple[Fault, ...]) -> None:
        """Log each fault once, when it appears, and say when it is gone."""
        present = {str(fault): fault for fault in faults}
        for text, fault in present.items():
            if text not in self._faults:
                self._events.record("fault", text, level=_LEVELS.get(fault.severity, logging.WARNING))
        for text in sorted(self._faults - present.keys()):
            self._events.record("fault", f"mended: {text}")
        self._faults = frozenset(present)

    # --- the loop's health --------------------------------------------------------------------------------

    async def _watch_loop(self) -> None:
        """Measure how late the event loop is; it feeds the watchdog, so that a stuck loop is restarted."""
        interval = min(_LAG_INTERVAL, self._notifier.watchdog_interval or _LAG_INTERVAL)
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + interval
            await asyncio.sleep(interval)
            self._state.loop_lag = max(0.0, loop.time() - due)
            self._notifier.notify("WATCHDOG=1")
