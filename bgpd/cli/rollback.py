"""`--confirm-within`: what was written is taken back unless somebody says that it may stay.

For changes that may cut the very connection they are made over: when the terminal is gone, nobody confirms.
"""

import select
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

import click

from bgpd.cli.state import Failure, State
from bgpd.cli.store import with_datastore
from bgpd.cli.targets import Target
from bgpd.datastore import Datastore, DatastoreError, NotFoundError
from bgpd.resources import Resource

_ENDING = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)
"""What a lost connection, an impatient supervisor and Ctrl-C send."""
_LOOK = 0.2
"""Seconds between two looks whether one of them came."""

Stored = dict[Target, Resource | None]


@contextmanager
def rolled_back_unless_confirmed(state: State, targets: Sequence[Target], seconds: int) -> Iterator[None]:
    """Let the body write, then wait for a yes; without one, or when the body fails, restore the targets.

    Raises Failure when the change was not confirmed.
    """
    before = _read(state, targets)
    with _endings_noted() as endings:
        try:
            yield
            written = _read(state, targets)
            confirmed = _is_confirmed(seconds, endings)
        except BaseException:
            _restore(state, before, _read(state, targets))
            raise
        if not confirmed:
            _restore(state, before, written)
            raise Failure("not confirmed: everything is as it was before")
    click.echo("Confirmed.")


@contextmanager
def _endings_noted() -> Iterator[list[int]]:
    """Collect signals that would end the command, so that it first takes back what it wrote."""
    came: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        came.append(number)

    handlers = {number: signal.signal(number, note) for number in _ENDING}
    try:
        yield came
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def _is_confirmed(seconds: int, endings: Sequence[int]) -> bool:
    """Wait for a line on standard input; its end, another answer, a signal or the time's end mean no."""
    click.echo(f"Keep it? It is taken back in {seconds} s unless you answer yes: ", nl=False, err=True)
    deadline = time.monotonic() + seconds
    while not endings and (left := deadline - time.monotonic()) > 0:
        if select.select([sys.stdin], [], [], min(left, _LOOK))[0]:
            return sys.stdin.readline().strip().lower() in {"y", "yes"}
    click.echo(err=True)
    return False


def _read(state: State, targets: Sequence[Target]) -> Stored:
    async def read(store: Datastore) -> Stored:
        return {target: await _stored(store, target) for target in dict.fromkeys(targets)}

    return with_datastore(state, read)


async def _stored(store: Datastore, target: Target) -> Resource | None:
    try:
        return await store.get(target.info.model, target.name, target.namespace)
    except NotFoundError:
        return None


def _restore(state: State, before: Stored, written: Stored) -> None:
    """Put back what was, last written first; what somebody else changed since is left alone and told."""

    async def restore(store: Datastore) -> list[str]:
        refused = []
        for target in reversed(before):
            try:
                await _put_back(store, target, before[target], written[target])
            except DatastoreError as error:
                refused.append(f"{target}: {error}")
        return refused

    refused = with_datastore(state, restore)
    if refused:
        raise Failure("\n".join(["not confirmed, and not all could be taken back:", *refused]))


async def _put_back(store: Datastore, target: Target, old: Resource | None, new: Resource | None) -> None:
    version = new.metadata.resource_version if new else None
    if old is None:
        if new is not None:
            await store.delete(target.info.model, target.name, target.namespace, resource_version=version)
    elif new is None:
        await store.create(old.with_metadata(resource_version=None))
    elif version != old.metadata.resource_version:
        await store.update(old.with_metadata(resource_version=version))
