"""Each fault of an OPEN gets its NOTIFICATION (RFC 4271, section 6.2)."""

from typing import Any

import pytest

import fsm
import wire
from fsm import State
from tests.fsm.rig import PEER_OPEN, peer_open, rig_in
from wire.codes import BgpRole, OpenError

IPV4, IPV6 = wire.Family.IPV4_UNICAST, wire.Family.IPV6_UNICAST


def refusal(message: wire.Open, **changes: object) -> wire.Notification:
    """Return the NOTIFICATION that answers this OPEN; connection closed, back-off running."""
    rig = rig_in(State.OPEN_SENT, **changes).tell(fsm.OpenReceived(1, message))
    notification = rig.notification()
    assert fsm.Close(1) in rig.last
    assert rig.state is State.IDLE
    assert rig.session.deadline is not None
    assert rig.session.last_error is not None
    assert rig.session.last_error.direction == "sent"
    assert (rig.session.last_error.code, rig.session.last_error.subcode) == (2, notification.subcode)
    return notification


def test_wrong_as() -> None:
    assert refusal(peer_open(my_as=65000)).subcode == OpenError.BAD_PEER_AS


@pytest.mark.parametrize(
    ("changes", "peer_as"),
    [
        ({"my_as": 65000}, 64513),
        ({"my_as": 0}, 64513),
        ({"bgp_identifier": bytes(4)}, 64513),
        ({"bgp_identifier": bytes([10, 0, 0, 1]), "my_as": 64512}, 64512),
        ({"hold_time": 2}, 64513),
        ({"capabilities": (wire.Role(BgpRole.CUSTOMER),)}, 64513),
    ],
)
def test_no_data_where_no_rfc_asks_for_any(changes: dict[str, Any], peer_as: int) -> None:
    # RFC 4271, section 6: "Unless specified explicitly, the Data field … is empty".
    assert refusal(peer_open(**changes), peer_as=peer_as, role=BgpRole.PEER, role_strict=True).data == b""


@pytest.mark.parametrize("peer_as", [64513, 0])
def test_as_zero_is_refused_even_from_a_dynamic_peer(peer_as: int) -> None:
    assert refusal(peer_open(my_as=0), peer_as=peer_as).subcode == OpenError.BAD_PEER_AS


def test_dynamic_peer_may_be_in_any_as() -> None:
    rig = rig_in(State.OPEN_SENT, peer_as=0).tell(fsm.OpenReceived(1, peer_open(my_as=4_200_000_000)))
    assert rig.state is State.OPEN_CONFIRM


@pytest.mark.parametrize(
    ("identifier", "peer_as"),
    [(bytes(4), 64513), (bytes([10, 0, 0, 1]), 64512)],
    ids=["zero", "ours, from an internal peer"],
)
def test_bad_identifier(identifier: bytes, peer_as: int) -> None:
    message = peer_open(bgp_identifier=identifier, my_as=peer_as)
    assert refusal(message, peer_as=peer_as).subcode == OpenError.BAD_BGP_IDENTIFIER


def test_external_peer_may_have_our_identifier() -> None:
    rig = rig_in(State.OPEN_SENT).tell(fsm.OpenReceived(1, peer_open(bgp_identifier=bytes([10, 0, 0, 1]))))
    assert rig.state is State.OPEN_CONFIRM


@pytest.mark.parametrize("hold_time", [1, 2])
def test_hold_time_under_three_seconds(hold_time: int) -> None:
    assert refusal(peer_open(hold_time=hold_time)).subcode == OpenError.UNACCEPTABLE_HOLD_TIME


def test_no_common_family_lists_what_is_missed() -> None:
    notification = refusal(PEER_OPEN, families=frozenset({IPV6}))
    assert notification.subcode == OpenError.UNSUPPORTED_CAPABILITY
    assert notification.data == bytes([1, 4, 0, 2, 0, 1])


def test_required_family_missing_though_another_is_common() -> None:
    families = frozenset({IPV4, IPV6})
    notification = refusal(PEER_OPEN, families=families, required_families=families)
    assert notification.subcode == OpenError.UNSUPPORTED_CAPABILITY
    assert notification.data == bytes([1, 4, 0, 2, 0, 1])


def test_peer_without_capabilities_speaks_ipv4_unicast() -> None:
    rig = rig_in(State.ESTABLISHED, opened=peer_open(capabilities=()), families=frozenset({IPV4, IPV6}))
    assert rig.session.negotiated is not None
    assert rig.session.negotiated.families == {IPV4}


PAIRS = {(0, 3), (3, 0), (1, 2), (2, 1), (4, 4)}


@pytest.mark.parametrize("ours", range(5))
@pytest.mark.parametrize("theirs", [*range(5), 77])
def test_roles(ours: int, theirs: int) -> None:
    rig = rig_in(State.OPEN_SENT, role=ours).tell(fsm.OpenReceived(1, peer_open(wire.Role(theirs))))
    if (ours, theirs) in PAIRS:
        assert rig.state is State.OPEN_CONFIRM
    else:
        assert rig.notification().subcode == OpenError.ROLE_MISMATCH
        assert rig.state is State.IDLE


def test_missing_role_is_refused_in_strict_mode_only() -> None:
    assert rig_in(State.OPEN_SENT, role=3).tell(fsm.OpenReceived(1, PEER_OPEN)).state is State.OPEN_CONFIRM
    assert refusal(PEER_OPEN, role=3, role_strict=True).subcode == OpenError.ROLE_MISMATCH


def test_contradicting_roles_are_a_mismatch() -> None:
    assert refusal(peer_open(wire.Role(0), wire.Role(4)), role=3).subcode == OpenError.ROLE_MISMATCH


def test_role_means_nothing_within_an_as() -> None:
    message = peer_open(wire.Role(3), my_as=64512)
    rig = rig_in(State.OPEN_SENT, role=3, peer_as=64512).tell(fsm.OpenReceived(1, message))
    assert rig.state is State.OPEN_CONFIRM
    assert not any(isinstance(c, wire.Role) for c in wire.decode_open(rig.sent(ever=True)[0][1]).capabilities)
