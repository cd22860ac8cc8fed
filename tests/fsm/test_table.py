"""The table is total, says what RFC 4271 says, and the session does what the table says."""

import itertools

import pytest

import fsm
import wire
from fsm import State
from fsm.responses import ON_CONNECTION, ON_SESSION
from fsm.table import TABLE, Input, Response, diagram, transitions
from tests.fsm.rig import PEER_OPEN, Rig, rig_in

_SESSION_INPUTS = {*range(1, 10), 13, 16, 17, 18}
_CONNECTION_INPUTS = {10, 11, 12, *range(18, 32)}


def test_every_pair_has_one_row() -> None:
    pairs = [(row.state, row.input) for row in transitions()]
    assert pairs == list(itertools.product(State, Input))
    assert set(TABLE) == set(pairs)


def test_events_carry_the_numbers_of_the_rfc() -> None:
    assert [event.value for event in Input] == list(range(1, 32))
    assert Input(19).name == "BGP_OPEN"
    assert Input(29).name == "SEND_HOLD_TIMER_EXPIRES"


# What RFC 4271, 8.2.2 makes of each event, one letter a state: the state after it when all goes well
# (I, C, A, S for OpenSent, F for OpenConfirm, E), in the order Idle, Connect, Active, OpenSent, OpenConfirm,
# Established. Lower case: this differs from the letter of the RFC, as the docstring of fsm.table argues.
_AFTER = {
    1: "CCASFE", 2: "IIIIII", 3: "CCASFE", 4: "ACASFE", 5: "ACASFE", 6: "CCASFE", 7: "ACASFE", 8: "IIIIII",
    9: "ICCIII", 10: "IIIIII", 11: "IIIIFE", 12: "ISSIII", 13: "CIIIII", 14: "ICASFE", 15: "ICASFE",
    16: "ISSSFE", 17: "ISSSFE", 18: "IaaAII", 19: "IIIFII", 20: "IFFIII", 21: "IIIIII", 22: "IIIIII",
    23: "IIIIII", 24: "IIIIII", 25: "IIIIII", 26: "IIIIEE", 27: "IIIIIE", 28: "IIIIII", 29: "IIIIII",
}  # fmt: skip
_LETTERS = dict(zip("ICASFE", State, strict=True))


@pytest.mark.parametrize("number", _AFTER)
def test_rows_lead_where_the_rfc_says(number: int) -> None:
    for state, letter in zip(State, _AFTER[number], strict=True):
        assert _LETTERS[letter.upper()] in TABLE[state, Input(number)].next, (state, number)


def test_stays_are_exact() -> None:
    for row in transitions():
        if row.response is Response.IGNORE:
            assert row.next == (row.state,)


def test_every_response_that_can_be_asked_for_is_performed() -> None:
    for row in transitions():
        if row.input in _CONNECTION_INPUTS and row.state is not State.IDLE:
            assert row.response in ON_CONNECTION, row
        if row.input in _SESSION_INPUTS and row.response is not Response.DROP:
            assert row.response in ON_SESSION or row.response in ON_CONNECTION, row


def test_no_response_is_without_a_row() -> None:
    assert {row.response for row in transitions()} == set(Response)
    assert set(ON_SESSION) | set(ON_CONNECTION) == set(Response)


def test_diagram_shows_each_change_of_state_once() -> None:
    lines = diagram().splitlines()
    assert lines[:2] == ["stateDiagram-v2", "    [*] --> Idle"]
    changes = {(row.state, after) for row in transitions() for after in row.next if after is not row.state}
    assert len(lines) == 2 + len(changes)
    assert "    OpenConfirm --> Established: 26" in lines


# --- the session obeys ------------------------------------------------------------------------------------

_ERRORS = {
    Input.BGP_HEADER_ERR: wire.NotificationError(1, 1),
    Input.BGP_OPEN_MSG_ERR: wire.NotificationError(2, 4),
    Input.UPDATE_MSG_ERR: wire.NotificationError(3, 1),
    Input.ROUTE_REFRESH_MSG_ERR: wire.NotificationError(7, 1),
}
_MESSAGES: dict[Input, fsm.Event] = {
    Input.TCP_CONNECTION_FAILS: fsm.Disconnected(1, "reset"),
    Input.BGP_OPEN: fsm.OpenReceived(1, PEER_OPEN),
    Input.NOTIF_MSG_VER_ERR: fsm.NotificationReceived(1, wire.Notification(2, 1)),
    Input.NOTIF_MSG: fsm.NotificationReceived(1, wire.Notification(6, 4)),
    Input.KEEPALIVE_MSG: fsm.KeepaliveReceived(1),
    Input.UPDATE_MSG: fsm.UpdateReceived(1),
    Input.ROUTE_REFRESH_MSG: fsm.RouteRefreshReceived(1, wire.RouteRefresh(wire.Family.IPV4_UNICAST)),
} | {name: fsm.MessageError(1, error) for name, error in _ERRORS.items()}
_ORDERS: dict[Input, fsm.Event] = {
    Input.MANUAL_START: fsm.ManualStart(),
    Input.MANUAL_STOP: fsm.ManualStop(),
    Input.AUTOMATIC_STOP: fsm.AutomaticStop(4),
    Input.TCP_CONNECTION_CONFIRMED: fsm.Incoming(2),
}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("name", _ORDERS)
def test_session_obeys_orders(state: State, name: Input) -> None:
    rig = rig_in(state).tell(_ORDERS[name])
    assert rig.state in TABLE[state, name].next


@pytest.mark.parametrize("state", [State.OPEN_SENT, State.OPEN_CONFIRM, State.ESTABLISHED])
@pytest.mark.parametrize("name", _MESSAGES)
def test_connection_obeys_messages(state: State, name: Input) -> None:
    rig = rig_in(state).tell(_MESSAGES[name])
    assert rig.state in TABLE[state, name].next
    assert bool(rig.of(fsm.Close)) is (rig.state in (State.IDLE, State.ACTIVE))


@pytest.mark.parametrize("incoming", [True, False])
@pytest.mark.parametrize("name", _MESSAGES)
def test_connection_with_delayed_open_obeys_messages(incoming: bool, name: Input) -> None:
    rig = Rig(connect_delay=0.0, passive=incoming, delay_open_time=3.0).tell(fsm.ManualStart())
    rig.tell(fsm.Incoming(1) if incoming else fsm.Connected(1))
    state = State.ACTIVE if incoming else State.CONNECT
    assert rig.state is state
    rig.tell(_MESSAGES[name])
    delayed = Input.BGP_OPEN_WITH_DELAY_OPEN_TIMER_RUNNING
    assert rig.state in TABLE[state, delayed if name is Input.BGP_OPEN else name].next


@pytest.mark.parametrize("event", [*_MESSAGES.values(), fsm.SendBlocked(1), fsm.SendResumed(1)])
@pytest.mark.parametrize("state", [State.IDLE, State.CONNECT, State.ACTIVE])
def test_events_of_connections_that_do_not_exist_are_ignored(state: State, event: fsm.Event) -> None:
    rig = rig_in(state).tell(event)
    assert rig.last == []
    assert rig.state is state
