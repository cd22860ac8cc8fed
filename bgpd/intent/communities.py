"""Communities of the resources, standard (RFC 1997) and large (RFC 8092)."""

from collections.abc import Iterable

from bgpd.resources import parse_community
from rib.policy import AddCommunity, AddLargeCommunity

LargeCommunity = tuple[int, int, int]


def add_community(text: str) -> AddCommunity | AddLargeCommunity:
    """Return the operation that adds a valid community `aa:nn` or `aa:nn:mm`."""
    match parse_community(text):
        case (high, low):
            return AddCommunity(high << 16 | low)
        case (administrator, first, second):
            return AddLargeCommunity((administrator, first, second))
        case other:
            raise AssertionError(f"a community of {len(other)} parts passed its own reader")


def community_condition(
    values: Iterable[str],
) -> tuple[tuple[int, ...], tuple[LargeCommunity, ...]]:
    """Split valid communities into those a rule compares as standard and as large ones."""
    added = [add_community(value) for value in values]
    return (
        tuple(one.value for one in added if isinstance(one, AddCommunity)),
        tuple(one.value for one in added if isinstance(one, AddLargeCommunity)),
    )
