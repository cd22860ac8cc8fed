"""The codec of one Established session: UPDATE bodies to routes (RFC 4271, 4760, 7606, 7911, 8950)."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from wire.attributes.decode import update_error
from wire.attributes.multiprotocol import Multiprotocol, Reach, malformed, split_multiprotocol
from wire.attributes.reader import AttributeReader
from wire.bulk import Bulk, BulkReader
from wire.codes import AttributeType, UpdateError
from wire.family import AnyFamily, Family
from wire.faults import AttributeFault, Verdict
from wire.framing import Frame
from wire.header import EXTENDED_MAXIMUM_LENGTH, MAXIMUM_LENGTH
from wire.next_hop import LENGTHS
from wire.nlri import MalformedNlriError, prefix_pattern, split_paths, split_plain, split_prefixes
from wire.prefix import Prefix, format_prefix
from wire.update import Announcement, Update, Withdrawal

_IPV4: Final = Family.IPV4_UNICAST
_REACH: Final = AttributeType.MP_REACH_NLRI
_UNREACH: Final = AttributeType.MP_UNREACH_NLRI


class Codec:
    """Reads the UPDATEs of one session by what its two sides agreed on."""

    def __init__(
        self,
        *,
        families: frozenset[Family],
        four_octet_as: bool,
        ibgp: bool,
        add_path_receive: frozenset[Family] = frozenset(),
        add_path_send: frozenset[Family] = frozenset(),
        extended_next_hop: frozenset[Family] = frozenset(),
        extended_message: bool = False,
    ) -> None:
        self.families = families
        self.four_octet_as = four_octet_as
        self.ibgp = ibgp
        self.add_path_receive = add_path_receive
        self.add_path_send = add_path_send
        self.extended_next_hop = extended_next_hop
        self.message_limit = EXTENDED_MAXIMUM_LENGTH if extended_message else MAXIMUM_LENGTH
        self._plain_ipv4 = _IPV4 in families - add_path_receive
        self._prefix_pattern = prefix_pattern(_IPV4)
        self._attributes = AttributeReader(four_octet_as=four_octet_as, ibgp=ibgp)
        self._bulk = BulkReader(families - add_path_receive) if four_octet_as and not ibgp else None

    def read_bulk(self, frames: Sequence[Frame], start: int) -> Bulk | None:
        """Read the UPDATEs from `start` on that are the bulk of a table; None: `decode_update` takes them.

        Each of its routes is what one UPDATE says.
        """
        return None if self._bulk is None else self._bulk.read(frames, start)

    def decode_update(self, body: bytes) -> Update:
        """Read the body of an UPDATE; NotificationError when RFC 7606 leaves only a session reset."""
        return self._read_plain(body) or _Reading(self, self._attributes).read(body)

    def _read_plain(self, body: bytes) -> Update | None:
        """Read the bulk of any table: IPv4 routes, none withdrawn, nothing to judge. None for all else."""
        if body[:2] != b"\0\0" or not self._plain_ipv4:
            return None
        stop = 4 + int.from_bytes(body[2:4], "big")
        attributes = self._attributes.read_plain(body[4:stop], None)
        if attributes is None:
            return None
        prefixes = split_plain(self._prefix_pattern, body[stop:])
        return Update([Announcement(_IPV4, 0, attributes, prefixes)], []) if prefixes else None


class _Field(NamedTuple):
    """An NLRI field, and where it was."""

    family: AnyFamily
    attribute: int
    """Type code of the attribute it is in; 0 for the NLRI and Withdrawn Routes fields."""
    octets: bytes
    whole: bytes = b""
    """That attribute, header and all."""


class _Reading:
    """Reads one UPDATE in full, and collects what is wrong with it."""

    __slots__ = ("_attributes", "_codec", "_faults", "_update")

    def __init__(self, codec: Codec, attributes: AttributeReader) -> None:
        self._codec = codec
        self._attributes = attributes
        self._update = Update()
        self._faults: list[AttributeFault] = []

    def read(self, body: bytes) -> Update:
        withdrawn, block, nlri = _split_body(body)
        parts = split_multiprotocol(block)
        reach, unreach = parts.reach, parts.unreach
        if withdrawn:
            self._withdraw(_Field(_IPV4, 0, withdrawn))
        if unreach is not None:
            self._withdraw(_Field(unreach.family, _UNREACH, unreach.withdrawn, unreach.octets))
        if nlri:
            self._announce(_Field(_IPV4, 0, nlri), parts.rest, None)
        if reach is not None:
            self._check_next_hop(reach)
        if reach is not None and reach.nlri:
            field = _Field(reach.family, _REACH, reach.nlri, reach.octets)
            self._announce(field, parts.rest, reach.next_hop)
        elif not nlri:
            self._attributes.check_without_routes(parts.rest, self._faults)
            self._update.end_of_rib = self._end_of_rib(body, parts)
        return self._judged()

    def _withdraw(self, field: _Field) -> None:
        family = self._agreed(field)
        if family is not None:
            paths = self._split(family, field)
            self._update.withdrawn += [Withdrawal(family, *path) for path in paths]

    def _announce(self, field: _Field, block: bytes, next_hop: bytes | None) -> None:
        family = self._agreed(field)
        if family is not None:
            paths = self._split(family, field)
            attributes = self._attributes.read(block, next_hop, self._faults)
            self._update.announced += [
                Announcement(family, path_id, attributes, prefixes) for path_id, prefixes in paths
            ]

    def _agreed(self, field: _Field) -> Family | None:
        """Return the field's family if the session carries it, else note that the field is ignored.

        RFC 4760, section 7, allows to end the session as well; to ignore the routes harms nobody.
        """
        family = field.family
        if isinstance(family, Family) and family in self._codec.families:
            return family
        self._note(field.attribute, Verdict.DISCARD, f"routes of {family} were not agreed on")
        return None

    def _split(self, family: Family, field: _Field) -> list[tuple[int, list[Prefix]]]:
        """Return path identifiers and their prefixes; 0 and all prefixes without ADD-PATH."""
        ignored: list[Prefix] = []
        try:
            if family in self._codec.add_path_receive:
                paths = list(split_paths(family, field.octets, ignored).items())
            else:
                paths = [(0, split_prefixes(family, field.octets, ignored))]
        except MalformedNlriError as error:
            if field.attribute:
                raise malformed(field.whole, str(error)) from None
            raise update_error(UpdateError.INVALID_NETWORK_FIELD, str(error)) from None
        for prefix in ignored:
            self._note(field.attribute, Verdict.DISCARD, f"{format_prefix(family, prefix)} is not unicast")
        return [path for path in paths if path[1]]

    def _check_next_hop(self, reach: Reach) -> None:
        """Judge the length of a next hop in MP_REACH_NLRI (RFC 7606, section 7.11; RFC 8950, section 4).

        Even where no NLRI seem to follow: they cannot be found after a next hop of a wrong length.
        """
        family, size = reach.family, len(reach.next_hop)
        if not isinstance(family, Family) or family not in self._codec.families:
            return
        if size not in LENGTHS[family]:
            raise malformed(reach.octets, f"next hop of {size} octets for {family}")
        if family is _IPV4 and size != 4 and family not in self._codec.extended_next_hop:
            text = "MP_REACH_NLRI has an IPv6 next hop for IPv4, which was not agreed on"
            self._note(_REACH, Verdict.TREAT_AS_WITHDRAW, text)

    def _end_of_rib(self, body: bytes, parts: Multiprotocol) -> Family | None:
        """Return the family of an End-of-RIB marker, which has nothing else in it (RFC 4724, section 2)."""
        family: AnyFamily | None = _IPV4 if len(body) == 4 else None
        unreach = parts.unreach
        if unreach is not None and not (parts.reach or unreach.withdrawn or parts.rest or any(body[:2])):
            family = unreach.family
        return family if isinstance(family, Family) and family in self._codec.families else None

    def _note(self, attribute: int, verdict: Verdict, text: str) -> None:
        self._faults.append(AttributeFault(attribute, verdict, text))

    def _judged(self) -> Update:
        """Carry out the strongest verdict on all routes of the UPDATE (RFC 7606, section 3 h)."""
        update = self._update
        update.faults = tuple(dict.fromkeys(self._faults))
        if any(fault.verdict is Verdict.TREAT_AS_WITHDRAW for fault in update.faults):
            update.withdrawn += [
                Withdrawal(route.family, route.path_id, route.prefixes) for route in update.announced
            ]
            update.announced = []
        return update


def _split_body(body: bytes) -> tuple[bytes, bytes, bytes]:
    """Return Withdrawn Routes, Path Attributes and NLRI; the lengths must agree (RFC 4271, section 6.3)."""
    if len(body) < 4:
        raise update_error(UpdateError.MALFORMED_ATTRIBUTE_LIST, f"UPDATE body of {len(body)} octets")
    withdrawn_stop = 2 + int.from_bytes(body[:2], "big")
    block_start = withdrawn_stop + 2
    if block_start > len(body):
        raise update_error(UpdateError.MALFORMED_ATTRIBUTE_LIST, "Withdrawn Routes overrun the UPDATE")
    block_stop = block_start + int.from_bytes(body[withdrawn_stop:block_start], "big")
    if block_stop > len(body):
        raise update_error(UpdateError.MALFORMED_ATTRIBUTE_LIST, "Path Attributes overrun the UPDATE")
    return body[2:withdrawn_stop], body[block_start:block_stop], body[block_stop:]
