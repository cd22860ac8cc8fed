"""`bgpctl plan`: what a change would do to the whole cluster, before anything is written."""

import sys
from typing import TYPE_CHECKING

import click

from bgpd.cli import complete
from bgpd.cli.dependents import with_dependents
from bgpd.cli.edit import patch_document
from bgpd.cli.inputs import file_options
from bgpd.cli.output import output_option, structured
from bgpd.cli.preview import Change, applied, edited, preview, removed
from bgpd.cli.state import State
from bgpd.cli.store import kind_named
from bgpd.cli.targets import Target, read_targets
from bgpd.resources.editing import for_patch

if TYPE_CHECKING:
    from bgpd.intent.plan import Plan

_COLOURS = {"+": "green", "-": "red", "!": "red", "~": "yellow", "break:": "red", "warning:": "yellow"}


@click.command(
    epilog="""\
\b
Exit status: 0 nothing changes, 2 something changes, 3 it would break reachability; 1 failed.
\b
Examples:
  bgpctl plan -f bgppeer.yaml                  what `apply` would do
  bgpctl plan bgpconfig default -p '{"spec": {"nodeToNodeMeshEnabled": false}}'
  bgpctl plan --delete bgppeer tor -o json     what `delete` would do
\b
A session between two nodes counts at both ends. What a filter does to one peer alone, `bgpctl policy check`
tells.
"""
)
@click.argument("kind", required=False, shell_complete=complete.kinds)
@click.argument("names", nargs=-1, metavar="[NAME]...", shell_complete=complete.names)
@file_options(required=False)
@click.option("-p", "--patch", "text", metavar="DOCUMENT", help="The change of KIND NAME, as JSON or YAML.")
@click.option("--delete", is_flag=True, help="Plan the removal of what is named, or is in the files.")
@click.option("--namespace", "-n", help="For kinds that live in namespaces.")
@output_option("table", "json", "yaml")
@click.pass_obj
def plan(
    state: State,
    kind: str | None,
    *,
    names: tuple[str, ...],
    files: tuple[str, ...],
    recursive: bool,
    skip_empty: bool,
    text: str | None,
    delete: bool,
    namespace: str | None,
    output: str,
) -> None:
    """Tell what a change would do to the cluster.

    For every node: sessions that come, go, are reset or change without a reset, and routes lost and gained.
    Then whether every node would still get every other's routes, and what looks wrong.
    """
    if bool(files) == bool(kind and names) or (files and kind) or (text is not None and (files or delete)):
        raise click.UsageError("give -f FILE, or KIND NAME with -p PATCH or --delete")
    if kind is None:
        targets = read_targets(files, recursive=recursive, skip_empty=skip_empty)
    else:
        targets = [Target(kind_named(kind, namespace), name, namespace) for name in names]
    if delete:
        targets = with_dependents(state, targets)
    found = preview(state, targets, _change(text, delete=delete, named=kind is not None))
    _show(found, output)
    sys.exit(int(found.outcome))


def _change(text: str | None, *, delete: bool, named: bool) -> Change:
    if delete:
        return removed
    if text is not None:
        document = patch_document(text)
        return edited(lambda stored: for_patch(stored, document))
    if named:
        raise click.UsageError("say what is to change: -p PATCH or --delete")
    return applied


def _show(found: "Plan", output: str) -> None:
    from bgpd.intent.plan_document import plan_document, plan_text

    if output != "table":
        click.echo(structured(output, plan_document(found)))
        return
    for line in plan_text(found):
        click.echo(click.style(line, fg=_COLOURS.get((line.split() or [""])[0])))
