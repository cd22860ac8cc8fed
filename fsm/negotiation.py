"""What two OPENs agree on, or the NOTIFICATION that says why they cannot (RFC 4271, section 6.2; RFC 5492)."""

from dataclasses import dataclass

import wire


@dataclass(frozen=True, slots=True, kw_only=True)
class Negotiated:
    """What both sides of a session agreed on in their OPENs."""

    hold_time: int
    """The smaller of both offers, in seconds; 0: no hold timer and no KEEPALIVEs."""
    keepalive_time: float
    families: frozenset[wire.Family]
    four_octet_as: bool
    route_refresh: bool
    enhanced_route_refresh: bool
    extended_message: bool
    add_path_receive: frozenset[wire.Family]
    add_path_send: frozenset[wire.Family]
    extended_next_hop: frozenset[wire.Family]
    graceful_restart: wire.GracefulRestart | None
    """What the peer said about graceful restart; None when either side does not do it."""
    notification_restart: bool
    """Both sides keep routes over a NOTIFICATION (RFC 8538: the N bit)."""
    long_lived_stale_times: dict[wire.Family, int]
    """For how long the peer's stale routes may be kept beyond the restart time (RFC 9494)."""
    role: int | None
    """Our role when it applies to this session, else None (RFC 9234)."""
    peer_role: int | None
    peer_open: wire.Open
    peer_identifier: bytes
    peer_as: int
    capabilities: tuple[str, ...]
    """Names of what the peer offered, for status."""

    def codec(self, *, ibgp: bool) -> wire.Codec:
        """The codec for the UPDATEs of this session."""
        return wire.Codec(
            families=self.families,
            four_octet_as=self.four_octet_as,
            ibgp=ibgp,
            add_path_receive=self.add_path_receive,
            add_path_send=self.add_path_send,
            extended_next_hop=self.extended_next_hop,
            extended_message=self.extended_message,
        )
