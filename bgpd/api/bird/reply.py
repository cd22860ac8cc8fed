"""The form of a reply: lines of a four-digit code and text, as every client of BIRD reads them.

`-` behind the code says that more follows, a space that this was the last line. A line with the code of the
line before it has a space in place of code and sign.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import IntEnum

from bgpd.bird_time import bird_time


class Code(IntEnum):
    """The codes in use; from 8000 on they tell of a refusal."""

    OK = 0
    WELCOME = 1
    DISABLED = 9
    ENABLED = 11
    RESTARTED = 12
    STATUS = 13
    RELOADING = 15
    RESTRICTED = 16
    RECOVERING = 24
    VERSION = 1000
    PROTOCOL = 1002
    PROTOCOL_DETAILS = 1006
    ROUTE = 1007
    UPTIME = 1011
    PROTOCOL_HEADING = 2002
    NO_ROUTE = 8001
    NO_PROTOCOL = 8003
    REFUSED = 8007
    SYNTAX_ERROR = 9001


Line = tuple[Code, str]

# BIRD shows the time of day until an event is this old, then the date; programs know both forms.


def encode(pieces: Iterable[Iterable[Line]]) -> Iterator[bytes]:
    """Yield the lines of a reply but for the last one, in the pieces that they come in."""
    before: Code | None = None
    for lines in pieces:
        texts: list[str] = []
        for code, text in lines:
            head = " " if code is before else f"{code:04}-"
            texts.append(f"{head}{text}\n")
            before = code
        yield "".join(texts).encode()


def last(code: Code, text: str = "") -> bytes:
    """Return the line that ends a reply."""
    return f"{code:04} {text}\n".encode()


def since(moment: float, now: float) -> str:
    """Show a time of the past in local time: HH:MM:SS when recent, else the date."""
    local, present = datetime.fromtimestamp(moment).astimezone(), datetime.fromtimestamp(now).astimezone()
    return bird_time(local, present)


def full_time(moment: float) -> str:
    """Show a time in full, in local time."""
    return f"{datetime.fromtimestamp(moment).astimezone():%Y-%m-%d %H:%M:%S}"
