"""The front of the kernel room: the RIB's routes in, the kernel's routes out, status."""

import asyncio
from collections import Counter
from collections.abc import Iterable

from bgpd.kernel.driver import ChangeHandler, Driver, OpenSocket
from bgpd.kernel.model import Failure, FailureRow, KernelStatus
from bgpd.kernel.remedies import explain_refusal
from bgpd.kernel.socket import NetlinkSocket
from bgpd.kernel.view import KernelView
from rib import FibChange
from wire import Family, Prefix


class Kernel:
    """Keeps the main table in step with the RIB, and tells what else is in it.

    Routes whose protocol number is in `adopt_protocols` are taken over as if they were ours. Whatever goes
    wrong with one route is its status, not an exception. Writing needs CAP_NET_ADMIN.
    """

    def __init__(
        self, *, adopt_protocols: Iterable[int] = (), open_socket: OpenSocket = NetlinkSocket
    ) -> None:
        self._view = KernelView(frozenset(adopt_protocols))
        self._open_socket = open_socket
        self._driver: Driver | None = None
        self._adopted: frozenset[Family] = frozenset()

    async def start(self) -> None:
        """Open the sockets and wait until links, addresses and routes are read. Raises OSError."""
        self._driver = Driver(self._view, self._open_socket, asyncio.get_running_loop())
        await self._driver.settled()
        self._adopted = frozenset(
            family for family, view in self._view.families.items() if view.sync.ledger.unclaimed
        )

    @property
    def adopted(self) -> frozenset[Family]:
        """Families in which `start` found routes of an earlier run, or of an adopted protocol."""
        return self._adopted

    def subscribe(self, handler: ChangeHandler) -> None:
        """Have `handler` called on the loop: first with all there is, then with what changes in a turn."""
        if self._driver is not None:
            self._driver.subscribe(handler)

    def apply(self, changes: Iterable[FibChange], *, unfinished: bool = False) -> None:
        """Want these routes from now on, the newest of a prefix; they are written in the coming turns.

        What is to be there comes before what is to go, also where the changes take several batches or, while
        they are `unfinished`, several calls.
        """
        for family, prefixes, route in changes:
            self._view.families[family].sync.stage(prefixes, route)
        for view in self._view.families.values():
            view.sync.unfinished = unfinished
        self._wake()

    def finish_restart(self) -> None:
        """Remove adopted routes that nobody claimed: the RIB is complete (RFC 4724, section 4.1)."""
        for view in self._view.families.values():
            view.sync.finish_restart()
        self._wake()

    async def withdraw_all(self) -> None:
        """Remove all of our routes, adopted ones too, and wait until that was tried."""
        for view in self._view.families.values():
            view.sync.withdraw_all()
        self._wake()
        await self.settled()

    async def settled(self) -> None:
        """Wait until nothing is left to write but what the kernel refused."""
        if self._driver is not None:
            await self._driver.settled()

    async def close(self) -> None:
        """Close the sockets; routes stay as they are."""
        if self._driver is not None:
            self._driver.close()
            self._driver = None

    def installed(self, family: Family, prefix: Prefix) -> bool:
        """Whether the kernel holds what the RIB wants for a prefix."""
        return self._view.families[family].sync.ledger.is_installed(prefix)

    def failure(self, family: Family, prefix: Prefix) -> FailureRow | None:
        """Return why a prefix is not in the kernel as wanted; None: nothing is known against it."""
        failures = self._view.families[family].sync.failures
        return _failure_row(family, prefix, failures[prefix]) if prefix in failures else None

    def status(self) -> KernelStatus:
        """Count routes, repairs and dumps, and list what failed with reason and remedy."""
        syncs = {family: view.sync for family, view in self._view.families.items()}
        return KernelStatus(
            desired={family: sync.ledger.desired for family, sync in syncs.items()},
            installed={family: sync.ledger.installed for family, sync in syncs.items()},
            failed={family: len(sync.failures) for family, sync in syncs.items()},
            unclaimed={family: sync.ledger.unclaimed for family, sync in syncs.items()},
            operations=_sum(sync.operations for sync in syncs.values()),
            repairs=sum(sync.repairs for sync in syncs.values()),
            resyncs=self._driver.resyncs if self._driver is not None else 0,
            synchronized=self._driver is not None and self._driver.is_settled,
            failures=tuple(
                _failure_row(family, prefix, failure)
                for family, sync in syncs.items()
                for prefix, failure in sync.failures.items()
            ),
            sync_times=self._driver.sync_times.read() if self._driver is not None else None,
        )

    def _wake(self) -> None:
        if self._driver is not None:
            self._driver.wake()


def _failure_row(family: Family, prefix: Prefix, failure: Failure) -> FailureRow:
    reason, remedy = explain_refusal(failure.refusal)
    return FailureRow(family, prefix, reason, remedy, failure.attempts)


def _sum(counters: Iterable[Counter[tuple[str, str]]]) -> Counter[tuple[str, str]]:
    total: Counter[tuple[str, str]] = Counter()
    for counter in counters:
        total.update(counter)
    return total
