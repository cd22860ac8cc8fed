"""What is wanted of one family, and how much of it the kernel holds. No I/O, no clock."""

from collections.abc import Iterable

from bgpd.kernel.failures import Failures
from bgpd.kernel.own_routes import OwnRoutes
from bgpd.kernel.wishes import Wish, Wishes
from wire import Prefix


class Ledger:
    """Where the wish for a prefix is noted: as one to be written, refused or fulfilled, in this order."""

    def __init__(self) -> None:
        self.wishes = Wishes()
        """Where the kernel may hold something else."""
        self.failures = Failures()
        self.own = OwnRoutes()

    def wanted(self, prefix: Prefix) -> Wish:
        """Find what the RIB wants at a prefix."""
        if prefix in self.wishes:
            return self.wishes[prefix]
        if prefix in self.failures:
            return self.failures[prefix].wanted
        held = self.own.wanted.get(prefix)
        return held.wanted if held is not None else None

    def touch(self, prefixes: Iterable[Prefix]) -> None:
        """Have prefixes looked at again, whatever is wanted there."""
        for prefix in prefixes:
            self.wishes.remind((prefix,), self.wanted(prefix))

    @property
    def desired(self) -> int:
        """How many prefixes the RIB wants a route for."""
        noted = {prefix: failure.wanted for prefix, failure in self.failures.items()}
        noted |= {prefix: self.wishes[prefix] for prefix in self.wishes}
        unnoted = len(self.own.wanted) - sum(prefix in self.own.wanted for prefix in noted)
        return unnoted + sum(wanted is not None for wanted in noted.values())

    @property
    def installed(self) -> int:
        """How many prefixes have a route of ours that is or was wanted."""
        return len(self.own.wanted)

    @property
    def unclaimed(self) -> int:
        """How many prefixes have routes of ours that nobody wants (yet)."""
        return len(self.own.others)

    def is_installed(self, prefix: Prefix) -> bool:
        """Whether the kernel holds what is wanted at a prefix."""
        return prefix in self.own.wanted and prefix not in self.wishes and prefix not in self.failures
