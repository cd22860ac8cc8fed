"""Capabilities of an OPEN (RFC 5492): one class each, and a table from code to decoder."""

from collections.abc import Callable, Iterator
from typing import ClassVar, Final

from records import record
from wire.codes import CapabilityCode
from wire.family import AnyFamily, family_of

_RESTART_STATE: Final = 0x8000
_RESTART_NOTIFICATION: Final = 0x4000
_RESTART_TIME: Final = 0x0FFF
_FORWARDING: Final = 0x80
_RECEIVE: Final = 1
_SEND: Final = 2


@record
class Multiprotocol:
    """NLRI of this family may be exchanged (RFC 4760, section 8)."""

    name: ClassVar[str] = "multiprotocol"
    code: ClassVar[int] = CapabilityCode.MULTIPROTOCOL
    family: AnyFamily

    @property
    def octets(self) -> bytes:
        """Capability Value."""
        return self.family.afi.to_bytes(2, "big") + bytes([0, self.family.safi])


@record
class RouteRefreshCapability:
    """ROUTE-REFRESH is understood (RFC 2918)."""

    name: ClassVar[str] = "route-refresh"
    code: ClassVar[int] = CapabilityCode.ROUTE_REFRESH
    octets: ClassVar[bytes] = b""


@record
class ExtendedNextHop:
    """Families whose next hop may be of another AFI: pairs of family and Nexthop AFI (RFC 8950)."""

    name: ClassVar[str] = "extended-next-hop"
    code: ClassVar[int] = CapabilityCode.EXTENDED_NEXT_HOP
    families: tuple[tuple[AnyFamily, int], ...]

    @property
    def octets(self) -> bytes:
        """Capability Value."""
        return b"".join(
            family.afi.to_bytes(2, "big") + family.safi.to_bytes(2, "big") + next_hop_afi.to_bytes(2, "big")
            for family, next_hop_afi in self.families
        )


@record
class ExtendedMessage:
    """Messages may be up to 65,535 octets long (RFC 8654)."""

    name: ClassVar[str] = "extended-message"
    code: ClassVar[int] = CapabilityCode.EXTENDED_MESSAGE
    octets: ClassVar[bytes] = b""


@record
class Role:
    """The sender's role in this session, a `BgpRole` or an unassigned value (RFC 9234, section 4.1)."""

    name: ClassVar[str] = "role"
    code: ClassVar[int] = CapabilityCode.ROLE
    value: int

    @property
    def octets(self) -> bytes:
        """Capability Value."""
        return bytes([self.value])


@record
class GracefulRestart:
    """Routes may be kept over a restart of the sender (RFC 4724, section 3; RFC 8538, section 2)."""

    name: ClassVar[str] = "graceful-restart"
    code: ClassVar[int] = CapabilityCode.GRACEFUL_RESTART
    restart_time: int
    """Seconds until the session is expected back, 0 to 4095."""
    restarting: bool = False
    """Restart State: do not wait for my End-of-RIB before you send your routes."""
    notification: bool = False
    """A NOTIFICATION or an expired hold timer starts graceful restart, too (RFC 8538)."""
    families: tuple[tuple[AnyFamily, bool], ...] = ()
    """Families, each with whether forwarding state was preserved."""

    @property
    def octets(self) -> bytes:
        """Capability Value."""
        if self.restart_time > _RESTART_TIME:
            raise OverflowError(f"{self.restart_time} s do not fit 12 bits")
        flags = _RESTART_STATE * self.restarting | _RESTART_NOTIFICATION * self.notification
        return (flags | self.restart_time).to_bytes(2, "big") + b"".join(
            _family_octets(family) + bytes([_FORWARDING * forwarding]) for family, forwarding in self.families
        )


@record
class FourOctetAs:
    """AS numbers are four octets, and this is the sender's (RFC 6793, section 3)."""

    name: ClassVar[str] = "four-octet-as"
    code: ClassVar[int] = CapabilityCode.FOUR_OCTET_AS
    as_number: int

    @property
    def octets(self) -> bytes:
        """Capability Value."""
        return self.as_number.to_bytes(4, "big")


@record
class AddPath:
    """Families with several paths per prefix, and whether the sender receives and sends them (RFC 7911)."""

    name: ClassVar[str] = "add-path"
    code: ClassVar[int] = CapabilityCode.ADD_PATH
    families: tuple[tuple[AnyFamily, bool, bool], ...]
    """Family, receive, send."""

    @property
    def octets(self) -> bytes:
        """Capability Value."""
        return b"".join(
            _family_octets(family) + bytes([_RECEIVE * receive | _SEND * send])
            for family, receive, send in self.families
        )


@record
class EnhancedRouteRefresh:
    """A refresh is bracketed by BoRR and EoRR (RFC 7313)."""

    name: ClassVar[str] = "enhanced-route-refresh"
    code: ClassVar[int] = CapabilityCode.ENHANCED_ROUTE_REFRESH
    octets: ClassVar[bytes] = b""


@record
class LongLivedGracefulRestart:
    """Stale routes may be kept beyond the restart time (RFC 9494, section 3)."""

    name: ClassVar[str] = "long-lived-graceful-restart"
    code: ClassVar[int] = CapabilityCode.LONG_LIVED_GRACEFUL_RESTART
    families: tuple[tuple[AnyFamily, bool, int], ...] = ()
    """Family, forwarding state preserved, stale time in seconds (24 bits)."""

    @property
    def octets(self) -> bytes:
        """Capability Value."""
        return b"".join(
            _family_octets(family) + bytes([_FORWARDING * forwarding]) + stale_time.to_bytes(3, "big")
            for family, forwarding, stale_time in self.families
        )


