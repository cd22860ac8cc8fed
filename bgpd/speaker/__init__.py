"""Transport of sessions: connections, listener, TCP options; applies an intent to running sessions."""

from bgpd.speaker.peer import Peer
from bgpd.speaker.speaker import Speaker

__all__ = ["Peer", "Speaker"]
