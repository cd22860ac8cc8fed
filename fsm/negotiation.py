"""What two OPENs agree on (RFC 5492, section 3), once `fsm.acceptance` has found the peer's acceptable."""

from collections.abc import Mapping
from typing import TypeVar, cast

import wire
from fsm.parameters import SessionParameters
from records import record

_IPV6_AFI = 2
_CapabilityT = TypeVar("_CapabilityT", bound=wire.Capability)


@record(kw_only=True)
class Negotiated:
    """What both sides of a session agreed on."""

    hold_time: int
    """The smaller of both offers, in seconds; 0: no hold timer and no KEEPALIVEs."""
    keepalive_time: float
    """Between KEEPALIVEs, in seconds, before jitter."""
    families: frozenset[wire.Family]
    four_octet_as: bool
    route_refresh: bool
    enhanced_route_refresh: bool
    extended_message: bool
    """Whether messages of more than 4,096 octets may be sent; those of the peer are taken if we offer it."""
    add_path_receive: frozenset[wire.Family]
    add_path_send: frozenset[wire.Family]
    extended_next_hop: frozenset[wire.Family]
    graceful_restart: wire.GracefulRestart | None
    """What the peer said about graceful restart; None when either side does not do it."""
    notification_restart: bool
    """Routes are kept over a NOTIFICATION as well: both set the N bit (RFC 8538, section 2)."""
    long_lived_stale_times: Mapping[wire.Family, int]
    """For how long the peer's stale routes are kept beyond the restart time (RFC 9494)."""
    role: int | None
    """Our role when the session is external and has one, else None (RFC 9234)."""
    peer_role: int | None
    own_open: wire.Open
    peer_open: wire.Open
    peer_identifier: bytes
    peer_as: int
    capabilities: tuple[str, ...]
    """Names of what the peer offered, for status."""

    def codec(self, *, ibgp: bool) -> wire.Codec:
        """Return a codec for the UPDATEs of this session."""
        return wire.Codec(
            families=self.families,
            four_octet_as=self.four_octet_as,
            ibgp=ibgp,
            add_path_receive=self.add_path_receive,
            add_path_send=self.add_path_send,
            extended_next_hop=self.extended_next_hop,
            # RFC 8654, section 4: who offers it takes them, from whoever sends them.
            extended_message=wire.ExtendedMessage in _Offered(self.own_open),
        )


class _Offered:
    """The capabilities of an OPEN by their kind; the last where there are several (RFC 4724, section 3)."""

    def __init__(self, message: wire.Open) -> None:
        self._by_kind: dict[type[object], wire.Capability] = {
            type(capability): capability for capability in message.capabilities
        }

    def get(self, kind: type[_CapabilityT]) -> _CapabilityT | None:
        """Return the capability of this kind, None where it is not offered."""
        return cast("_CapabilityT | None", self._by_kind.get(kind))

    def __contains__(self, kind: type[wire.Capability]) -> bool:
        return kind in self._by_kind


def families_of(message: wire.Open) -> frozenset[wire.AnyFamily]:
    """Return the families an OPEN offers: IPv4 unicast where it does not say (RFC 4760, section 8)."""
    named = [
        capability.family for capability in message.capabilities if isinstance(capability, wire.Multiprotocol)
    ]
    return frozenset(named or [wire.Family.IPV4_UNICAST])


def common_families(ours: wire.Open, theirs: wire.Open) -> frozenset[wire.Family]:
    """Return the families both OPENs offer."""
    return _known(families_of(ours) & families_of(theirs))


def keepalive_time(parameters: SessionParameters, hold_time: int) -> float:
    """Return the seconds between KEEPALIVEs: as configured, but three at least within the hold time."""
    third = hold_time / 3
    return third if parameters.keepalive_time is None else min(parameters.keepalive_time, third)


def negotiate(parameters: SessionParameters, ours: wire.Open, theirs: wire.Open) -> Negotiated:
    """Return what the OPEN we sent and the acceptable one that came agree on."""
    families = common_families(ours, theirs)
    hold_time = min(ours.hold_time, theirs.hold_time)
    local, remote = _Offered(ours), _Offered(theirs)
    restart = remote.get(wire.GracefulRestart) if wire.GracefulRestart in local else None
    external = theirs.my_as != parameters.local_as
    peer_role = remote.get(wire.Role)
    return Negotiated(
        hold_time=hold_time,
        keepalive_time=keepalive_time(parameters, hold_time),
        families=families,
        four_octet_as=_both(local, remote, wire.FourOctetAs),
        route_refresh=_both(local, remote, wire.RouteRefreshCapability),
        enhanced_route_refresh=_both(local, remote, wire.EnhancedRouteRefresh),
        extended_message=_both(local, remote, wire.ExtendedMessage),
        add_path_receive=_add_path(local, remote) & families,
        add_path_send=_add_path(remote, local) & families,
        extended_next_hop=_extended_next_hop(local) & _extended_next_hop(remote) & families,
        graceful_restart=restart,
        notification_restart=restart is not None and restart.notification,
        long_lived_stale_times=_long_lived_stale_times(parameters, remote, families) if restart else {},
        role=parameters.role if external else None,
        peer_role=peer_role.value if external and peer_role else None,
        own_open=ours,
        peer_open=theirs,
        peer_identifier=theirs.bgp_identifier,
        peer_as=theirs.my_as,
        capabilities=tuple(dict.fromkeys(capability.name for capability in theirs.capabilities)),
    )


def _known(families: frozenset[wire.AnyFamily]) -> frozenset[wire.Family]:
    return frozenset(family for family in families if isinstance(family, wire.Family))


def _both(local: _Offered, remote: _Offered, kind: type[wire.Capability]) -> bool:
    return kind in local and kind in remote


def _add_path(receiver: _Offered, sender: _Offered) -> frozenset[wire.Family]:
    """Return the families of which `sender` may send several paths to `receiver` (RFC 7911, section 4)."""
    receives, sends = receiver.get(wire.AddPath), sender.get(wire.AddPath)
    if receives is None or sends is None:
        return frozenset()
    receivable = {family for family, receive, _ in receives.families if receive}
    return _known(frozenset(family for family, _, send in sends.families if send and family in receivable))


def _extended_next_hop(speaker: _Offered) -> frozenset[wire.Family]:
    offered = speaker.get(wire.ExtendedNextHop)
    pairs = offered.families if offered else ()
    return _known(frozenset(family for family, next_hop_afi in pairs if next_hop_afi == _IPV6_AFI))


def _long_lived_stale_times(
    parameters: SessionParameters, remote: _Offered, families: frozenset[wire.Family]
) -> dict[wire.Family, int]:
    offered = remote.get(wire.LongLivedGracefulRestart)
    if offered is None or not parameters.long_lived_stale_time:
        return {}
    # The peer says how long its routes are worth keeping; how long we are willing to is our own limit.
    limit = parameters.long_lived_stale_time
    times = {family: min(stale_time, limit) for family, _, stale_time in offered.families if stale_time}
    return {family: times[family] for family in families if family in times}
