"""`bgpctl originate`: announce a prefix of this node through the daemon."""

import click

from bgpd.api.client import escaped
from bgpd.cli.output import FORMATS, Column, listing, output_option
from bgpd.cli.state import Failure, State

COLUMNS = (
    Column("PREFIX", lambda route: route["prefix"]),
    Column("NEXT HOP", lambda route: route["next_hop"] or "this node"),
    Column("COMMUNITIES", lambda route: route["communities"]),
    Column("PERMANENT", lambda route: route["permanent"]),
)


@click.command(
    epilog="""\
\b
Examples:
  bgpctl originate 192.0.2.10/32                     until Ctrl-C, or until this command dies
  bgpctl originate 192.0.2.10/32 --community 64512:80 --permanent
  bgpctl originate                                   what programs asked for
  bgpctl originate 192.0.2.10/32 --withdraw
\b
The route is advertised, not installed: whoever asks for it handles its packets. Peers' export filters apply.
"""
)
@click.argument("prefix", required=False)
@click.option("--next-hop", metavar="ADDRESS", help="NEXT_HOP towards internal peers, if not this node.")
@click.option(
    "--community",
    "communities",
    multiple=True,
    metavar="AA:NN",
    help="Add a community, AA:NN or, a large one, AA:NN:MM; may be repeated.",
)
@click.option(
    "--permanent",
    is_flag=True,
    help="Return at once; the route stays until it is withdrawn, also when bgpd restarts.",
)
@click.option("--withdraw", is_flag=True, help="Originate it no longer, whoever asked for it.")
@output_option(*FORMATS)
@click.pass_obj
def originate(
    state: State,
    prefix: str | None,
    *,
    next_hop: str | None,
    communities: tuple[str, ...],
    permanent: bool,
    withdraw: bool,
    output: str,
) -> None:
    """Announce a prefix through the daemon.

    It lasts as long as this command runs. Without a prefix, show what programs asked for.
    """
    changes = bool(next_hop or communities or permanent)
    if (prefix is None and (changes or withdraw)) or (withdraw and changes):
        raise click.UsageError("give PREFIX with what it shall have, or PREFIX with --withdraw alone")
    with state.daemon() as daemon:
        if prefix is None:
            click.echo(listing(output, daemon.get("/v1/originate"), COLUMNS, lambda route: route["prefix"]))
        elif withdraw:
            click.echo(daemon.delete(f"/v1/originate/{escaped(prefix)}")["text"])
        else:
            wanted = {"prefix": prefix, "next_hop": next_hop, "communities": list(communities)}
            _ask(state, wanted | {"permanent": permanent})


def _ask(state: State, wanted: dict[str, object]) -> None:
    with state.daemon() as daemon:
        try:
            for answer in daemon.hold("/v1/originate", wanted):
                click.echo(answer["text"])
        except KeyboardInterrupt:
            return
    if not wanted["permanent"]:
        raise Failure(f"{wanted['prefix']} was withdrawn, or the daemon ended")
