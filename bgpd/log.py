"""One line per event: text for people, JSON for collectors, priorities for the journal."""

import json
import logging
import os
import sys
import time
from collections.abc import Mapping

from bgpd.log_limit import LogLimit

# Syslog priorities that systemd-journald reads from a "<N>" prefix (sd-daemon(3)).
_PRIORITIES = ((logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6), (logging.NOTSET, 7))

_CHATTY = ("asyncio", "httpx2", "httpcore2")
"""Loggers of libraries that tell of every step; what they warn of is wanted, the rest is ours to say."""


_CALICO_LEVELS = {"trace": "DEBUG", "fatal": "CRITICAL"}


def configure(level: str, form: str, environment: Mapping[str, str] = os.environ) -> None:
    """Send the log to standard error in `form` ("text" or "json") from `level` upward."""
    handler = logging.StreamHandler(sys.stderr)
    formatter: logging.Formatter = (
        JsonFormatter() if form == "json" else TextFormatter(journal="JOURNAL_STREAM" in environment)
    )
    handler.setFormatter(formatter)
    root = logging.getLogger()
    handler.addFilter(LogLimit())
    root.handlers[:] = [handler]
    set_level(level)
    for chatty in _CHATTY:
        logging.getLogger(chatty).setLevel(logging.WARNING)


def set_level(level: str) -> None:
    """Log from `level` upward; the words are those of logging, and trace and fatal as Calico has them."""
    logging.getLogger().setLevel(_CALICO_LEVELS.get(level, level.upper()))


def fields(**values: object) -> dict[str, Mapping[str, object]]:
    """Structured fields of a record, for the logger's `extra` argument."""
    return {"fields": {name: value for name, value in values.items() if value is not None}}


class TextFormatter(logging.Formatter):
    """`time LEVEL message key=value …`; under the journal a priority instead of the time."""

    def __init__(self, *, journal: bool) -> None:
        super().__init__()
        self._journal = journal

    def format(self, record: logging.LogRecord) -> str:
        """Render one record on one line."""
        text = f"{record.levelname.lower()}: {_message(self, record)}{_suffix(record)}"
        if self._journal:
            return f"<{_priority(record.levelno)}>{text}"
        return f"{_timestamp(record)} {text}"


class JsonFormatter(logging.Formatter):
    """One JSON object per record: time, level, logger, message and the structured fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Render one record as one line of JSON."""
        head = {
            "time": _timestamp(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _message(self, record),
        }
        return json.dumps(head | dict(getattr(record, "fields", {})), default=str)


def _timestamp(record: logging.LogRecord) -> str:
    seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
    return f"{seconds}.{int(record.msecs):03d}Z"


def _priority(level: int) -> int:
    return next(priority for least, priority in _PRIORITIES if level >= least)


def _message(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    text = record.getMessage().replace("\n", " ")
    if record.exc_info:
        # A traceback in one line keeps "one event, one line" true for the unexpected, too.
        text += " | " + formatter.formatException(record.exc_info).replace("\n", " \\ ")
    return text


def _suffix(record: logging.LogRecord) -> str:
    pairs: Mapping[str, object] = getattr(record, "fields", {})
    return "".join(f" {name}={_quoted(value)}" for name, value in pairs.items())


def _quoted(value: object) -> str:
    text = str(value)
    return json.dumps(text) if not text or any(character in text for character in ' "=\n') else text
