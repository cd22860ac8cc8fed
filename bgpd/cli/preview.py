"""What a write would do to the cluster: asked before it is done, and taken back unless it is confirmed."""

import os
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

import click

from bgpd.cli.rollback import rolled_back_unless_confirmed
from bgpd.cli.state import Failure, State
from bgpd.cli.store import read_snapshot, told, with_datastore
from bgpd.cli.targets import Target
from bgpd.datastore import Datastore
from bgpd.resources import Duration, Resource, Snapshot, refusals
from bgpd.resources.problems import describe
from records import record

if TYPE_CHECKING:
    from bgpd.intent.plan import Plan
    from bgpd.intent.what_if import Identity

F = TypeVar("F", bound=Callable[..., Any])

Change = Callable[[Target, Resource | None], Resource | None]
"""From what is stored, if anything, to what shall be, if anything. Raises ResourceError."""


class UnsafeError(Failure):
    """--safe, and the change would break reachability: the exit status is that of `bgpctl plan`."""

    exit_code = 3


class RefusedError(Failure):
    """A change that each of its documents allows and what is stored does not; nothing of it is written."""


@record
class Guard:
    """The options that say how careful a write is."""

    safe: bool
    assume_yes: bool
    confirm_within: int | None
    """Seconds, or None: what is written stays."""

    def write(
        self, state: State, targets: Sequence[Target], change: Change, write: Callable[[], None]
    ) -> None:
        """Ask about a change that breaks reachability, then write. Raises Failure."""
        try:
            plan = preview(state, targets, change, lambda store: store.snapshot())
        except RefusedError:
            raise
        except Failure:
            # What is wrong with the change is told by the write itself, target by target.
            write()
            return
        self._review(plan)
        if self.confirm_within is None:
            write()
            return
        with rolled_back_unless_confirmed(state, targets, self.confirm_within):
            write()

    def _review(self, plan: "Plan") -> None:
        from bgpd.intent.plan import Outcome
        from bgpd.intent.plan_document import findings_text

        if plan.outcome is not Outcome.BREAKS:
            return
        for line in findings_text([one for one in plan.findings if one.severity == "break"]):
            click.echo(line, err=True)
        if self.safe:
            raise UnsafeError(
                "this would break reachability; nothing was written", "`bgpctl plan` tells more"
            )
        if not self.assume_yes and sys.stdin.isatty():
            click.confirm("Write it all the same?", abort=True, err=True)


def preview(
    state: State,
    targets: Sequence[Target],
    change: Change,
    read: Callable[[Datastore], Awaitable[Snapshot]] = read_snapshot,
) -> "Plan":
    """Plan a change of the targets. Raises Failure."""
    from bgpd.intent.plan import make_plan
    from bgpd.intent.what_if import changed_snapshot

    before = with_datastore(state, read)
    with told():
        changes = _changes(before, targets, change)
        after = changed_snapshot(before, changes)
    _refuse(before, after, changes)
    return make_plan(before, after, os.environ)


def _refuse(before: Snapshot, after: Snapshot, changes: "Mapping[Identity, Resource | None]") -> None:
    """Raise RefusedError with all that does not fit to what is stored."""
    wrong = [
        describe("", str(resource), problem)
        for (kind, key), resource in changes.items()
        if resource is not None and resource != (stored := before.resources.get(kind, {}).get(key))
        for problem in refusals(resource, stored, after)
    ]
    if wrong:
        raise RefusedError("\n".join(wrong), "nothing was written; repair the input first")


def _changes(
    snapshot: Snapshot, targets: Sequence[Target], change: Change
) -> "Mapping[Identity, Resource | None]":
    changes: dict[Identity, Resource | None] = {}
    for target in targets:
        identity = target.info.kind, target.key
        stored = snapshot.resources.get(target.info.kind, {}).get(target.key)
        changes[identity] = change(target, changes.get(identity, stored))
    return changes


def applied(target: Target, stored: Resource | None) -> Resource | None:
    """Change as `apply` does."""
    return target.created() if stored is None else target.replacing(stored)


def created(target: Target, stored: Resource | None) -> Resource | None:
    """Change as `create` does, which leaves alone what exists."""
    return target.created() if stored is None else stored


def removed(_target: Target, _stored: Resource | None) -> Resource | None:
    """Change as `delete` does."""
    return None


def edited(edit: Callable[[Resource], Resource]) -> Change:
    """Change what is stored as `patch` and `label` do; what is not stored cannot be."""

    def change(target: Target, stored: Resource | None) -> Resource | None:
        if stored is None:
            raise Failure(f"{target} does not exist", f"`bgpctl get {target.info.plural}` lists what does")
        return edit(stored)

    return change


def guard_options(command: F) -> F:
    """Add `--safe`, `--yes` and `--confirm-within` to a command; it gets them as `guard`."""

    @wraps(command)
    def guarded(*args: Any, safe: bool, assume_yes: bool, confirm_within: int | None, **kwargs: Any) -> Any:
        return command(*args, guard=Guard(safe, assume_yes, confirm_within), **kwargs)

    for option in (
        click.option(
            "--safe", is_flag=True, help="Refuse, with status 3, what would break reachability (see `plan`)."
        ),
        click.option("--yes", "-y", "assume_yes", is_flag=True, help="Do not ask; only tell what breaks."),
        click.option(
            "--confirm-within",
            metavar="TIME",
            callback=_seconds,
            help="Take everything back unless it is confirmed in this time, such as 60s.",
        ),
    ):
        guarded = option(guarded)
    return guarded  # type: ignore[return-value] # the same command with more options


def _seconds(_context: click.Context, _parameter: click.Parameter, text: str | None) -> int | None:
    if text is None:
        return None
    try:
        seconds = Duration(text).seconds
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    if seconds < 1:
        raise click.BadParameter("expected a second or more")
    return seconds
