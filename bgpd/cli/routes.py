"""`bgpctl routes`: what is in the tables."""

from socket import AF_INET, AF_INET6, inet_pton

import click

from bgpd.cli import complete
from bgpd.cli.output import (
    FORMATS,
    Column,
    Document,
    as_path_text,
    listing,
    output_option,
    show,
    watch_option,
)
from bgpd.cli.state import State


def _marks(route: Document) -> str:
    """`*` best, `=` shares the traffic, `S` stale, `i` in the kernel, `x` rejected."""
    marks = (
        ("*", route["best"]),
        ("=", route.get("multipath") and not route["best"]),
        ("S", route["stale"]),
        ("i", route["installed"]),
        ("x", route.get("rejected")),
    )
    return "".join(mark for mark, present in marks if present)


COLUMNS = (
    Column("MARK", _marks),
    Column("PREFIX", lambda route: route["prefix"]),
    Column("NEXT HOP", lambda route: route["next_hop"]),
    Column("LOCPREF", lambda route: route["local_pref"]),
    Column("MED", lambda route: route["med"]),
    Column("AS PATH", lambda route: as_path_text(route["as_path"])),
    Column("ORIGIN", lambda route: route["origin"]),
    Column("FROM", lambda route: route["from"]),
    Column("COMMUNITIES", lambda route: route["communities"] + route["large_communities"], wide=True),
    Column("ORIGINATOR", lambda route: route["originator_id"], wide=True),
    Column("CLUSTER LIST", lambda route: route["cluster_list"], wide=True),
    Column("REJECTED BY", lambda route: route.get("rejected"), wide=True, text=True),
)


@click.command(
    epilog="""\
\b
Marks: * best, = shares the traffic, i in the kernel, S stale, x rejected.
\b
Examples:
  bgpctl routes                                     all routes of both families
  bgpctl routes 10.1.2.0/26 -o wide                 every path for one prefix
  bgpctl routes --received-from Mesh_10_0_0_2       what a peer sent
  bgpctl routes --advertised-to Global_10_9_0_1     what a peer gets from us
  bgpctl routes --family ipv6 -o json
"""
)
@click.argument("prefix", required=False)
@click.option("--family", type=click.Choice(["ipv4", "ipv6"]), help="Only this family.")
@click.option(
    "--received-from", metavar="PEER", help="Only what this peer sent.", shell_complete=complete.sessions
)
@click.option(
    "--advertised-to", metavar="PEER", help="Only what this peer gets.", shell_complete=complete.sessions
)
@output_option(*FORMATS)
@watch_option
@click.pass_obj
def routes(
    state: State,
    prefix: str | None,
    *,
    family: str | None,
    received_from: str | None,
    advertised_to: str | None,
    output: str,
    watch: bool,
) -> None:
    """Show routes."""
    if received_from and advertised_to:
        raise click.UsageError("--received-from and --advertised-to exclude each other")
    query = {
        "prefix": prefix,
        "family": family,
        "received_from": received_from,
        "advertised_to": advertised_to,
    }
    with state.daemon() as daemon:
        show(
            lambda: listing(output, sorted(daemon.get("/v1/routes", **query), key=_place), COLUMNS, _name),
            watch=watch,
        )


def _place(route: Document) -> tuple[int, bytes, int]:
    """Order by family, address and length; the paths of one prefix stay best first."""
    address, _, length = route["prefix"].partition("/")
    family = AF_INET6 if ":" in address else AF_INET
    return family, inet_pton(family, address), int(length)


def _name(route: Document) -> str:
    return str(route["prefix"])
