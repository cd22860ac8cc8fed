"""The one protocol all datastores speak."""

from collections.abc import AsyncIterator, Callable
from typing import Protocol, TypeVar

from bgpd.resources import CalicoNodeStatus, Fault, Resource, Snapshot
from records import record

R = TypeVar("R", bound=Resource)
Report = Callable[[Fault], None]


def unreported(_fault: Fault) -> None:
    """Let a fault go by."""


@record
class Contact:
    """Whether the datastore answers, and how old the snapshot in force is."""

    connected: bool
    as_of: float = 0.0
    """When (seconds since the epoch) the snapshot in force was last known to be current; 0 for never."""
    error: str = ""
    """Why it does not answer."""
    restored: bool = False
    """Whether the snapshot in force is the one an earlier run left in the state directory."""


class Datastore(Protocol):
    """Where resources come from.

    Reading never raises for bad content: that is reported in `Snapshot.faults`. Writing raises the errors of
    bgpd.datastore.errors.
    """

    url: str

    @property
    def contact(self) -> Contact:
        """Whether the datastore answers to `snapshots`, now."""
        ...

    async def snapshot(self) -> Snapshot:
        """Read everything now. Raises UnreachableError where nothing can be read."""
        ...

    def snapshots(self) -> AsyncIterator[Snapshot]:
        """Yield the content at once and then after each real change, coalesced within 50 ms.

        An outage yields nothing: the last snapshot stays in force, and `contact` tells its age.
        """
        ...

    async def refresh(self) -> None:
        """Read everything again without waiting for a change to be noticed (SIGHUP)."""
        ...

    async def get(self, model: type[R], name: str, namespace: str | None = None) -> R:
        """Return one resource with its resourceVersion. Raises NotFoundError."""
        ...

    async def list(self, model: type[R], report: Report = unreported) -> list[R]:
        """Return all resources of one kind, sorted by name, with their resourceVersions.

        What is stored and invalid is left out, and told to `report`.
        """
        ...

    async def create(self, resource: R) -> R:
        """Store a new resource and return it as stored. Raises ExistsError."""
        ...

    async def update(self, resource: R) -> R:
        """Store a new version of a resource and return it as stored.

        A resourceVersion in its metadata must be the stored one's. Raises NotFoundError, ConflictError.
        """
        ...

    async def delete(
        self, model: type[R], name: str, namespace: str | None = None, *, resource_version: str | None = None
    ) -> R:
        """Remove a resource and return what it was. Raises NotFoundError, ConflictError."""
        ...

    async def write_status(self, resource: CalicoNodeStatus) -> None:
        """Store the status of a CalicoNodeStatus, and nothing else of it. Raises NotFoundError."""
        ...

    async def close(self) -> None:
        """Stop watching; `snapshots` ends."""
        ...
