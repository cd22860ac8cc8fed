"""What a datastore across a network has to be able to do; the rest is the same for all (see remote.py)."""

from typing import Protocol, TypeVar

from bgpd.datastore.base import Report
from bgpd.datastore.mirror import Mirror
from bgpd.resources import CalicoNodeStatus, Resource

R = TypeVar("R", bound=Resource)


class Backend(Protocol):
    """What etcd and Kubernetes do in their own ways. The verbs are those of Datastore."""

    url: str

    async def read(self, mirror: Mirror) -> None:
        """List everything into the mirror. Raises DatastoreError."""
        ...

    async def follow(self, mirror: Mirror) -> None:
        """Bring the mirror up to date, tell it so, and keep it so until that fails: raises DatastoreError.

        A second call goes on where the first was interrupted, as far as the datastore still knows.
        """
        ...

    def forget(self) -> None:
        """Let the next `follow` begin with a listing."""
        ...

    async def get(self, model: type[R], name: str, namespace: str | None = None) -> R:
        """Return one resource."""
        ...

    async def list(self, model: type[R], report: Report) -> list[R]:
        """Return all resources of one kind; tell what is invalid."""
        ...

    async def create(self, resource: R) -> R:
        """Store a new resource."""
        ...

    async def update(self, resource: R) -> R:
        """Store a new version of a resource."""
        ...

    async def delete(
        self, model: type[R], name: str, namespace: str | None = None, *, resource_version: str | None = None
    ) -> R:
        """Remove a resource."""
        ...

    async def write_status(self, resource: CalicoNodeStatus) -> None:
        """Store the status of a CalicoNodeStatus."""
        ...

    async def close(self) -> None:
        """Give all connections up."""
        ...
