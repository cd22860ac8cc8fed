"""One line per event, in text, for the journal, and as JSON."""

import json
import logging

import pytest

from bgpd.log import JsonFormatter, TextFormatter, fields, set_level


def record(text="hello", level=logging.INFO, error=None, **values):
    made = logging.LogRecord("bgpd.test", level, __file__, 1, text, (), error)
    made.__dict__.update(fields(**values))
    made.created, made.msecs = 0.0, 7.0
    return made


def test_text_has_time_level_message_and_fields():
    line = TextFormatter(journal=False).format(
        record(peer="Mesh_10_0_0_2", reason="hold timer expired", empty=None)
    )
    assert line == '1970-01-01T00:00:00.007Z info: hello peer=Mesh_10_0_0_2 reason="hold timer expired"'


@pytest.mark.parametrize(
    ("level", "priority"),
    [(logging.DEBUG, 7), (logging.INFO, 6), (logging.WARNING, 4), (logging.ERROR, 3), (logging.CRITICAL, 3)],
)
def test_the_journal_gets_a_priority_instead_of_the_time(level, priority):
    assert TextFormatter(journal=True).format(record(level=level)).startswith(f"<{priority}>")


def test_json_is_one_object_with_the_fields():
    document = json.loads(JsonFormatter().format(record(peer="x", sequence=3)))
    assert document == {
        "time": "1970-01-01T00:00:00.007Z",
        "level": "info",
        "logger": "bgpd.test",
        "message": "hello",
        "peer": "x",
        "sequence": 3,
    }


@pytest.mark.parametrize("formatter", [TextFormatter(journal=False), JsonFormatter()])
def test_neither_line_breaks_nor_tracebacks_break_a_line(formatter):
    error = ValueError("no\nway")
    assert "\n" not in formatter.format(record("a\nb", error=(ValueError, error, None)))


def test_no_field_is_no_field():
    assert fields(a=None) == {"fields": {}}


@pytest.mark.parametrize(
    ("word", "level"), [("trace", "DEBUG"), ("debug", "DEBUG"), ("warning", "WARNING"), ("fatal", "CRITICAL")]
)
def test_levels_have_the_words_of_logging_and_of_calico(word, level):
    root = logging.getLogger()
    before = root.level
    try:
        set_level(word)
        assert logging.getLevelName(root.level) == level
    finally:
        root.setLevel(before)