@record
class Fqdn:
    """Host and domain name of the sender (draft-walton-bgp-hostname-capability)."""

    name: ClassVar[str] = "fqdn"
    code: ClassVar[int] = CapabilityCode.FQDN
    host: str
    domain: str = ""

    @property
    def octets(self) -> bytes:
        """Capability Value."""
        return b"".join(bytes([len(part)]) + part for part in (self.host.encode(), self.domain.encode()))


@record
class UnknownCapability:
    """A capability this speaker has no use for; it is kept to be shown."""

    code: int
    value: bytes = b""

    @property
    def name(self) -> str:
        """A name made from the code."""
        return f"capability-{self.code}"

    @property
    def octets(self) -> bytes:
        """Capability Value."""
        return self.value


Capability = (
    Multiprotocol
    | RouteRefreshCapability
    | ExtendedNextHop
    | ExtendedMessage
    | Role
    | GracefulRestart
    | FourOctetAs
    | AddPath
    | EnhancedRouteRefresh
    | LongLivedGracefulRestart
    | Fqdn
    | UnknownCapability
)


def encode_capability(capability: Capability) -> bytes:
    """Return code, length and value; ValueError when a value does not fit its field."""
    try:
        return bytes([capability.code, len(capability.octets)]) + capability.octets
    except OverflowError as error:
        raise ValueError(f"{capability} does not fit its field") from error


def decode_capability(code: int, value: bytes) -> Capability:
    """Return the capability; ValueError when the value of one that we understand is malformed."""
    row = _DECODERS.get(code)
    if row is None:
        return UnknownCapability(code, value)
    lengths, decode = row
    if len(value) not in lengths:
        raise ValueError(f"capability {CapabilityCode(code).name} of {len(value)} octets")
    return decode(value)


def _family_octets(family: AnyFamily) -> bytes:
    return family.afi.to_bytes(2, "big") + bytes([family.safi])


def _records(value: bytes, size: int) -> Iterator[tuple[AnyFamily, bytes]]:
    """Yield the family that opens each record of `size` octets, and the record's remaining octets."""
    for start in range(0, len(value), size):
        record = value[start : start + size]
        yield family_of(int.from_bytes(record[:2], "big"), record[2]), record[3:]


def _decode_multiprotocol(value: bytes) -> Capability:
    return Multiprotocol(family_of(int.from_bytes(value[:2], "big"), value[3]))


def _decode_extended_next_hop(value: bytes) -> Capability:
    words = [int.from_bytes(value[n : n + 2], "big") for n in range(0, len(value), 2)]
    rows = zip(words[::3], words[1::3], words[2::3], strict=True)
    return ExtendedNextHop(tuple((family_of(afi, safi), next_hop_afi) for afi, safi, next_hop_afi in rows))


def _decode_graceful_restart(value: bytes) -> Capability:
    head = int.from_bytes(value[:2], "big")
    return GracefulRestart(
        head & _RESTART_TIME,
        bool(head & _RESTART_STATE),
        bool(head & _RESTART_NOTIFICATION),
        tuple((family, bool(rest[0] & _FORWARDING)) for family, rest in _records(value[2:], 4)),
    )


def _decode_add_path(value: bytes) -> Capability:
    rows = [(family, rest[0]) for family, rest in _records(value, 4)]
    if any(not _RECEIVE <= mode <= _RECEIVE | _SEND for _, mode in rows):
        # RFC 7911, section 4: any other Send/Receive value means that the capability is not understood.
        return UnknownCapability(CapabilityCode.ADD_PATH, value)
    return AddPath(tuple((family, bool(mode & _RECEIVE), bool(mode & _SEND)) for family, mode in rows))


def _decode_long_lived(value: bytes) -> Capability:
    return LongLivedGracefulRestart(
        tuple(
            (family, bool(rest[0] & _FORWARDING), int.from_bytes(rest[1:], "big"))
            for family, rest in _records(value, 7)
        )
    )


def _decode_fqdn(value: bytes) -> Capability:
    host, rest = value[1 : 1 + value[0]], value[1 + value[0] :]
    domain = rest[1:]
    try:
        if len(host) == value[0] and rest and len(domain) == rest[0]:
            return Fqdn(host.decode(), domain.decode())
    except UnicodeDecodeError:
        pass
    # Names are for the eye alone: no reason to refuse a session.
    return UnknownCapability(CapabilityCode.FQDN, value)


_NOTHING: Final = range(1)
_ANY: Final = range(1, 256)

_DECODERS: Final[dict[int, tuple[range, Callable[[bytes], Capability]]]] = {
    CapabilityCode.MULTIPROTOCOL: (range(4, 5), _decode_multiprotocol),
    CapabilityCode.ROUTE_REFRESH: (_NOTHING, lambda _: RouteRefreshCapability()),
    CapabilityCode.EXTENDED_NEXT_HOP: (range(0, 256, 6), _decode_extended_next_hop),
    CapabilityCode.EXTENDED_MESSAGE: (_NOTHING, lambda _: ExtendedMessage()),
    CapabilityCode.ROLE: (range(1, 2), lambda value: Role(value[0])),
    CapabilityCode.GRACEFUL_RESTART: (range(2, 256, 4), _decode_graceful_restart),
    CapabilityCode.FOUR_OCTET_AS: (range(4, 5), lambda value: FourOctetAs(int.from_bytes(value, "big"))),
    CapabilityCode.ADD_PATH: (range(0, 256, 4), _decode_add_path),
    CapabilityCode.ENHANCED_ROUTE_REFRESH: (_NOTHING, lambda _: EnhancedRouteRefresh()),
    CapabilityCode.LONG_LIVED_GRACEFUL_RESTART: (range(0, 256, 7), _decode_long_lived),
    CapabilityCode.FQDN: (_ANY, _decode_fqdn),
}
