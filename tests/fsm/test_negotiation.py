"""What two OPENs agree on."""

import pytest

import fsm
import wire
from fsm import State
from fsm.negotiation import negotiate
from fsm.offer import make_open
from tests.fsm.rig import PEER_OPEN, peer_open, rig_in
from tests.support.session_pair import parameters

IPV4, IPV6 = wire.Family.IPV4_UNICAST, wire.Family.IPV6_UNICAST
BOTH = frozenset({IPV4, IPV6})


def agreed(message: wire.Open, **changes: object) -> fsm.Negotiated:
    ours = parameters(**changes)
    return negotiate(ours, make_open(ours, returning=False), message)


@pytest.mark.parametrize(
    ("ours", "theirs", "hold", "keepalive"),
    [(240, 90, 90, 30), (9, 240, 9, 3), (0, 90, 0, 0), (90, 0, 0, 0), (3, 3, 3, 1)],
)
def test_the_smaller_hold_time_counts(ours: int, theirs: int, hold: int, keepalive: float) -> None:
    result = agreed(peer_open(hold_time=theirs), hold_time=ours)
    assert (result.hold_time, result.keepalive_time) == (hold, keepalive)


@pytest.mark.parametrize(("configured", "used"), [(10, 10), (60, 30)])
def test_configured_keepalive_time_fits_the_hold_time(configured: int, used: float) -> None:
    assert agreed(PEER_OPEN, keepalive_time=configured).keepalive_time == used


@pytest.mark.parametrize(
    ("capability", "name"),
    [
        (wire.FourOctetAs(64513), "four_octet_as"),
        (wire.RouteRefreshCapability(), "route_refresh"),
        (wire.EnhancedRouteRefresh(), "enhanced_route_refresh"),
        (wire.ExtendedMessage(), "extended_message"),
    ],
)
def test_simple_capabilities_need_both_sides(capability: wire.Capability, name: str) -> None:
    bare = peer_open(capabilities=(wire.Multiprotocol(IPV4),))
    assert getattr(agreed(bare), name) is False
    assert getattr(agreed(peer_open(capability)), name) is True


@pytest.mark.parametrize("offered", [(), (wire.ExtendedMessage(),)])
def test_who_offers_extended_messages_takes_them_from_everyone(offered: tuple[wire.Capability, ...]) -> None:
    # RFC 8654, section 4: to send one the peer must have offered it, to take one we must.
    negotiated = agreed(peer_open(*offered))
    assert negotiated.extended_message is bool(offered)
    assert negotiated.codec(ibgp=False).message_limit == 65535
    assert agreed(peer_open(*offered), extended_message=False).codec(ibgp=False).message_limit == 4096


def test_extended_message_can_be_turned_off() -> None:
    assert agreed(peer_open(wire.ExtendedMessage()), extended_message=False).extended_message is False


def test_add_path_goes_by_direction_and_family() -> None:
    theirs = wire.AddPath(((IPV4, False, True), (IPV6, True, False)))
    message = peer_open(wire.Multiprotocol(IPV6), theirs)
    result = agreed(message, families=BOTH, add_path_receive=BOTH, add_path_send=BOTH)
    assert result.add_path_receive == {IPV4}
    assert result.add_path_send == {IPV6}


def test_add_path_of_a_family_that_is_not_agreed_on_is_nothing() -> None:
    message = peer_open(wire.AddPath(((IPV6, True, True),)))
    result = agreed(message, add_path_receive=BOTH, add_path_send=BOTH)
    assert (result.add_path_receive, result.add_path_send) == (frozenset(), frozenset())


@pytest.mark.parametrize(("afi", "expected"), [(2, {IPV4}), (1, set())])
def test_extended_next_hop_is_about_ipv6_next_hops(afi: int, expected: set[wire.Family]) -> None:
    message = peer_open(wire.ExtendedNextHop(((IPV4, afi),)))
    assert agreed(message, extended_next_hop=frozenset({IPV4})).extended_next_hop == expected
    assert agreed(message).extended_next_hop == frozenset()


def test_graceful_restart_needs_both_sides() -> None:
    offered = wire.GracefulRestart(90, notification=True, families=((IPV4, True),))
    result = agreed(peer_open(offered))
    assert result.graceful_restart == offered
    assert result.notification_restart is True
    assert agreed(peer_open(offered), graceful_restart_time=None).graceful_restart is None
    assert agreed(PEER_OPEN).notification_restart is False


def test_last_of_several_graceful_restart_capabilities_counts() -> None:
    first, last = wire.GracefulRestart(1), wire.GracefulRestart(2)
    assert agreed(peer_open(first, last)).graceful_restart == last


@pytest.mark.parametrize(("ours", "expected"), [(None, {}), (0, {}), (60, {IPV4: 60}), (999, {IPV4: 300})])
def test_long_lived_stale_time_is_bounded_by_ours(ours: int | None, expected: dict[wire.Family, int]) -> None:
    restart = wire.GracefulRestart(90, families=((IPV4, True),))
    long_lived = wire.LongLivedGracefulRestart(((IPV4, True, 300), (IPV6, True, 300)))
    assert (
        agreed(peer_open(restart, long_lived), long_lived_stale_time=ours).long_lived_stale_times == expected
    )


