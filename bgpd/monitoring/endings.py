"""How BMP says that a session ended (RFC 7854, section 4.9)."""

import fsm
import wire
from wire import bmp

_FSM_EVENTS = {
    fsm.DownReason.ADMINISTRATIVE: 2,
    fsm.DownReason.AUTOMATIC_STOP: 8,
    fsm.DownReason.RECONFIGURED: 8,
    fsm.DownReason.HOLD_TIMER: 10,
    fsm.DownReason.SEND_HOLD_TIMER: 29,
}
"""Why we closed without a word, by number of the event (RFC 4271, section 8.1; RFC 9687, section 3.1)."""


def peer_down(down: fsm.Down) -> tuple[bmp.PeerDownReason, bytes]:
    """Return how a session ended, and what belongs to that (RFC 7854, section 4.9)."""
    error = down.error
    if error is not None and error.code and error.direction is not fsm.Direction.LOCAL:
        told = wire.Notification(error.code, error.subcode, error.data).encode()
        if error.direction is fsm.Direction.SENT:
            return bmp.PeerDownReason.LOCAL_NOTIFICATION, told
        return bmp.PeerDownReason.REMOTE_NOTIFICATION, told
    event = _FSM_EVENTS.get(down.reason)
    if event is None:
        return bmp.PeerDownReason.REMOTE_NO_NOTIFICATION, b""
    return bmp.PeerDownReason.LOCAL_NO_NOTIFICATION, event.to_bytes(2, "big")
