"""`bgpctl topology`: what nodes should be, computed from the datastore alone."""

import os

import click

from bgpd.cli.output import output_option, plain_table, show, structured, watch_option
from bgpd.cli.state import Failure, State
from bgpd.cli.store import read_snapshot, with_datastore
from bgpd.intent import (
    ROW_HEADINGS,
    Intent,
    compile_cluster,
    compile_intent,
    topology_document,
    topology_dot,
    topology_rows,
)

FORMATS = ("table", "json", "yaml", "name", "dot", "svg")


@click.command(
    epilog="""\
\b
Examples:
  bgpctl topology                             every session of every node
  bgpctl topology --node n1 -o json           what n1 should do, in full
  bgpctl topology -o svg > cluster.svg        a picture for a browser
  bgpctl topology -o dot | dot -Tpng > cluster.png
"""
)
@click.option("--node", metavar="NAME", help="Only this node.")
@output_option(*FORMATS)
@watch_option
@click.pass_obj
def topology(state: State, node: str | None, *, output: str, watch: bool) -> None:
    """Show which sessions nodes should have.

    The daemon of each node computes the same from the same resources; no daemon is asked.
    """
    show(lambda: _render(output, intents(state, node), single=node is not None), watch=watch)


def intents(state: State, node: str | None) -> list[Intent]:
    """Compute what one node, or every node, should be. Raises Failure for a node that does not exist."""
    snapshot = with_datastore(state, read_snapshot)
    if node is None:
        return list(compile_cluster(snapshot, os.environ))
    intent = compile_intent(snapshot, node, os.environ)
    if not intent.ready:
        raise Failure(intent.reason)
    return [intent]


def _render(output: str, found: list[Intent], *, single: bool) -> str:
    match output:
        case "table":
            return plain_table(ROW_HEADINGS, topology_rows(found))
        case "name":
            return "\n".join(session.name for intent in found for session in intent.sessions)
        case "dot":
            return topology_dot(found).rstrip("\n")
        case "svg":
            from bgpd.cli.picture import draw

            return draw([topology_document(intent) for intent in found])
        case _:
            documents = [topology_document(intent) for intent in found]
            return structured(output, documents[0] if single else documents)
