"""`bgpctl peers`: the sessions as the daemon has them."""

import click

from bgpd.api.client import escaped
from bgpd.cli import complete
from bgpd.cli.output import (
    FORMATS,
    Column,
    Document,
    cell,
    duration,
    listing,
    output_option,
    show,
    watch_option,
)
from bgpd.cli.state import State


def total(counts: dict[str, int]) -> int:
    """Add up both families."""
    return sum(counts.values())


def error_text(peer: Document) -> str:
    """Say in one line why the session is or was not up."""
    error = peer["last_error"]
    if peer.get("problem"):
        return str(peer["problem"])
    if not error:
        return ""
    # Code 0: no NOTIFICATION was involved (a refused connection, say), so there is no number to show.
    number = f" ({error['direction']} {error['code']}/{error['subcode']})" if error["code"] else ""
    return f"{error['text']}{number}"


COLUMNS = (
    Column("NAME", lambda peer: peer["name"]),
    Column("PEER IP", lambda peer: peer["peer_ip"]),
    Column("AS", lambda peer: peer["peer_as"]),
    Column("LOCAL AS", lambda peer: peer["local_as"], wide=True),
    Column("TYPE", lambda peer: peer["type"]),
    Column("STATE", lambda peer: peer["state"]),
    Column("UPTIME", lambda peer: duration(peer["uptime_seconds"]) if peer["uptime_seconds"] else "-"),
    Column("RECEIVED", lambda peer: total(peer["received"])),
    Column("ACCEPTED", lambda peer: total(peer["accepted"])),
    Column("ADVERTISED", lambda peer: total(peer["advertised"])),
    Column("FLAPS", lambda peer: peer["flaps"], wide=True),
    Column("HOLD", lambda peer: (peer["negotiated"] or {}).get("hold_time"), wide=True),
    Column("RESOURCE", lambda peer: peer.get("resource"), wide=True),
    Column("LAST ERROR", error_text, wide=True, text=True),
)


@click.command(
    epilog="""\
\b
Examples:
  bgpctl peers                        all sessions
  bgpctl peers -o wide --watch        with flaps, hold times and last errors, refreshed
  bgpctl peers Mesh_10_0_0_2          one in detail (an address will do)
  bgpctl peers -o json | jq '.[] | select(.state != "Established") | .name'
"""
)
@click.argument("name", required=False, shell_complete=complete.sessions)
@output_option(*FORMATS)
@watch_option
@click.pass_obj
def peers(state: State, name: str | None, output: str, watch: bool) -> None:
    """Show sessions, or one in detail."""
    with state.daemon() as daemon:

        def render() -> str:
            if name is None:
                return listing(output, daemon.get("/v1/peers"), COLUMNS)
            peer = daemon.get(f"/v1/peers/{escaped(name)}")
            return detail(peer) if output == "table" else listing(output, [peer], COLUMNS)

        show(render, watch=watch)


def detail(peer: Document) -> str:
    """Tell all about one session."""
    negotiated = peer["negotiated"] or {}
    facts = [
        ("Peer", f"{peer['peer_ip']} port {peer['peer_port']}, AS {peer['peer_as']}"),
        ("Local AS", peer["local_as"]),
        ("Type", f"{peer['type']} ({peer['resource']})" if peer["resource"] else peer["type"]),
        ("State", f"{peer['state']} since {peer['since']}"),
        ("Uptime", duration(peer["uptime_seconds"])),
        ("Flaps", peer["flaps"]),
        ("Problem", peer["problem"]),
        ("Last error", error_text(peer | {"problem": None})),
        ("BGP Identifier", peer["peer_identifier"]),
        ("Hold time", negotiated.get("hold_time")),
        ("Keepalive", negotiated.get("keepalive")),
        ("Capabilities", ", ".join(negotiated.get("capabilities", ()))),
    ]
    facts += [
        (label.capitalize(), ", ".join(f"{count} {family}" for family, count in peer[label].items()))
        for label in ("received", "accepted", "rejected", "stale", "advertised")
    ]
    lines = [f"  {label + ':':<16} {cell(value)}" for label, value in facts]
    return "\n".join([f"Session {peer['name']}", *lines])
