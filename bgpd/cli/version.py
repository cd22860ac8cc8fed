"""`bgpctl version`."""

import click

from bgpd import __version__
from bgpd.cli.state import State


@click.command(
    epilog="""\
\b
Examples:
  bgpctl version
  bgpctl version --client     without a daemon
"""
)
@click.option("--client", is_flag=True, help="Only bgpctl's own version.")
@click.pass_obj
def version(state: State, client: bool) -> None:
    """Show the versions of bgpctl and the daemon."""
    click.echo(f"Client Version:    {__version__}")
    if not client:
        with state.daemon() as daemon:
            click.echo(f"Daemon Version:    {daemon.get('/v1/status')['version']}")
