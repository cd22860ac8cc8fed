"""Which of two connections to one peer lives (RFC 4271, section 6.8; RFC 6286, section 2.3)."""

from typing import NamedTuple


class Speaker(NamedTuple):
    """One end of a connection, ordered as collision resolution orders them."""

    bgp_identifier: bytes
    as_number: int


class Contender(NamedTuple):
    """A connection in a collision."""

    incoming: bool
    """Whether the peer opened it."""
    established: bool = False
    after_establishment: bool = False
    """Whether it came while the other connection was Established already."""


def newcomer_wins(
    newcomer: Contender, settled: Contender, *, local: Speaker, peer: Speaker, graceful_restart: bool
) -> bool:
    """Tell whether `newcomer`, whose OPEN has just come, replaces `settled`, whose OPEN came before.

    An Established connection stays, but for a peer that does graceful restart and opens a new one: it has
    restarted and lost the old one (RFC 4724, section 4.2). We wait for its OPEN before we believe it, where
    that RFC is content with a TCP handshake: a probe from the peer's host must not reset the session.
    """
    if settled.established:
        return graceful_restart and newcomer.incoming and newcomer.after_establishment
    if newcomer.incoming == settled.incoming:
        # One side opened both; it can only know of the later one.
        return True
    peer_decides = peer > local
    return newcomer.incoming == peer_decides
