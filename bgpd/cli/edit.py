"""`bgpctl patch` and `label`: small changes of stored resources."""

from collections.abc import Callable
from typing import Any

import click

from bgpd.cli import complete
from bgpd.cli.preview import Guard, edited, guard_options
from bgpd.cli.state import State
from bgpd.cli.store import changed, kind_named, with_datastore
from bgpd.cli.targets import Target
from bgpd.datastore import Datastore
from bgpd.datastore.yaml_reader import DocumentError, read_document
from bgpd.resources import Resource
from bgpd.resources.editing import for_label, for_patch


@click.command(
    epilog="""\
\b
Examples:
  bgpctl patch bgpconfig default -p '{"spec": {"nodeToNodeMeshEnabled": false}}'
  bgpctl patch bgppeer tor -p 'spec: {keepaliveTime: 3s}'
  bgpctl patch node n1 -p '{"spec": {"bgp": {"routeReflectorClusterID": null}}}'    null removes
"""
)
@click.argument("kind", shell_complete=complete.kinds)
@click.argument("name", shell_complete=complete.names)
@click.option("-p", "--patch", "text", required=True, metavar="DOCUMENT", help="The change, as JSON or YAML.")
@click.option("-t", "--type", "_type", default="strategic", metavar="TYPE", help="Ignored: always strategic.")
@click.option("--namespace", "-n", help="For kinds that live in namespaces.")
@guard_options
@click.pass_obj
def patch(
    state: State, kind: str, name: str, *, text: str, _type: str, namespace: str | None, guard: Guard
) -> None:
    """Change some fields of a resource.

    The document is merged into the stored one: objects field by field, lists as a whole, null removes.
    """
    target = Target(kind_named(kind, namespace), name, namespace)
    document = patch_document(text)

    def patched(stored: Resource) -> Resource:
        return for_patch(stored, document)

    def write() -> None:
        kind = target.info.kind
        if _changed(state, target, patched):
            click.echo(f"Successfully patched 1 '{kind}' resource")
        else:
            click.echo(f"1 '{kind}' resource unchanged: it is so already")

    guard.write(state, [target], edited(patched), write)


@click.command(
    epilog="""\
\b
Examples:
  bgpctl label node n1 rack=a
  bgpctl label node n1 rack=b --overwrite
  bgpctl label node n1 rack --remove
"""
)
@click.argument("kind", shell_complete=complete.kinds)
@click.argument("name", shell_complete=complete.names)
@click.argument("label")
@click.option("--overwrite", is_flag=True, help="Change a label that has another value.")
@click.option("--remove", is_flag=True, help="Remove the label.")
@click.option("--namespace", "-n", help="For kinds that live in namespaces.")
@guard_options
@click.pass_obj
def label(
    state: State,
    kind: str,
    name: str,
    label: str,
    *,
    overwrite: bool,
    remove: bool,
    namespace: str | None,
    guard: Guard,
) -> None:
    """Set or remove a label of a resource."""
    target = Target(kind_named(kind, namespace), name, namespace)
    key, sign, value = label.partition("=")
    if bool(sign) == remove or not key:
        raise click.UsageError("give KEY=VALUE, or KEY with --remove")
    before: dict[str, str] = {}

    def labelled(stored: Resource) -> Resource:
        before.update(stored.metadata.labels)
        return for_label(stored, {key: None if remove else value}, overwrite=overwrite)

    def write() -> None:
        _changed(state, target, labelled)
        verb = "removed" if remove else "updated" if key in before else "set"
        click.echo(
            f"Successfully {verb} label {key} {'from' if remove else 'on'} {target.info.kind} {target.name}"
        )

    guard.write(state, [target], edited(labelled), write)


def _changed(state: State, target: Target, change: Callable[[Resource], Resource]) -> bool:
    """Change a stored resource; tells whether that made a difference. Raises Failure."""

    async def act(store: Datastore) -> bool:
        _, differs = await changed(store, target.info, target.name, target.namespace, change)
        return differs

    return with_datastore(state, act)


def patch_document(text: str) -> dict[str, Any]:
    """Read the document of `-p`; raises click.BadParameter."""
    try:
        document = read_document(text)
    except DocumentError as error:
        raise click.BadParameter(str(error), param_hint="-p") from error
    if document is None or not isinstance(document.value, dict):
        raise click.BadParameter('expected an object such as {"spec": {...}}', param_hint="-p")
    return document.value
