"""The front of the kernel room: the RIB's routes in, the kernel's routes out, status.

Whatever goes wrong with one route is its status (`status`), not an exception; needs CAP_NET_ADMIN for writing.
"""

import asyncio
from collections.abc import Iterable

from bgpd.kernel.driver import ChangeHandler, Driver
from bgpd.kernel.model import Failure, FailureRow, KernelStatus
from bgpd.kernel.remedies import explain_refusal
from bgpd.kernel.view import KernelView
from rib import FibChange
from wire import Family, Prefix


class Kernel:
    """Keeps the main table in step with the RIB, and tells what else is in it.

    `on_change` is called on the loop with what the RIB needs to know (see KernelChange), at most once per
    turn and family. `adopt_protocols`: routes with these protocol numbers are taken over as if they were ours.
    """

    def __init__(self, *, on_change: ChangeHandler, adopt_protocols: Iterable[int] = ()) -> None:
        self._on_change = on_change
        self._view = KernelView(frozenset(adopt_protocols))
        self._driver: Driver | None = None

    async def start(self) -> None:
        """Open the sockets and wait until links, addresses and routes are read. Raises OSError."""
        self._driver = Driver(self._view, self._on_change, asyncio.get_running_loop())
        await self._driver.settled()

    def apply(self, changes: Iterable[FibChange]) -> None:
        """Want these routes from now on, the newest of a prefix; they are written in the coming turns."""
        families = self._view.families
        for family, prefix, route in changes:
            families[family].sync.stage(prefix, route)
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

    def is_installed(self, family: Family, prefix: Prefix) -> bool:
        """Whether the kernel holds what the RIB wants for a prefix."""
        return self._view.families[family].sync.is_installed(prefix)

    def failure(self, family: Family, prefix: Prefix) -> FailureRow | None:
        """Return why a prefix is not in the kernel as wanted; None: nothing is known against it."""
        failures = self._view.families[family].sync.failures
        return _failure_row(family, prefix, failures[prefix]) if prefix in failures else None

    def status(self) -> KernelStatus:
        """Count routes, repairs and dumps, and list what failed with reason and remedy."""
        syncs = {family: view.sync for family, view in self._view.families.items()}
        return KernelStatus(
            desired={family: sync.desired for family, sync in syncs.items()},
            installed={family: sync.installed for family, sync in syncs.items()},
            failed={family: len(sync.failures) for family, sync in syncs.items()},
            adopted={family: sync.adopted for family, sync in syncs.items()},
            repairs=sum(sync.repairs for sync in syncs.values()),
            resyncs=self._driver.resyncs if self._driver is not None else 0,
            synchronized=self._driver is not None and self._driver.is_settled,
            failures=tuple(
                _failure_row(family, prefix, failure)
                for family, sync in syncs.items()
                for prefix, failure in sync.failures.items()
            ),
        )

    def _wake(self) -> None:
        if self._driver is not None:
            self._driver.wake()


def _failure_row(family: Family, prefix: Prefix, failure: Failure) -> FailureRow:
    reason, remedy = explain_refusal(failure.refusal)
    return FailureRow(family, prefix, reason, remedy, failure.attempts)
