"""How commands reach the datastore: one run of the event loop, refusals told as failures."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import click

from bgpd.cli.state import Failure, State
from bgpd.datastore import ConflictError, Datastore, DatastoreError, open_datastore
from bgpd.resources import Fault, KindInfo, Resource, ResourceError, Snapshot, lookup

T = TypeVar("T")

_TRIES = 5
"""How often a change is repeated when somebody else was quicker; calicoctl tries as often."""


def with_datastore(state: State, action: Callable[[Datastore], Awaitable[T]]) -> T:
    """Open the datastore, run the action, close it. What either refuses is a Failure."""

    async def run() -> T:
        store = open_datastore(state.datastore_url)
        try:
            return await action(store)
        finally:
            await store.close()

    with told():
        return asyncio.run(run())


@contextmanager
def told() -> Iterator[None]:
    """Tell the refusals of datastore and resources as failures of the command."""
    try:
        yield
    except (DatastoreError, ResourceError) as error:
        raise Failure(str(error)) from error


async def read_snapshot(store: Datastore) -> Snapshot:
    """Read everything; faults of the content are warned of on standard error."""
    snapshot = await store.snapshot()
    for fault in snapshot.faults:
        warn(fault)
    return snapshot


def warn(fault: Fault) -> None:
    """Tell a fault of the datastore's content on standard error."""
    click.echo(f"{click.style(f'{fault.severity}:', fg='yellow')} {fault}", err=True)


async def changed(
    store: Datastore,
    info: KindInfo,
    name: str,
    namespace: str | None,
    change: Callable[[Resource], Resource],
) -> tuple[Resource, bool]:
    """Change a stored resource by a pure function; gives it as stored, and whether anything changed.

    A change that somebody else overtook is made again on what they stored, unless `change` insists on a
    version of its own. Raises the errors of the datastore and of `change`.
    """
    for attempt in range(1, _TRIES + 1):
        stored = await store.get(info.model, name, namespace)
        wanted = change(stored)
        if _content(wanted) == _content(stored):
            return stored, False
        try:
            return await store.update(wanted), True
        except ConflictError:
            insists = wanted.metadata.resource_version != stored.metadata.resource_version
            if insists or attempt == _TRIES:
                raise
    raise AssertionError("unreachable: the last attempt returns or raises")


def kind_named(word: str, namespace: str | None = None) -> KindInfo:
    """Find the kind that an argument means; an unknown one, or a namespace it has not, is wrong usage."""
    try:
        info = lookup(word)
    except LookupError as error:
        raise click.UsageError(str(error.args[0])) from error
    if namespace and not info.namespaced:
        raise click.UsageError(f"a {info.kind} belongs to no namespace: leave --namespace out")
    return info


def _content(resource: Resource) -> object:
    return resource.with_metadata(resource_version=None).document()