def test_long_lived_without_plain_graceful_restart_is_nothing() -> None:
    long_lived = wire.LongLivedGracefulRestart(((IPV4, True, 300),))
    assert agreed(peer_open(long_lived), long_lived_stale_time=300).long_lived_stale_times == {}


def test_families_nobody_knows_do_no_harm() -> None:
    foreign = wire.family_of(25, 70)
    message = peer_open(
        wire.Multiprotocol(foreign),
        wire.GracefulRestart(90, families=((foreign, True),)),
        wire.AddPath(((foreign, True, True),)),
    )
    assert agreed(message, add_path_receive=BOTH).families == {IPV4}


def test_capability_names_are_listed_once() -> None:
    result = agreed(peer_open(wire.Multiprotocol(IPV6), wire.UnknownCapability(200)))
    assert result.capabilities == ("multiprotocol", "route-refresh", "four-octet-as", "capability-200")


# --- the OPEN that we send --------------------------------------------------------------------------------


def offer(*, returning: bool = False, plain: bool = False, **changes: object) -> wire.Open:
    return wire.decode_open(
        wire.encode_open(make_open(parameters(**changes), returning=returning, plain=plain))[19:]
    )


def test_offer_in_full_survives_the_wire() -> None:
    message = offer(
        families=BOTH,
        local_as=4_200_000_000,
        role=3,
        host_name="n1",
        long_lived_stale_time=300,
        add_path_receive=BOTH,
        add_path_send=frozenset({IPV4}),
        extended_next_hop=frozenset({IPV4}),
        forwarding_preserved=frozenset({IPV6}),
        restarting=True,
    )
    assert (message.my_as, message.hold_time, message.bgp_identifier) == (
        4_200_000_000,
        240,
        bytes([10, 0, 0, 1]),
    )
    assert message.capabilities == (
        wire.Multiprotocol(IPV4),
        wire.Multiprotocol(IPV6),
        wire.RouteRefreshCapability(),
        wire.ExtendedNextHop(((IPV4, 2),)),
        wire.ExtendedMessage(),
        wire.Role(3),
        wire.GracefulRestart(120, True, True, ((IPV4, False), (IPV6, True))),
        wire.FourOctetAs(4_200_000_000),
        wire.AddPath(((IPV4, True, True), (IPV6, True, False))),
        wire.EnhancedRouteRefresh(),
        wire.LongLivedGracefulRestart(((IPV4, False, 300), (IPV6, True, 300))),
        wire.Fqdn("n1"),
    )


def test_offer_of_a_session_that_was_up_before_says_that_nothing_restarted() -> None:
    message = offer(returning=True, restarting=True)
    assert wire.GracefulRestart(120, False, True, ((IPV4, True),)) in message.capabilities


def test_offer_with_everything_off() -> None:
    message = offer(graceful_restart_time=None, extended_message=False, long_lived_stale_time=300)
    kinds = {type(capability) for capability in message.capabilities}
    assert kinds == {
        wire.Multiprotocol, wire.RouteRefreshCapability, wire.FourOctetAs, wire.EnhancedRouteRefresh,
    }  # fmt: skip


def test_longest_host_name_fits() -> None:
    assert wire.Fqdn("n" * 253) in offer(host_name="n" * 253, families=BOTH).capabilities


def test_stale_time_of_zero_is_awareness() -> None:
    assert wire.LongLivedGracefulRestart(()) in offer(long_lived_stale_time=0).capabilities


def test_peer_that_refuses_optional_parameters_gets_an_open_without() -> None:
    rig = rig_in(State.OPEN_SENT).tell(fsm.NotificationReceived(1, wire.Notification(2, 4)))
    rig.wait(1.0)
    rig.tell(fsm.Connected(2))
    assert wire.decode_open(rig.sent()[0][1]).capabilities == ()
    # Once that worked, the next session tries in full again.
    rig.tell(fsm.OpenReceived(2, peer_open(capabilities=()))).tell(fsm.KeepaliveReceived(2))
    rig.tell(fsm.Disconnected(2, "reset")).wait(1.0).tell(fsm.Connected(3))
    assert wire.decode_open(rig.sent()[0][1]).capabilities


# --- parameters -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"bgp_identifier": bytes(4)},
        {"bgp_identifier": b"\1\2\3"},
        {"families": frozenset()},
        {"hold_time": 2},
        {"hold_time": 65536},
        {"hold_time": -1},
        {"role": 5},
        {"local_as": 0},
        {"peer_as": 1 << 32},
        {"graceful_restart_time": 4096},
        {"long_lived_stale_time": 1 << 24},
        {"host_name": "n" * 254},
    ],
)
def test_parameters_that_make_no_session_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        parameters(**wrong)
