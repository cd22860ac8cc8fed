"""`bgpctl session`, `drain`, `undrain`: orders to the running daemon."""

import click

from bgpd.api.client import escaped
from bgpd.cli import complete
from bgpd.cli.state import State

_MESSAGE = click.option("--message", "-m", default="", metavar="TEXT", help="Sent to the peer (RFC 9003).")


def _example(line: str) -> str:
    return f"\b\nExample:\n  {line}\n"


@click.group(
    epilog="""\
\b
Examples:
  bgpctl session reset Mesh_10_0_0_2
  bgpctl session refresh 10.0.0.2                       an address will do
  bgpctl session shutdown Global_10_9_0_1 -m "switch replaced, back at 14:00"
  bgpctl session start Global_10_9_0_1
"""
)
def session() -> None:
    """Reset, refresh, shut down or start a session."""


@session.command(epilog=_example('bgpctl session reset Mesh_10_0_0_2 -m "new cable"'))
@click.argument("peer", shell_complete=complete.sessions)
@_MESSAGE
@click.pass_obj
def reset(state: State, peer: str, message: str) -> None:
    """End the session and let it come back at once."""
    _order(state, f"/v1/peers/{escaped(peer)}/reset", message)


@session.command(epilog=_example("bgpctl session refresh 10.0.0.2         an address will do"))
@click.argument("peer", shell_complete=complete.sessions)
@click.pass_obj
def refresh(state: State, peer: str) -> None:
    """Ask the peer for its routes again; traffic is not touched (RFC 2918)."""
    _order(state, f"/v1/peers/{escaped(peer)}/refresh")


@session.command(
    epilog=_example('bgpctl session shutdown Global_10_9_0_1 -m "switch replaced, back at 14:00"')
)
@click.argument("peer", shell_complete=complete.sessions)
@_MESSAGE
@click.pass_obj
def shutdown(state: State, peer: str, message: str) -> None:
    """End the session and keep it down until `start`."""
    _order(state, f"/v1/peers/{escaped(peer)}/shutdown", message)


@session.command(epilog=_example("bgpctl session start Global_10_9_0_1"))
@click.argument("peer", shell_complete=complete.sessions)
@click.pass_obj
def start(state: State, peer: str) -> None:
    """Start a session that was shut down."""
    _order(state, f"/v1/peers/{escaped(peer)}/start")


@click.command(epilog=_example('bgpctl drain -m "kernel upgrade"'))
@_MESSAGE
@click.pass_obj
def drain(state: State, message: str) -> None:
    """Take this node out of the traffic before maintenance."""
    _order(state, "/v1/drain", message)


@click.command(epilog=_example("bgpctl undrain"))
@click.pass_obj
def undrain(state: State) -> None:
    """Bring a drained node back."""
    _order(state, "/v1/undrain")


def _order(state: State, target: str, message: str = "") -> None:
    with state.daemon() as daemon:
        click.echo(daemon.post(target, message)["text"])
