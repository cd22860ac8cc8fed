"""What a test needs of the machine; without it the test is skipped and says why."""

from functools import cache

import pytest

from lab.netns import unavailable
from tests.support.peers import Peer


def need_namespaces() -> None:
    """Skip the test where no network namespaces can be made."""
    if reason := _reason():
        pytest.skip(reason)


def need(*implementations: type[Peer]) -> None:
    """Skip the test where another implementation, or the namespace to run it in, is not to be had."""
    need_namespaces()
    for implementation in implementations:
        if reason := implementation.missing():
            pytest.skip(reason)


@cache
def _reason() -> str | None:
    return unavailable()
