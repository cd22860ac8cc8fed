"""The targets and what their corpora start with."""

from collections.abc import Callable
from typing import Final, NamedTuple

from fuzz import messages, sessions
from fuzz.seeds import MESSAGES, SESSIONS


class Target(NamedTuple):
    """A function of octets, and octets worth starting from."""

    consume: Callable[[bytes], None]
    seeds: tuple[bytes, ...]
    longest: int
    """Octets of an input: enough for anything of interest, and few enough to try many."""


TARGETS: Final = {
    "messages": Target(messages.consume, MESSAGES, longest=600),
    "sessions": Target(sessions.consume, SESSIONS, longest=160),
}
