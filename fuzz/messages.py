"""Target: octets from the network through framing and decoding, as a session would take them."""

from collections.abc import Iterator
from itertools import product
from typing import Final

import wire
from wire import Family

_BOTH: Final = frozenset(Family)
_NONE: Final[frozenset[Family]] = frozenset()

_CODECS: Final = [
    {
        "four_octet_as": four_octet_as,
        "ibgp": ibgp,
        "add_path_receive": _BOTH if add_path else _NONE,
        "extended_next_hop": _BOTH if extended_next_hop else _NONE,
        "extended_message": extended_message,
    }
    for four_octet_as, ibgp, add_path, extended_next_hop, extended_message in product((True, False), repeat=5)
]
"""What two sides may have agreed on."""


def consume(data: bytes) -> None:
    """Take what a peer sent: octet 0 says what was agreed on, octet 1 how the rest arrives.

    An even octet 1 is a stream, cut in two at its value; an odd one picks the message type whose body the
    rest is, so that the fuzzer need not find the marker. Errors that the protocol has a name for are fine;
    anything else a decoder raises, and any decoded value that its own encoding does not lead back to, is a
    defect.
    """
    if len(data) < 2:
        return
    codec = wire.Codec(families=_BOTH, **_CODECS[data[0] % len(_CODECS)])  # type: ignore[arg-type]
    try:
        for frames in _reads(data[1], data[2:], codec.message_limit):
            for at, (kind, body) in enumerate(frames):
                _decode(kind, body, codec)
                _check_bulk(frames, at, codec)
    except wire.NotificationError as error:
        _check_notification(error.message)


def _reads(arrival: int, octets: bytes, limit: int) -> Iterator[list[wire.Frame]]:
    if arrival % 2:
        yield [(1 + arrival // 2 % 5, octets)]
        return
    framer = wire.Framer()
    framer.limit = limit
    for part in (octets[:arrival], octets[arrival:]):
        yield framer.feed(part)


def _decode(kind: int, body: bytes, codec: wire.Codec) -> None:
    match kind:
        case wire.MessageType.OPEN:
            _check_open(wire.decode_open(body))
        case wire.MessageType.UPDATE:
            _check_update(codec.decode_update(body))
        case wire.MessageType.NOTIFICATION:
            _check_notification(wire.decode_notification(body))
        case wire.MessageType.ROUTE_REFRESH:
            refresh = wire.decode_route_refresh(body)
            assert wire.decode_route_refresh(refresh.encode()[19:]) == refresh
        case _:
            pass


def _check_open(opened: wire.Open) -> None:
    assert opened.my_as != 0
    assert opened.hold_time not in (1, 2)
    try:
        encoded = wire.encode_open(opened)
    except ValueError:
        return  # a peer may say more than fits the form in which we would
    assert wire.decode_open(encoded[19:]).capabilities == opened.capabilities


def _check_notification(notification: wire.Notification) -> None:
    assert notification.describe().isprintable()
    assert wire.decode_notification(notification.encode()[19:]) == notification


def _check_update(update: wire.Update) -> None:
    withdrawing = any(fault.verdict is wire.Verdict.TREAT_AS_WITHDRAW for fault in update.faults)
    assert not (withdrawing and update.announced)
    for withdrawal in update.withdrawn:
        _check_prefixes(withdrawal.family, withdrawal.prefixes)
    for announcement in update.announced:
        _check_prefixes(announcement.family, announcement.prefixes)
        _check_announcement(announcement)


def _check_bulk(frames: list[wire.Frame], at: int, codec: wire.Codec) -> None:
    """What is read at a glance must be all that the UPDATEs in a row say when each is read in full."""
    bulk = codec.read_bulk(frames, at)
    if bulk is None:
        return
    for (octets, prefixes), (_, body) in zip(bulk.routes, frames[at:], strict=False):
        update = codec.decode_update(body)
        glance = wire.Announcement(bulk.family, 0, wire.decode_usual(octets, bulk.next_hop), prefixes)
        assert (update.announced, update.withdrawn, update.faults) == ([glance], [], ())


def _check_prefixes(family: Family, prefixes: list[wire.Prefix]) -> None:
    assert prefixes
    for prefix in prefixes:
        assert wire.parse_prefix(wire.format_prefix(family, prefix)) == (family, prefix)


def _check_announcement(announcement: wire.Announcement) -> None:
    """What we would send of a route must decode to the same route, whatever the peer's encoding was."""
    first = _encoded(announcement)
    reader = wire.Codec(
        families=_BOTH, four_octet_as=True, ibgp=True, extended_next_hop=_BOTH, extended_message=True
    )
    for message in first:
        again = reader.decode_update(message[19:])
        assert not again.faults
        assert [message] == [encoded for each in again.announced for encoded in _encoded(each)]
    announcement.attributes.describe()


def _encoded(announcement: wire.Announcement) -> list[bytes]:
    attributes = announcement.attributes
    block = wire.encode_attributes(attributes, ipv4_next_hop=announcement.family is Family.IPV4_UNICAST)
    limit = wire.EXTENDED_MAXIMUM_LENGTH
    return wire.pack_announcements(
        announcement.family, block, attributes.next_hop, announcement.prefixes, limit=limit
    )
