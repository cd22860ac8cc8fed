import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bgpd.cli.output import Column, as_path_text, boxed_table, cell, duration, listing, plain_table, show
from bgpd.cli.progress import MANY, watched

ROWS = [{"name": "a", "n": 1}, {"name": "bcd", "n": None}]
COLUMNS = (Column("NAME", lambda row: row["name"]), Column("N", lambda row: row["n"], wide=True))


@pytest.mark.parametrize(
    ("output", "text"),
    [
        ("table", "NAME\na\nbcd"),
        ("wide", "NAME  N\na     1\nbcd   -"),
        ("name", "a\nbcd"),
        ("yaml", "- name: a\n  n: 1\n- name: bcd\n  n:"),
    ],
)
def test_listing(output: str, text: str) -> None:
    assert listing(output, ROWS, COLUMNS).replace(" null", "") == text


def test_listing_json() -> None:
    assert json.loads(listing("json", ROWS, COLUMNS)) == ROWS


def test_a_box_is_drawn_as_calicoctl_does() -> None:
    assert boxed_table(("PEER ADDRESS", "STATE", "INFO"), [["10.0.0.2", "up", "Established"]]) == (
        "+--------------+-------+-------------+\n"
        "| PEER ADDRESS | STATE |    INFO     |\n"
        "+--------------+-------+-------------+\n"
        "| 10.0.0.2     | \x1b[32mup\x1b[0m    | \x1b[32mEstablished\x1b[0m |\n"
        "+--------------+-------+-------------+"
    )


@given(st.lists(st.tuples(*[st.text("abcxyz", min_size=1, max_size=12)] * 3)))
def test_columns_begin_at_the_same_place(rows: list[tuple[str, ...]]) -> None:
    heading, *lines = plain_table(("A", "B", "C"), rows).splitlines()
    starts = [heading.index(letter) for letter in "ABC"]
    for line, row in zip(lines, rows, strict=True):
        assert [line[start : start + len(text)] for start, text in zip(starts, row, strict=True)] == list(row)


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "-"), ("", "-"), (0, "0"), (True, "yes"), (False, "no"), ([1, "b"], "1,b"), ([], "-")],
)
def test_cells(value: object, text: str) -> None:
    assert cell(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "00:00:00"), (29.9, "00:00:29"), (86_399, "23:59:59"), (270_000, "3d03h"), (7_520_000, "12w3d")],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_an_as_set_stands_in_braces() -> None:
    assert as_path_text([65001, [1, 2], 3]) == "65001 {1,2} 3"


def test_watching_ends_with_ctrl_c(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pauses = iter([None, KeyboardInterrupt()])

    def sleep(_: float) -> None:
        if error := next(pauses):
            raise error

    monkeypatch.setattr("bgpd.cli.output.time.sleep", sleep)
    texts = iter(["first", "second"])
    show(lambda: next(texts), watch=True)
    assert capsys.readouterr().out.split() == ["first", "second"]


class Terminal(io.StringIO):
    """What is written to a terminal."""

    def isatty(self) -> bool:
        return True


@contextmanager
def terminal() -> Iterator[Terminal]:
    with redirect_stdout(Terminal()) as screen, redirect_stderr(screen):
        yield screen


PROSE = "the peer said that it goes down for maintenance and will be back by noon"


@pytest.mark.parametrize("draw", [plain_table, boxed_table])
def test_prose_is_cut_to_the_terminal_and_names_are_not(
    monkeypatch: pytest.MonkeyPatch, draw: Callable[..., str]
) -> None:
    monkeypatch.setenv("COLUMNS", "70")
    name = "Node_fd00_10_244_0_0_0_0_1"
    with terminal():
        drawn = draw(("NAME", "STATE", "INFO"), [[name, "Idle", PROSE]], ("INFO",))
    assert max(len(click.unstyle(line)) for line in drawn.splitlines()) <= 70
    assert name in drawn
    assert "…" in drawn


def test_a_pipe_gets_all() -> None:
    assert PROSE in plain_table(("INFO",), [[PROSE]], ("INFO",))


@pytest.mark.parametrize(("count", "shown"), [(MANY - 1, False), (MANY, True)])
def test_a_bar_is_for_terminals_and_for_many(count: int, shown: bool) -> None:
    with terminal() as screen:
        assert list(watched(range(count), "things")) == list(range(count))
    assert ("things" in screen.getvalue()) == shown
    with redirect_stderr(io.StringIO()) as log:
        assert list(watched(range(count), "things")) == list(range(count))
    assert log.getvalue() == ""
