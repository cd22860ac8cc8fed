"""`bgpctl policy check`: what the policies of a node make of routes, by the daemon's own evaluator."""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from bgpd.cli import complete
from bgpd.cli.output import Column, Document, cell, listing, output_option, structured
from bgpd.cli.progress import watched
from bgpd.cli.state import Failure, State
from bgpd.cli.topology import intents
from bgpd.intent import PolicyRequestError, policy_check
from bgpd.resources import parse_community

DIRECTIONS = ("export", "import", "kernel")
SOURCES = ("static", "device", "inherit", "bgp")

COLUMNS = (
    Column("PREFIX", lambda row: row["route"]["net"]),
    Column("DIRECTION", lambda row: row["direction"]),
    Column("SESSION", lambda row: row.get("session")),
    Column("VERDICT", lambda row: "accept" if row["accept"] else "reject"),
    Column("RULE", lambda row: row["rule"], text=True),
    Column("CHANGES", lambda row: ", ".join(f"{key}={cell(value)}" for key, value in row["changes"].items())),
)


@click.group()
def policy() -> None:
    """Ask the policies of a node about routes."""


@policy.command(
    epilog="""\
\b
Sources of a route: static (own block or service), device (connected), inherit (read from the kernel), bgp.
\b
Examples:
  bgpctl policy check --node n1 --session Global_10_9_0_1 --direction export 10.1.0.0/26 --source static
  bgpctl policy check --node n1 --direction kernel 10.2.0.0/26
  bgpctl policy check --node n1 --routes routes.json -o json
\b
The file holds a list of {"family", "direction", "session", "route": {"net", "source", "as_path", ...}}.
"""
)
@click.option("--node", required=True, metavar="NAME", help="Whose policies.", shell_complete=complete.nodes)
@click.option(
    "--routes",
    "file",
    type=click.Path(),
    metavar="FILE",
    help="A JSON list of requests; - for standard input.",
)
@click.argument("prefix", required=False)
@click.option("--direction", type=click.Choice(DIRECTIONS), default="export", show_default=True)
@click.option(
    "--session",
    metavar="NAME",
    help="Towards or from whom; not for kernel.",
    shell_complete=complete.sessions,
)
@click.option("--source", type=click.Choice(SOURCES), default="bgp", show_default=True)
@click.option("--as-path", metavar="AS[,AS]...", help="AS path of the route.")
@click.option("--community", "communities", multiple=True, metavar="AA:NN", help="May be repeated.")
@click.option("--next-hop", metavar="ADDRESS")
@click.option("--interface", metavar="NAME", help="Interface the route leaves by.")
@click.option("--local-pref", type=int)
@click.option("--metric", type=int, help="Metric of a kernel route.")
@output_option("table", "json", "yaml")
@click.pass_obj
def check(
    state: State, /, *, node: str, file: str | None, prefix: str | None, output: str, **options: Any
) -> None:
    """Tell whether a session's policy, or the kernel's, accepts routes, by which rule, with which changes."""
    if (file is None) == (prefix is None):
        raise click.UsageError("give a PREFIX, or --routes FILE")
    requests = [_request(prefix, **options)] if prefix else _read_requests(str(file))
    (intent,) = intents(state, node)
    try:
        answers = policy_check(intent, watched(requests, "checking"))
    except PolicyRequestError as error:
        raise Failure(str(error)) from error
    if output != "table":
        click.echo(structured(output, answers))
        return
    rows = [request | answer for request, answer in zip(requests, answers, strict=True)]
    click.echo(listing("table", rows, COLUMNS))


def _request(
    prefix: str,
    *,
    direction: str,
    session: str | None,
    source: str,
    as_path: str | None,
    communities: Sequence[str],
    next_hop: str | None,
    interface: str | None,
    local_pref: int | None,
    metric: int | None,
) -> Document:
    if session is None and direction != "kernel":
        raise click.UsageError(f"--direction {direction} needs --session NAME; `bgpctl topology` lists them")
    values = [_understood(parse_community, text) for text in communities]
    return {
        "family": "ipv6" if ":" in prefix else "ipv4",
        "direction": direction,
        "session": session,
        "route": {
            "net": prefix,
            "source": source,
            "as_path": _understood(_as_path, as_path or ""),
            "communities": [value for value in values if len(value) == 2],
            "large_communities": [value for value in values if len(value) == 3],
            "next_hop": next_hop,
            "ifname": interface,
            "local_pref": local_pref,
            "metric": metric,
        },
    }


def _as_path(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(",")) if text else ()


def _understood(read: Callable[[str], tuple[int, ...]], text: str) -> tuple[int, ...]:
    try:
        return read(text)
    except ValueError as error:
        raise click.UsageError(f"{text!r}: {error}") from error


def _read_requests(file: str) -> list[Document]:
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text()
        requests = json.loads(text)
    except OSError as error:
        raise Failure(f"cannot read {file}: {error.strerror}") from error
    except ValueError as error:
        raise Failure(f"{file} is no JSON: {error}") from error
    if not isinstance(requests, list) or not all(isinstance(request, dict) for request in requests):
        raise Failure(
            f"{file}: expected a list of requests", "`bgpctl policy check --help` shows their shape"
        )
    return requests
