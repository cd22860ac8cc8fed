"""What BGP itself changes in attributes that leave, before any policy: one step per attribute.

A table of steps by kind of target is made into a few functions for one target, with what the target does not
need left out: they run once for each path that is sent.
"""

from collections.abc import Callable
from typing import Any, Final

from rib import roles
from rib.path import DEFAULT_LOCAL_PREF, Path
from rib.reflection import PROPAGATION, Propagation, cluster_list, originator_id
from rib.source import PeerKind
from rib.target import Target
from wire import PathAttributes, prepend_as_path

__all__ = ["Departure"]

_Values = list[Any]
"""Attributes on the way: the fields of PathAttributes in their order, to be changed in place."""

_Step = Callable[[Path, _Values], None]

_field: Final = PathAttributes._fields.index
_AS_PATH: Final = _field("as_path")
_NEXT_HOP: Final = _field("next_hop")
_MED: Final = _field("med")
_LOCAL_PREF: Final = _field("local_pref")
_ORIGINATOR_ID: Final = _field("originator_id")
_CLUSTER_LIST: Final = _field("cluster_list")
_EXTENDED_COMMUNITIES: Final = _field("extended_communities")
_ONLY_TO_CUSTOMER: Final = _field("only_to_customer")

_NON_TRANSITIVE: Final = 0x40
"""Bit of the first octet of an extended community (RFC 4360, section 2)."""


class Departure:
    """The changes for one target."""

    def __init__(self, target: Target) -> None:
        steps = [make(target) for make in _STEPS[target.kind]]
        self._steps = tuple([step for step in steps if step is not None])

    def changed(self, path: Path) -> PathAttributes:
        """Return the attributes of a path as the target is to see them."""
        values = list(path.attributes)
        for step in self._steps:
            step(path, values)
        return tuple.__new__(PathAttributes, values)


def _set_next_hop(target: Target) -> _Step:
    """NEXT_HOP (RFC 4271, section 5.1.3): ours towards external peers and for what has no gateway."""
    ours = target.local_address

    def replace(_: Path, values: _Values) -> None:
        values[_NEXT_HOP] = ours

    def replace_unusable(_: Path, values: _Values) -> None:
        present = values[_NEXT_HOP]
        if not present or _link_local(present):
            values[_NEXT_HOP] = ours

    always = target.next_hop == "self" or (target.next_hop == "auto" and target.kind is PeerKind.EBGP)
    return replace if always else replace_unusable


def _link_local(address: bytes) -> bool:
    return (
        address[:2] == b"\xa9\xfe" if len(address) == 4 else address[0] == 0xFE and address[1] & 0xC0 == 0x80
    )


def _prepend_local_as(target: Target) -> _Step:
    """AS_PATH (RFC 4271, section 5.1.2): our AS goes in front towards external peers."""
    ours = (target.local_as,)

    def step(_: Path, values: _Values) -> None:
        values[_AS_PATH] = prepend_as_path(values[_AS_PATH], ours)

    return step


def _drop_learned_med(_: Target) -> _Step:
    """MED (RFC 4271, section 5.1.4): learned from one neighbouring AS, it does not go to another."""

    def step(path: Path, values: _Values) -> None:
        if path.source.kind is not PeerKind.LOCAL:
            values[_MED] = None

    return step


def _set_local_pref(_: Target) -> _Step:
    """LOCAL_PREF (RFC 4271, section 5.1.5): always there towards internal peers."""

    def step(_: Path, values: _Values) -> None:
        if values[_LOCAL_PREF] is None:
            values[_LOCAL_PREF] = DEFAULT_LOCAL_PREF

    return step


def _reflect(target: Target) -> _Step:
    """ORIGINATOR_ID and CLUSTER_LIST (RFC 4456, section 8), where a route goes from internal to internal."""

    def step(path: Path, values: _Values) -> None:
        if PROPAGATION[path.source.kind, target.kind] is Propagation.REFLECTED:
            values[_ORIGINATOR_ID] = originator_id(path)
            values[_CLUSTER_LIST] = cluster_list(path, target.cluster_id)

    return step


def _end_at_the_border(_: Target) -> _Step:
    """All that is not transitive ends at the border of the AS.

    ORIGINATOR_ID, CLUSTER_LIST (RFC 4456, section 8); some EXTENDED_COMMUNITIES (RFC 4360, section 6).
    """

    def step(_: Path, values: _Values) -> None:
        values[_ORIGINATOR_ID] = None
        values[_CLUSTER_LIST] = b""
        present = values[_EXTENDED_COMMUNITIES]
        if present:
            each = [present[start : start + 8] for start in range(0, len(present), 8)]
            values[_EXTENDED_COMMUNITIES] = b"".join([one for one in each if not one[0] & _NON_TRANSITIVE])

    return step


def _mark_for_customers(target: Target) -> _Step | None:
    """OTC (RFC 9234, section 5): added with our AS on the way down or sideways."""
    if not roles.marks_departures(target.role):
        return None

    def step(_: Path, values: _Values) -> None:
        if values[_ONLY_TO_CUSTOMER] is None:
            values[_ONLY_TO_CUSTOMER] = target.local_as

    return step


_INTERNAL: Final = (_set_next_hop, _set_local_pref, _reflect)
_EXTERNAL: Final = (
    _set_next_hop,
    _prepend_local_as,
    _drop_learned_med,
    _end_at_the_border,
    _mark_for_customers,
)
_STEPS: Final[dict[PeerKind, tuple[Callable[[Target], _Step | None], ...]]] = {
    PeerKind.EBGP: _EXTERNAL,
    PeerKind.IBGP: _INTERNAL,
    PeerKind.IBGP_CLIENT: _INTERNAL,
}
"""What makes the steps for a target, by its kind; they are taken in this order."""
