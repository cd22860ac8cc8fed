"""docs/fsm.md, made from the table of the state machine."""

from collections.abc import Iterator
from typing import Final

from fsm.states import State
from fsm.table import TABLE, Input, Response, diagram

_INTRODUCTION: Final = """\
# The state machine of a session

<!-- Made by `make reference` from fsm/table.py and docs/generators/fsm_page.py. -->

Each TCP connection of a session goes through these states on its own (RFC 4271, section 8.2.2); two of them
exist while a collision lasts. What concerns the session as a whole (starts, stops, the ConnectRetryTimer and
the IdleHoldTimer) meets the most advanced one. The numbers on the arrows are those of the events below.
"""

_TABLE: Final = """\
## What each event does in each state

The table is total: there is an answer for every event in every state. Under each answer stands the state that
follows, where it is another one. Connect and Active answer alike, but for the state itself.
"""

_RESPONSES: Final = """\
## The answers

`fsm/responses.py` says which function performs each.
"""

_DEVIATIONS: Final = """\
Where the table departs from the letter of RFC 4271, the head of `fsm/table.py` says why;
[rfc.md](rfc.md) lists it too.
"""

_COLUMNS: Final = (
    State.IDLE,
    State.CONNECT,
    State.ACTIVE,
    State.OPEN_SENT,
    State.OPEN_CONFIRM,
    State.ESTABLISHED,
)

_ACRONYMS: Final = {"BGP", "CR", "FSM", "OPEN", "TCP", "UPDATE"}


def fsm_page() -> str:
    """Return the page about the state machine."""
    return "\n".join(
        [
            _INTRODUCTION,
            f"```mermaid\n{diagram()}```\n",
            _TABLE,
            *_event_rows(),
            "",
            _RESPONSES,
            *_response_rows(),
            "",
            _DEVIATIONS,
        ]
    )


def _event_rows() -> Iterator[str]:
    yield f"| event | {' | '.join(map(str, _COLUMNS))} |"
    yield "|---|" + "---|" * len(_COLUMNS)
    for event in Input:
        cells = [_cell(state, event) for state in _COLUMNS]
        yield f"| {event.value} {_title(event.name)} | {' | '.join(cells)} |"


def _cell(state: State, event: Input) -> str:
    row = TABLE[state, event]
    after = " or ".join(str(state) for state in row.next)
    answer = "-" if row.response is Response.IGNORE else _title(row.response.name)
    return answer if row.next == (state,) else f"{answer}<br>→ {after}"


def _response_rows() -> Iterator[str]:
    yield "| answer | what is done |"
    yield "|---|---|"
    for response in Response:
        if response is not Response.IGNORE:
            yield f"| {_title(response.name)} | {response.value} |"


def _title(name: str) -> str:
    words = [word if word in _ACRONYMS else word.lower() for word in name.split("_")]
    return " ".join([words[0].title() if words[0].islower() else words[0], *words[1:]])
