"""What an operator may order: one row a verb."""

from collections.abc import Callable

import fsm
import wire
from bgpd import api
from bgpd.speaker import Peer, Speaker

_EVENTS: dict[api.Verb, Callable[[str], fsm.Event]] = {
    api.Verb.RESET: lambda message: fsm.AutomaticStop(
        wire.CeaseError.ADMINISTRATIVE_RESET, message, restart_after=0
    ),
    api.Verb.SHUTDOWN: fsm.ManualStop,
    api.Verb.START: lambda _message: fsm.ManualStart(),
}

_DONE = {
    api.Verb.RESET: "session {} was reset",
    api.Verb.REFRESH: "session {} was asked for its routes, and sent ours, again",
    api.Verb.SHUTDOWN: "session {} was shut down; `bgpctl session start {}` opens it again",
    api.Verb.START: "session {} was started",
    api.Verb.DRAIN: "this node asks its peers to prefer other ways (RFC 8326); `bgpctl undrain` ends it",
    api.Verb.UNDRAIN: "this node no longer asks its peers to prefer other ways",
}


class Orders:
    """Carries out orders on the speaker's sessions and on the node as a whole."""

    def __init__(self, speaker: Speaker, drain: Callable[[bool], None]) -> None:
        self._speaker = speaker
        self._drain = drain

    def carry_out(self, verb: api.Verb, name: str | None, message: str) -> api.CommandResult:
        """Carry out one order; raises NotFoundError or RefusedError."""
        if verb in {api.Verb.DRAIN, api.Verb.UNDRAIN}:
            self._drain(verb is api.Verb.DRAIN)
            return api.CommandResult(_DONE[verb])
        if name is None:
            raise api.RefusedError(f"{verb.value} needs a session", "name one that `bgpctl peers` lists")
        peer = self._running(name)
        if verb is api.Verb.REFRESH:
            self._speaker.refresh(peer)
        else:
            peer.handle(_EVENTS[verb](message))
        return api.CommandResult(_DONE[verb].replace("{}", name), (name,))

    def key(self, name: str) -> str:
        """Find a session by name or address; raises NotFoundError."""
        for key, session in self._speaker.sessions.items():
            if name in {session.name, session.peer_ip}:
                return key
        raise api.NotFoundError(f"no session {name}", "`bgpctl peers` lists the sessions of this node")

    def _running(self, name: str) -> Peer:
        key = self.key(name)
        if key not in self._speaker.peers:
            problem = self._speaker.sessions[key].password_problem or "it is not enabled"
            raise api.RefusedError(f"session {name} is not open: {problem}", "mend that first")
        return self._speaker.peers[key]
