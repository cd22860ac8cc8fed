"""Pages of the documentation that are made from code say what the code says."""

from docs.generate import FSM_PAGE, fsm_page
from fsm.states import State
from fsm.table import Input


def test_page_about_the_state_machine_is_up_to_date():
    assert FSM_PAGE.read_text() == fsm_page(), "run: python -m docs.generate"


def test_page_about_the_state_machine_has_every_state_and_event():
    rows = [line for line in fsm_page().splitlines() if line.startswith("| ")]
    for event in Input:
        (row,) = (row for row in rows if row.startswith(f"| {event.value} "))
        assert row.count(" | ") == len(State)
    assert all(f"--> {state}:" in fsm_page() for state in State)
