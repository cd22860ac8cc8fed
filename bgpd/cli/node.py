"""`bgpctl node status`: the tables calicoctl prints, with real addresses and every session."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import click

from bgpd.bird_time import bird_time
from bgpd.cli.output import Document, boxed_table, show, watch_option
from bgpd.cli.peers import error_text
from bgpd.cli.state import State

HEADINGS = ("PEER ADDRESS", "PEER TYPE", "STATE", "SINCE", "INFO")
PEER_TYPES = {
    "NodeMesh": "node-to-node mesh",
    "NodePeer": "node specific",
    "GlobalPeer": "global",
    "LocalWorkload": "local workload",
}
_FAMILIES = {"ipv4": "IPv4", "ipv6": "IPv6"}


@click.group()
def node() -> None:
    """Look at this node as calicoctl does."""


@node.command(
    epilog="""\
\b
Examples:
  bgpctl node status
  bgpctl node status --watch
"""
)
@watch_option
@click.pass_obj
def status(state: State, watch: bool) -> None:
    """Show the state of this node's sessions, by family."""
    with state.daemon() as daemon:
        show(
            lambda: "\n".join(_lines(daemon.get("/v1/peers"), daemon.get("/v1/status"))),
            watch=watch,
        )


def _lines(peers: Sequence[Document], status: Document) -> Iterator[str]:
    yield from report(peers, datetime.now().astimezone())
    yield from leaving(peers)
    yield from remarks(status)


def report(peers: Sequence[Document], now: datetime) -> Iterator[str]:
    """Give the lines of calicoctl's report (its words are kept: scripts look for them)."""
    yield "Calico process is running."
    for family, title in _FAMILIES.items():
        yield ""
        yield f"{title} BGP status"
        rows = [_row(peer, now) for peer in peers if peer["family"] == family]
        yield boxed_table(HEADINGS, rows, HEADINGS[-1:]) if rows else f"No {title} peers found."
    yield ""


def leaving(peers: Sequence[Document]) -> Iterator[str]:
    """Give a line for each session that is up and has a problem: what ends it, and when at the latest."""
    for peer in peers:
        if peer["state"] == "Established" and peer.get("problem"):
            yield f"{peer['name']}: {peer['problem']}"


def remarks(status: Document) -> Iterator[str]:
    """Give the lines that say what an operator should repair, or may have forgotten; none for neither."""
    if status["draining"]:
        yield "This node is drained; `bgpctl undrain` brings it back."
    reported = status["problems"]
    if reported:
        yield "Problems"
    for problem in reported:
        remedy = f"; {problem['remedy']}" if problem["remedy"] else ""
        yield f"  {problem['where']}: {problem['message']}{remedy}"


def _row(peer: Document, now: datetime) -> list[str]:
    established = peer["state"] == "Established"
    state = "up" if established else "down" if peer["admin_down"] else "start"
    info = peer["state"] if established else f"{peer['state']} {error_text(peer)}".strip()
    return [
        peer["peer_ip"],
        PEER_TYPES.get(peer["type"], peer["type"]),
        state,
        since(peer["since"], now),
        info,
    ]


def since(timestamp: str, now: datetime) -> str:
    """Show a time as BIRD does: HH:MM:SS when recent, else the date; in the zone of `now`."""
    moment = datetime.fromisoformat(timestamp).astimezone(now.tzinfo)
    return bird_time(moment, now)
