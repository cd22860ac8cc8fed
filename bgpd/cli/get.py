"""`bgpctl get`: resources as tables or documents."""

import click

from bgpd.cli import complete
from bgpd.cli.custom import PREFIX, columns_of, steps_of, value_at
from bgpd.cli.output import (
    FORMATS,
    Document,
    by_heading,
    output_option,
    plain_table,
    show,
    structured,
    watch_option,
)
from bgpd.cli.state import State
from bgpd.cli.store import kind_named, warn, with_datastore
from bgpd.datastore import Datastore
from bgpd.resources import KindInfo, Resource, Snapshot
from bgpd.resources.editing import exported
from bgpd.resources.registry import Column


@click.command(
    epilog="""\
\b
Examples:
  bgpctl get bgppeers
  bgpctl get nodes -o wide                        with AS numbers and addresses
  bgpctl get bgpconfig default -o yaml --export   to edit and apply elsewhere
  bgpctl get nodes -o custom-columns=NAME,ASN,RACK:.metadata.labels.rack
"""
)
@click.argument("kind", shell_complete=complete.kinds)
@click.argument("names", nargs=-1, metavar="[NAME]...", shell_complete=complete.names)
@click.option("--namespace", "-n", help="For kinds that live in namespaces.")
@click.option("--export", is_flag=True, help="Leave out what belongs to this datastore alone.")
@output_option(*FORMATS)
@watch_option
@click.pass_obj
def get(
    state: State,
    kind: str,
    *,
    names: tuple[str, ...],
    namespace: str | None,
    export: bool,
    output: str,
    watch: bool,
) -> None:
    """Show resources of a kind.

    KIND is a kind, its plural or a short name: bgppeer, bgppeers, bgpp, in any case.
    """
    info = kind_named(kind, namespace)

    async def read(store: Datastore) -> tuple[list[Resource], Snapshot]:
        beside = Snapshot({model.__name__: await _table_of(store, model) for model in info.beside})
        if names:
            return [await store.get(info.model, name, namespace) for name in names], beside
        found = await store.list(info.model, warn)
        return [one for one in found if namespace in {None, one.metadata.namespace}], beside

    def render() -> str:
        resources, beside = with_datastore(state, read)
        if output == "name":
            return "\n".join(f"{info.kind.lower()}/{resource.name}" for resource in resources)
        if output not in {"json", "yaml"}:
            return _table(info, resources, beside, output)
        documents = [_document(resource, export=export) for resource in resources]
        return structured(output, documents[0] if len(names) == 1 else _list(info, documents))

    show(render, watch=watch)


async def _table_of(store: Datastore, model: type[Resource]) -> dict[str, Resource]:
    return {one.key: one for one in await store.list(model)}


def _table(info: KindInfo, resources: list[Resource], beside: Snapshot, output: str) -> str:
    if output.startswith(PREFIX):
        columns = [_custom(info, heading, path) for heading, path in columns_of(output)]
    else:
        columns = [column for column in info.columns if output == "wide" or not column.wide]
    rows = [[_text(column.value(resource, beside)) for column in columns] for resource in resources]
    return plain_table([column.heading for column in columns], rows)


def _custom(info: KindInfo, heading: str, path: str | None) -> Column:
    if path is None:
        return by_heading(heading, info.columns)
    steps = steps_of(path)
    return Column(heading, lambda resource, _snapshot: value_at(resource.document(), steps))


def _text(value: object) -> str:
    """Show a cell as calicoctl does: Go's words for booleans, nothing for nothing."""
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)


def _document(resource: Resource, *, export: bool) -> Document:
    document = resource.document()
    return exported(document) if export else document


def _list(info: KindInfo, documents: list[Document]) -> Document:
    return {"apiVersion": info.api_version, "kind": f"{info.kind}List", "metadata": {}, "items": documents}
