"""`bgpctl apply`, `create`, `replace`, `delete`: resources from files into the datastore.

All input is judged before anything is written; then each resource is written on its own, and what failed is
told at the end.
"""

import sys
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

import click

from bgpd.cli import complete
from bgpd.cli.dependents import with_dependents
from bgpd.cli.inputs import file_options
from bgpd.cli.preview import Guard, applied, guard_options, removed
from bgpd.cli.preview import created as newly_created
from bgpd.cli.progress import watched
from bgpd.cli.state import Failure, State
from bgpd.cli.store import changed, kind_named, with_datastore
from bgpd.cli.targets import Target, read_targets
from bgpd.datastore import Datastore, DatastoreError, ExistsError, NotFoundError
from bgpd.resources import ResourceError
from records import field, record

# What was done to a target, as a word for its line; raises DatastoreError or ResourceError.
Writer = Callable[[Datastore, Target], Awaitable[str]]


@record(frozen=False)
class Tally:
    """What became of the targets."""

    done: list[Target] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@click.command(
    epilog="""\
\b
Examples:
  bgpctl apply -f bgppeer.yaml
  bgpctl apply -f resources/ -R
  bgpctl apply -f mesh-off.yaml --safe                 refuse if a node would lose routes
  bgpctl apply -f mesh-off.yaml --confirm-within 60s   taken back unless you confirm
  calicoctl get bgppeers -o yaml | bgpctl apply -f -
"""
)
@file_options()
@guard_options
@click.pass_obj
def apply(state: State, files: tuple[str, ...], *, recursive: bool, skip_empty: bool, guard: Guard) -> None:
    """Create or update resources from files.

    What exists is replaced as `replace` does; applying the same file again changes nothing.
    """
    targets = read_targets(files, recursive=recursive, skip_empty=skip_empty)
    guard.write(state, targets, applied, partial(_write, state, "applied", _apply, targets))


@click.command(
    epilog="""\
\b
Example:
  bgpctl create -f bgppeer.yaml --skip-exists
"""
)
@file_options()
@click.option("--skip-exists", is_flag=True, help="What exists already is no failure, and stays as it is.")
@guard_options
@click.pass_obj
def create(
    state: State,
    files: tuple[str, ...],
    *,
    recursive: bool,
    skip_empty: bool,
    skip_exists: bool,
    guard: Guard,
) -> None:
    """Create resources from files."""
    targets = read_targets(files, recursive=recursive, skip_empty=skip_empty)
    writer = partial(_create, skip_exists=skip_exists)
    guard.write(state, targets, newly_created, partial(_write, state, "created", writer, targets))


@click.command(
    epilog="""\
\b
Examples:
  bgpctl get bgppeer tor -o yaml > tor.yaml       # edit it
  bgpctl replace -f tor.yaml                      # refused if somebody changed it meanwhile
"""
)
@file_options()
@guard_options
@click.pass_obj
def replace(state: State, files: tuple[str, ...], *, recursive: bool, skip_empty: bool, guard: Guard) -> None:
    """Replace resources by those in files.

    A resourceVersion in the file must be the stored one; without it, the last writer wins.
    """
    targets = read_targets(files, recursive=recursive, skip_empty=skip_empty)
    guard.write(state, targets, applied, partial(_write, state, "replaced", _replace, targets))


@click.command(
    epilog="""\
\b
Examples:
  bgpctl delete bgppeer tor
  bgpctl delete -f bgppeer.yaml --skip-not-exists
"""
)
@click.argument("kind", required=False, shell_complete=complete.kinds)
@click.argument("names", nargs=-1, metavar="[NAME]...", shell_complete=complete.names)
@file_options(required=False)
@click.option("--namespace", "-n", help="For kinds that live in namespaces.")
@click.option("--skip-not-exists", is_flag=True, help="What does not exist is no failure.")
@guard_options
@click.pass_obj
def delete(
    state: State,
    kind: str | None,
    *,
    names: tuple[str, ...],
    files: tuple[str, ...],
    recursive: bool,
    skip_empty: bool,
    namespace: str | None,
    skip_not_exists: bool,
    guard: Guard,
) -> None:
    """Delete resources by name or from files.

    With a Node go its own BGPConfiguration and the BGPPeers that name it as their `node`.
    """
    if bool(files) == bool(names) or (files and kind):
        raise click.UsageError("give KIND and NAME, or -f FILE")
    if kind is not None:
        targets = [Target(kind_named(kind, namespace), name, namespace) for name in names]
    else:
        targets = read_targets(files, recursive=recursive, skip_empty=skip_empty, repeated=True)
    targets = with_dependents(state, targets)
    writer = partial(_delete, skip_not_exists=skip_not_exists)
    guard.write(state, targets, removed, partial(_write, state, "deleted", writer, targets))


async def _apply(store: Datastore, target: Target) -> str:
    try:
        return await _replace(store, target)
    except NotFoundError:
        await store.create(target.created())
        return "created"


async def _create(store: Datastore, target: Target, *, skip_exists: bool) -> str:
    try:
        await store.create(target.created())
    except ExistsError:
        if not skip_exists:
            raise
        return "skipped: it exists"
    return "created"


async def _replace(store: Datastore, target: Target) -> str:
    _, differs = await changed(store, target.info, target.name, target.namespace, target.replacing)
    return "configured" if differs else "unchanged"


async def _delete(store: Datastore, target: Target, *, skip_not_exists: bool) -> str:
    try:
        await store.delete(target.info.model, target.name, target.namespace)
    except NotFoundError:
        if not skip_not_exists:
            raise
        return "skipped: it does not exist"
    return "deleted"


def _write(state: State, verb: str, writer: Writer, targets: Sequence[Target]) -> None:
    async def write_all(store: Datastore) -> Tally:
        tally = Tally()
        # On a terminal the lines themselves tell how far it is.
        for target in targets if sys.stdout.isatty() else watched(targets, verb):
            try:
                click.echo(f"{target} {await writer(store, target)}")
                tally.done.append(target)
            except (DatastoreError, ResourceError) as error:
                tally.errors.append(f"{target}: {error}")
        return tally

    tally = with_datastore(state, write_all)
    if not tally.errors:
        click.echo(f"Successfully {verb} {_count(tally.done)}")
    elif tally.done:
        head = f"Partial success: {verb} {len(tally.done)} of {_count(targets)}; hit error:"
        raise Failure("\n".join([head, *tally.errors]))
    else:
        raise Failure("\n".join([f"Failed: {verb} none of {_count(targets)}; hit error:", *tally.errors]))


def _count(targets: Sequence[Target]) -> str:
    kinds = {target.info.kind for target in targets}
    kind = f"'{kinds.pop()}' " if len(kinds) == 1 else ""
    return f"{len(targets)} {kind}resource(s)"
