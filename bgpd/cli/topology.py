"""`bgpctl topology`: what nodes should be, computed from the datastore alone."""

import os
from functools import partial
from typing import TYPE_CHECKING

import click

from bgpd.cli import complete
from bgpd.cli.output import Document, output_option, plain_table, show, structured, watch_option
from bgpd.cli.progress import watched
from bgpd.cli.state import Failure, State
from bgpd.cli.store import read_snapshot, with_datastore

if TYPE_CHECKING:
    from bgpd.intent import Intent

FORMATS = ("table", "json", "yaml", "name", "dot", "svg")


@click.command(
    epilog="""\
\b
Examples:
  bgpctl topology                             every session of every node
  bgpctl topology --node n1 -o json           what n1 should do, in full
  bgpctl topology -o svg > cluster.svg        a picture for a browser
  bgpctl topology -o svg --live               its sessions coloured by state, as the daemon here tells
  bgpctl topology -o dot | dot -Tpng > cluster.png
"""
)
@click.option("--node", metavar="NAME", help="Only this node.", shell_complete=complete.nodes)
@click.option("--live", is_flag=True, help="Colour the sessions of this node by their state (-o svg).")
@output_option(*FORMATS)
@watch_option
@click.pass_obj
def topology(state: State, node: str | None, *, live: bool, output: str, watch: bool) -> None:
    """Show which sessions nodes should have.

    The daemon of each node computes the same from the same resources; only --live asks the daemon.
    """
    if live and output != "svg":
        raise click.UsageError("--live is for -o svg; `bgpctl peers` shows states as a table")

    def render() -> str:
        found = intents(state, node)
        return _picture(state, found, live=live) if output == "svg" else _render(output, found, node)

    show(render, watch=watch)


def intents(state: State, node: str | None) -> "list[Intent]":
    """Compute what one node, or every node, should be. Raises Failure for a node that does not exist."""
    from bgpd.intent import compile_cluster, compile_intent

    snapshot = with_datastore(state, read_snapshot)
    if node is None:
        return list(compile_cluster(snapshot, os.environ, partial(watched, label="computing")))
    intent = compile_intent(snapshot, node, os.environ)
    if not intent.ready:
        raise Failure(intent.reason)
    return [intent]


def _picture(state: State, found: "list[Intent]", *, live: bool) -> str:
    from bgpd.cli.picture import draw
    from bgpd.intent import topology_document

    return draw([topology_document(intent) for intent in found], _standings(state) if live else {})


def _standings(state: State) -> dict[tuple[str, str], str]:
    """Tell how the sessions of the node whose daemon answers are. Raises Failure."""
    with state.daemon() as daemon:
        name = daemon.get("/v1/status")["node"]
        return {(name, peer["name"]): _standing(peer) for peer in daemon.get("/v1/peers")}


def _standing(peer: Document) -> str:
    if peer["state"] == "Established":
        return "up"
    return "down" if peer["admin_down"] or peer["problem"] or peer["state"] == "Idle" else "starting"


def _render(output: str, found: "list[Intent]", node: str | None) -> str:
    from bgpd.intent import ROW_HEADINGS, topology_document, topology_dot, topology_rows

    match output:
        case "table":
            return plain_table(ROW_HEADINGS, topology_rows(found))
        case "name":
            return "\n".join(session.name for intent in found for session in intent.sessions)
        case "dot":
            return topology_dot(found).rstrip("\n")
        case _:
            documents = [topology_document(intent) for intent in found]
            return structured(output, documents[0] if node is not None else documents)
