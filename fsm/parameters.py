"""What a session needs to know about itself and its peer."""

from typing import Final

import wire
from records import record

_LIMITS: Final = {
    "local_as": 0xFFFFFFFF,
    "peer_as": 0xFFFFFFFF,
    "hold_time": 0xFFFF,
    "graceful_restart_time": 0xFFF,
    "long_lived_stale_time": 0xFFFFFF,
    "role": max(wire.BgpRole),
}
"""What the fields of an OPEN can hold."""

_HOST_NAME_OCTETS: Final = 253
"""A capability's value is at most 255 octets long: two lengths and the name."""


@record(kw_only=True)
class SessionParameters:
    """The configuration of one session (the session attributes of RFC 4271, section 8); times in seconds."""

    local_as: int
    peer_as: int
    """The AS the peer must be in; 0 accepts any (a dynamic peer)."""
    bgp_identifier: bytes
    """Ours: four octets, not zero (RFC 6286)."""
    families: frozenset[wire.Family]
    required_families: frozenset[wire.Family] = frozenset()
    """Families without which a session is refused; with none given, one common family is enough."""

    passive: bool = False
    """Wait for the peer, never connect (RFC 4271: PassiveTcpEstablishment)."""
    connect_delay: float = 0.5
    """From the start to the first attempt to connect; the peer may connect meanwhile."""
    connect_retry_time: float = 5
    delay_open_time: float = 0
    """How long to wait for the peer's OPEN before sending ours (RFC 4271: DelayOpenTime)."""
    idle_hold_time: float = 1
    """The first back-off; it doubles with each further error (RFC 4271: DampPeerOscillations)."""
    idle_hold_limit: float = 30
    stable_time: float = 300
    """Established for so long, a session has earned a fresh back-off."""

    hold_time: int = 240
    """Offered in OPEN: 0 or at least 3."""
    keepalive_time: int | None = None
    """Between KEEPALIVEs, at most a third of the negotiated hold time, which is also the default."""
    open_wait: float = 240
    """How long a connection may take until its OPEN has come (RFC 4271, 8.2.2: a large hold time)."""
    send_hold_time: float | None = None
    """How long the peer may accept no data; None: 480, or twice the hold time if that is more (RFC 9687)."""

    graceful_restart_time: int | None = 120
    """Offered in OPEN; None: graceful restart is off, in both roles (RFC 4724)."""
    restarting: bool = False
    """We have just restarted: the R bit is set until the session was Established once."""
    forwarding_preserved: frozenset[wire.Family] = frozenset()
    """Families whose FIB survived our restart: the F bits of the first OPEN."""
    long_lived_stale_time: int | None = None
    """How long peers shall keep our stale routes, and we theirs at most; 0: aware; None: off (RFC 9494)."""
    end_of_rib_time: float = 240
    """How long after its return a restarted peer may take to send End-of-RIB."""

    add_path_receive: frozenset[wire.Family] = frozenset()
    add_path_send: frozenset[wire.Family] = frozenset()
    extended_message: bool = True
    extended_next_hop: frozenset[wire.Family] = frozenset()
    """Families whose next hop may be an IPv6 address though the family is not (RFC 8950)."""
    role: int | None = None
    """Our BGP role, 0 to 4 (RFC 9234); only told to external peers."""
    role_strict: bool = False
    """Refuse a peer that tells no role."""
    host_name: str | None = None

    def __post_init__(self) -> None:
        """Refuse, with ValueError, what no OPEN can say."""
        if len(self.bgp_identifier) != 4 or self.bgp_identifier == bytes(4):
            raise ValueError("bgp_identifier must be four octets and not 0.0.0.0")
        if self.local_as == 0:
            raise ValueError("local_as must not be 0 (RFC 7607)")
        if not self.families:
            raise ValueError("families must name at least one family")
        if self.hold_time in (1, 2):
            raise ValueError(f"hold_time must be 0 or at least 3, not {self.hold_time}")
        if len((self.host_name or "").encode()) > _HOST_NAME_OCTETS:
            raise ValueError(f"host_name must be at most {_HOST_NAME_OCTETS} octets long")
        for name, limit in _LIMITS.items():
            value = getattr(self, name)
            if value is not None and not 0 <= value <= limit:
                raise ValueError(f"{name} must be 0 to {limit}, not {value}")

    @property
    def internal(self) -> bool:
        """Whether the peer is known to be in our own AS (iBGP)."""
        return self.peer_as == self.local_as
