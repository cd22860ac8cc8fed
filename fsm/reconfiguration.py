"""What a change of parameters does to a running session: one table, field by field."""

import enum
from dataclasses import fields, replace
from typing import Final

from fsm.actions import DownReason
from fsm.administration import cease_all
from fsm.cease import make_cease
from fsm.connection import Connection
from fsm.core import Core
from fsm.negotiation import keepalive_time
from fsm.parameters import SessionParameters
from fsm.states import State
from wire import CeaseError


class Effect(enum.IntEnum):
    """How far a change reaches; the furthest of all changed fields counts."""

    NONE = 0
    IN_PLACE = 1
    """The running session goes by the new value at once."""
    NEXT_OPEN = 2
    """The peer learns of it when the session is next opened; nothing is lost meanwhile."""
    RESET = 3
    """The peer must agree to it: Cease / Other Configuration Change, and a new OPEN.

    Paths are kept meanwhile where both sides agreed to that (RFC 8538), also those of another AS: the peer
    forwards as before, whatever AS it is in.
    """


EFFECTS: Final[dict[str, Effect]] = {
    "local_as": Effect.RESET,
    "peer_as": Effect.RESET,
    "bgp_identifier": Effect.RESET,
    "families": Effect.RESET,
    "required_families": Effect.RESET,
    "passive": Effect.IN_PLACE,
    "connect_delay": Effect.IN_PLACE,
    "connect_retry_time": Effect.IN_PLACE,
    "delay_open_time": Effect.IN_PLACE,
    "idle_hold_time": Effect.IN_PLACE,
    "idle_hold_limit": Effect.IN_PLACE,
    "stable_time": Effect.IN_PLACE,
    "hold_time": Effect.RESET,
    "keepalive_time": Effect.IN_PLACE,
    "open_wait": Effect.IN_PLACE,
    "send_hold_time": Effect.IN_PLACE,
    "graceful_restart_time": Effect.NEXT_OPEN,
    "restarting": Effect.NEXT_OPEN,
    "forwarding_preserved": Effect.NEXT_OPEN,
    "long_lived_stale_time": Effect.NEXT_OPEN,
    "end_of_rib_time": Effect.IN_PLACE,
    "add_path_receive": Effect.RESET,
    "add_path_send": Effect.RESET,
    "extended_message": Effect.RESET,
    "extended_next_hop": Effect.RESET,
    "role": Effect.RESET,
    "role_strict": Effect.RESET,
    "host_name": Effect.NEXT_OPEN,
}


def effect_of(old: SessionParameters, new: SessionParameters) -> Effect:
    """Return the furthest effect of the fields that differ."""
    changed = (field.name for field in fields(old) if getattr(old, field.name) != getattr(new, field.name))
    return max((EFFECTS[name] for name in changed), default=Effect.NONE)


def reconfigure(core: Core, parameters: SessionParameters) -> None:
    """Put other parameters in force."""
    effect = effect_of(core.parameters, parameters)
    core.parameters = parameters
    if effect >= Effect.RESET:
        _reset(core)
    else:
        _adapt(core)


def _reset(core: Core) -> None:
    """Begin anew at once: what kept the session down may well be what was just corrected."""
    cease_all(core, DownReason.RECONFIGURED, make_cease(CeaseError.OTHER_CONFIGURATION_CHANGE), hard=False)
    core.backoff.reset()
    core.plain_open = False
    core.idle(None if core.stopped else 0.0)


def _adapt(core: Core) -> None:
    if core.parameters.passive:
        core.stop_dialing()
    else:
        core.resume_dialing()
    for connection in core.connections.values():
        if not connection.is_silent:
            _adapt_keepalive_time(core, connection)


def _adapt_keepalive_time(core: Core, connection: Connection) -> None:
    interval = keepalive_time(core.parameters, connection.agreed.hold_time)
    if interval == connection.agreed.keepalive_time:
        return
    connection.negotiated = replace(connection.agreed, keepalive_time=interval)
    core.send_keepalive(connection)
    if connection.state is State.ESTABLISHED:
        core.negotiated = connection.negotiated
