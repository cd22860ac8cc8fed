"""`bgpctl events`: what happened, and what happens."""

import json

import click

from bgpd.cli.output import Document, output_option
from bgpd.cli.state import State


@click.command(
    epilog="""\
\b
Examples:
  bgpctl events                    what the daemon remembers
  bgpctl events --follow           and what comes, until Ctrl-C
  bgpctl events --since 120 -o json
"""
)
@click.option("--follow", "-f", is_flag=True, help="Stay and show what comes.")
@click.option("--since", type=click.IntRange(min=0), metavar="N", help="Only events after number N.")
@output_option("table", "json")
@click.pass_obj
def events(state: State, follow: bool, since: int | None, output: str) -> None:
    """Show what happened."""
    query = {"since": str(since) if since is not None else None, "follow": "true" if follow else None}
    with state.daemon() as daemon:
        try:
            for event in daemon.lines("/v1/events", **query):
                click.echo(json.dumps(event) if output == "json" else line(event))
        except KeyboardInterrupt:
            return
    if follow:
        click.echo("bgpctl: the daemon ended the stream", err=True)


def line(event: Document) -> str:
    """Show one event in one line; what a program may want to know follows as key=value."""
    about = f" {event['peer']}" if event["peer"] and event["peer"] not in event["message"] else ""
    facts = "".join(f" {name}={json.dumps(value)}" for name, value in event["fields"].items())
    return f"{event['sequence']:>5}  {event['time']}  {event['kind']}{about}: {event['message']}{facts}"
