"""Transport of sessions: connections, listener, TCP options; applies an intent to running sessions."""

from bgpd.speaker.peer import Peer
from bgpd.speaker.speaker import Speaker
from bgpd.speaker.translate import session_key

__all__ = ["Peer", "Speaker", "session_key"]
