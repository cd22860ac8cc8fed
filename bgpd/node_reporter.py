"""Writes CalicoNodeStatus resources back: at once when one asks for something new, then at its period."""

import asyncio
import logging
import time
from collections.abc import Callable

from bgpd.datastore import Datastore, DatastoreError
from bgpd.resources import CalicoNodeStatus, Snapshot
from bgpd.resources.calico_node_status import CalicoNodeStatusSpec, NodeReport

_RETRY = 10.0
"""Seconds until a report that is due once and could not be written is tried again."""

_LOGGER = logging.getLogger(__name__)

MakeReport = Callable[[CalicoNodeStatus], NodeReport]


class NodeReporter:
    """Runs one reporter for each CalicoNodeStatus of this node (calico-reference, section 11.4)."""

    def __init__(self, node: str, datastore: Datastore, make_report: MakeReport) -> None:
        self._node = node
        self._datastore = datastore
        self._make_report = make_report
        self._running: dict[str, tuple[CalicoNodeStatusSpec, asyncio.Task[None]]] = {}
        self._latest: dict[str, CalicoNodeStatus] = {}

    def follow(self, snapshot: Snapshot) -> None:
        """Start, restart and stop reporters as the resources ask; our own writes restart nothing."""
        wanted = {r.name: r for r in snapshot.of(CalicoNodeStatus) if r.spec.node == self._node}
        self._latest = wanted
        for name, (spec, task) in list(self._running.items()):
            if name not in wanted or wanted[name].spec != spec:
                task.cancel()
                del self._running[name]
        for name, resource in wanted.items():
            if name not in self._running:
                task = asyncio.create_task(self._run(name, resource.spec.update_period_seconds))
                self._running[name] = resource.spec, task

    async def close(self) -> None:
        """Stop all reporters."""
        tasks = [task for _, task in self._running.values()]
        self._running.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, name: str, period: int) -> None:
        """Report, and again every `period` seconds; 0: once."""
        while True:
            written = await self._report(self._latest[name])
            if period == 0 and written:
                return
            await asyncio.sleep(period or _RETRY)

    async def _report(self, resource: CalicoNodeStatus) -> bool:
        """Write what is to be told, unless it stands there; tell whether it does now."""
        from bgpd.node_report import same_but_for_time  # with much that a node without reports never needs

        report = self._make_report(resource)
        if same_but_for_time(resource.status, report):
            return True
        begun = time.monotonic()
        try:
            await self._datastore.write_status(resource.model_copy(update={"status": report}))
        except DatastoreError as error:
            _LOGGER.warning("cannot write the status of CalicoNodeStatus(%s): %s", resource.name, error)
            return False
        _LOGGER.debug("wrote CalicoNodeStatus(%s) in %.3f s", resource.name, time.monotonic() - begun)
        return True
