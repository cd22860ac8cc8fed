"""Pages of the documentation that are made from code say what the code says."""

import re

import pytest

from bgpd.cli.main import COMMANDS
from bgpd.settings import _parser
from docs.generators.fsm_page import fsm_page
from docs.generators.pages import BGPCTL_PAGE, PAGES, bgpctl_page
from fsm.states import State
from fsm.table import Input


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_page_is_up_to_date(path):
    assert path.read_text() == PAGES[path](), "run: make reference"


def test_page_about_the_state_machine_has_every_state_and_event():
    rows = [line for line in fsm_page().splitlines() if line.startswith("| ")]
    for event in Input:
        (row,) = (row for row in rows if row.startswith(f"| {event.value} "))
        assert row.count(" | ") == len(State)
    assert all(f"--> {state}:" in fsm_page() for state in State)


def test_page_of_bgpctl_has_every_command():
    names = [name for section in COMMANDS.values() for name in section]
    assert [name for name in names if f"\n### bgpctl {name}" not in bgpctl_page()] == []


def test_page_of_bgpd_has_every_option_with_its_variable():
    page = BGPCTL_PAGE.with_name("bgpd.md").read_text()
    actions = [action for action in _parser({})._actions if action.dest != "help"]
    options = {string for action in actions for string in action.option_strings}
    variables = set(re.findall(r"BGPD_[A-Z_]+", " ".join(action.help or "" for action in actions)))
    assert options == set(re.findall(r"(?m)^\| `(--[a-z-]+)", page))
    assert {name for name in variables if f"`{name}`" not in page} == set()
