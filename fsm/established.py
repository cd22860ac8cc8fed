"""Responses from OpenConfirm on: the session comes up and stays alive."""

import wire
from fsm.actions import Refresh, Up
from fsm.connection import Connection
from fsm.core import Core
from fsm.events import Event, RouteRefreshReceived
from fsm.graceful_restart import forwarding
from fsm.negotiation import Negotiated
from fsm.states import State
from fsm.timers import Timer


def establish(core: Core, connection: Connection, _: Event) -> None:
    """Report the session as up, and what becomes of the peer's stale paths."""
    negotiated = connection.agreed
    connection.state = State.ESTABLISHED
    connection.timers.stop(Timer.HOLD)
    core.restart_hold_timer(connection)
    core.negotiated = negotiated
    core.established_at = core.now
    core.has_been_up = True
    core.plain_open = False
    core.actions.append(Up(connection.number, negotiated))
    if negotiated.graceful_restart is not None:
        core.refreshing.expect_initial(negotiated.families)
    core.actions += core.stale.returned(forwarding(negotiated), core.now, core.parameters.end_of_rib_time)


def alive(core: Core, connection: Connection, _: Event) -> None:
    """Take a sign of life."""
    core.restart_hold_timer(connection)


def refresh(core: Core, connection: Connection, event: RouteRefreshReceived) -> None:
    """Take a sign of life, and pass a ROUTE-REFRESH on that both sides understand alike."""
    core.restart_hold_timer(connection)
    _pass_refresh_on(core, connection.agreed, event.refresh)


def _pass_refresh_on(core: Core, negotiated: Negotiated, refresh: wire.RouteRefresh) -> None:
    # A family that was not agreed on is ignored (RFC 2918, section 4), as is a subtype that nobody knows (RFC
    # 7313, section 5). Between speakers that do not share RFC 7313 the subtype is a reserved octet.
    kind = refresh.kind if negotiated.enhanced_route_refresh else wire.RefreshKind.NORMAL
    family = refresh.family
    if not isinstance(family, wire.Family) or family not in negotiated.families:
        return
    match kind:
        case wire.RefreshKind.RESERVED:
            return
        case wire.RefreshKind.BORR if not core.refreshing.begin(
            family, core.now + core.parameters.end_of_rib_time
        ):
            return
        case wire.RefreshKind.EORR if not core.refreshing.end(family):
            return
    core.actions.append(Refresh(family, kind))


def send_keepalive(core: Core, connection: Connection, _: Event) -> None:
    """Show that we are alive."""
    core.send_keepalive(connection)
