"""`bgpctl datastore export`, `import`: everything out of one datastore, and into another."""

import click

from bgpd.cli.inputs import file_options
from bgpd.cli.output import Document, structured
from bgpd.cli.progress import watched
from bgpd.cli.state import Failure, State
from bgpd.cli.store import with_datastore
from bgpd.cli.write import apply
from bgpd.datastore import Datastore
from bgpd.resources import KINDS, KindInfo, Resource, Secret
from bgpd.resources.editing import SERVER_SET


@click.group()
def datastore() -> None:
    """Move resources between datastores."""


@datastore.command(
    "export",
    epilog="""\
\b
Examples:
  bgpctl datastore export > cluster.yaml
  bgpctl --datastore etcd://10.0.0.5:2379 datastore export --secrets > cluster.yaml
""",
)
@click.option("--secrets", is_flag=True, help="Write the Secrets too, passwords and all.")
@click.pass_obj
def export_all(state: State, *, secrets: bool) -> None:
    """Print every resource, ready for import elsewhere.

    What belongs to this datastore alone (uid, resourceVersion) is left out. A resource that is stored and
    invalid cannot be exported: then nothing is printed.
    """
    kinds = [info for info in KINDS.values() if secrets or info.model is not Secret]
    documents = with_datastore(state, lambda store: _read(store, kinds))
    texts = (structured("yaml", document) for document in watched(documents, label="exporting"))
    click.echo("---\n".join(f"{text}\n" for text in texts), nl=False)


@datastore.command(
    "import",
    epilog="""\
\b
Examples:
  bgpctl --datastore kubernetes:// datastore import -f cluster.yaml
  bgpctl datastore export | bgpctl --datastore etcd://10.0.0.5:2379 datastore import -f -
""",
)
@file_options()
@click.pass_context
def import_all(context: click.Context, files: tuple[str, ...], *, recursive: bool, skip_empty: bool) -> None:
    """Create or update what an export holds.

    The same as `bgpctl apply`: doing it twice changes nothing the second time.
    """
    context.invoke(apply, files=files, recursive=recursive, skip_empty=skip_empty)


async def _read(store: Datastore, kinds: list[KindInfo]) -> list[Document]:
    snapshot = await store.snapshot()
    broken = [str(fault) for fault in snapshot.faults if fault.severity == "error"]
    if broken:
        raise Failure("\n".join(broken), "repair or delete these first, then nothing gets lost on the way")
    return [_portable(resource) for info in kinds for resource in await store.list(info.model)]


def _portable(resource: Resource) -> Document:
    document = resource.document()
    metadata = {key: value for key, value in document["metadata"].items() if key not in SERVER_SET}
    return {**document, "metadata": metadata}
