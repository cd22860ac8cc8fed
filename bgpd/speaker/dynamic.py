"""Dynamic neighbours: who connects from a range gets a session (annotation bgpd.io/listen-range)."""

import asyncio
import re
from dataclasses import replace

from bgpd.intent import Intent, SessionIntent
from bgpd.speaker.peer import Peer
from bgpd.speaker.sessions import Sessions
from bgpd.speaker.translate import session_key
from fsm import State
from wire import CeaseError, make_prefix, parse_address

_LIMIT = 1000
"""Dynamic sessions at a time: more than any rack has, and a bound to what a scan can make us keep."""
_PATIENCE = 60.0
"""Seconds after which a session is forgotten whose connection broke before it said a word."""

_SEPARATORS = re.compile(r"[.:/]")


class DynamicPeers:
    """Opens a session for each peer that comes from a listen range, and forgets it when the peer has left.

    A session that failed stays through its idle hold, so that a peer which does nothing but fail is held off;
    one whose routes are kept as stale stays until they are not.
    """

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._loop = asyncio.get_running_loop()
        self._ranges: tuple[SessionIntent, ...] = ()
        self._connected: dict[str, bool] = {}
        """By session key: whether the session ever got beyond waiting."""

    def make_room(self, intent: Intent) -> None:
        """Give up sessions that the intent has itself, before it is applied."""
        for session in intent.sessions:
            if session_key(session) in self._connected:
                self._remove(session_key(session), "configured by name now")

    def apply(self, intent: Intent) -> None:
        """Go by the ranges of this intent: sessions in none of them end, the others follow theirs."""
        ranges = [session for session in intent.sessions if session.listen_range is not None]
        # The longest range that matches counts, as for routes.
        self._ranges = tuple(sorted(ranges, key=_length, reverse=True))
        for key in list(self._connected):
            old = self._sessions.intents.get(key)
            template = self._range_of(old.peer_ip) if old else None
            if old is None or template is None:
                self._remove(key, "in no listen range any more")
            elif (new := _session(template, old.peer_ip)) != old:
                self._sessions.alter(old, new)

    def admit(self, source: str) -> Peer | None:
        """Return a session for a connection from this address, None when nobody expects it."""
        template = self._range_of(source)
        if template is None or not template.enabled or len(self._connected) >= _LIMIT:
            return None
        session = _session(template, source)
        key = session_key(session)
        if key in self._sessions.intents:  # it is configured, and must not be opened
            return None
        self._connected[key] = False
        self._loop.call_later(_PATIENCE, self._remove_if_gone, key)
        return self._sessions.open(session)

    def changed(self, key: str, state: State) -> None:
        """Take note of a session's state; one that is back to waiting is forgotten."""
        if key not in self._connected:
            return
        if state not in {State.IDLE, State.ACTIVE}:
            self._connected[key] = True
        elif self._connected[key]:
            # Not now: the session is in the middle of telling what happened.
            self._loop.call_soon(self._remove_if_gone, key)

    def _remove_if_gone(self, key: str) -> None:
        peer = self._sessions.peers.get(key)
        if key not in self._connected or peer is None:
            self._connected.pop(key, None)
        elif peer.session.state is State.ACTIVE and not peer.session.retained:
            self._remove(key, "forgotten: its peer has left")

    def _remove(self, key: str, reason: str) -> None:
        del self._connected[key]
        if key in self._sessions.intents:
            self._sessions.remove(key, CeaseError.PEER_DECONFIGURED, reason)

    def _range_of(self, address: str) -> SessionIntent | None:
        octets = parse_address(address)
        return next((session for session in self._ranges if _holds(session, octets)), None)


def _length(session: SessionIntent) -> int:
    return session.listen_range[0] if session.listen_range else 0


def _holds(session: SessionIntent, address: bytes) -> bool:
    prefix = session.listen_range
    same_family = 8 * len(address) == session.family.bits
    return prefix is not None and same_family and make_prefix(address, prefix[0]) == prefix


def _session(template: SessionIntent, address: str) -> SessionIntent:
    """Make the session of one peer: named as if it had been configured by its address."""
    kind = template.name.removesuffix(_SEPARATORS.sub("_", template.peer_ip))
    name = kind + _SEPARATORS.sub("_", address)
    return replace(template, name=name, peer_ip=address, listen_range=None, passive=True)
