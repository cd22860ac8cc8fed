"""The codec of one Established session: UPDATE bodies to routes (RFC 4271, 4760, 7606, 7911, 8950)."""

from typing import Final

from wire.attributes.decode import update_error
from wire.attributes.descriptors import descriptors
from wire.attributes.multiprotocol import Multiprotocol, Reach, malformed, split_multiprotocol
from wire.attributes.reader import AttributeReader
from wire.codes import AttributeType, UpdateError
from wire.family import AnyFamily, Family
from wire.faults import AttributeFault, Verdict
from wire.header import EXTENDED_MAXIMUM_LENGTH, MAXIMUM_LENGTH
from wire.next_hop import LENGTHS
from wire.notification import NotificationError
from wire.prefix import MalformedNlriError, Prefix, format_prefix, split_paths, split_prefixes
from wire.update import Announcement, Update, Withdrawal

_IPV4: Final = Family.IPV4_UNICAST
_REACH: Final = AttributeType.MP_REACH_NLRI
_UNREACH: Final = AttributeType.MP_UNREACH_NLRI
_FIELDS: Final = 0
"""Stands for the NLRI and Withdrawn Routes fields where an attribute type is named."""


class Codec:
    """Reads the UPDATEs of one session by what its two sides agreed on."""

    __slots__ = (
        "_reader",
        "add_path_receive",
        "add_path_send",
        "extended_next_hop",
        "families",
        "four_octet_as",
        "ibgp",
        "message_limit",
    )

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
        self._reader = AttributeReader(descriptors(four_octet_as=four_octet_as, ibgp=ibgp))

    def decode_update(self, body: bytes) -> Update:
        """Read the body of an UPDATE; NotificationError when RFC 7606 leaves only a session reset."""
        withdrawn, block, nlri = _split_body(body)
        parts = split_multiprotocol(block)
        update = Update()
        faults: list[AttributeFault] = []
        if withdrawn:
            update.withdrawn += self._withdraw(_IPV4, _FIELDS, withdrawn, faults)
        if parts.unreach is not None:
            update.withdrawn += self._withdraw(
                parts.unreach.family, _UNREACH, parts.unreach.withdrawn, faults
            )
        if nlri:
            update.announced += self._announce(_IPV4, _FIELDS, nlri, parts.rest, None, faults)
        if parts.reach is not None and parts.reach.nlri:
            update.announced += self._announce_multiprotocol(parts.reach, parts.rest, faults)
        elif not nlri:
            self._reader.check_without_routes(parts.rest, faults)
            update.end_of_rib = None if withdrawn else self._end_of_rib(block, parts)
        if faults:
            _apply(update, faults)
        return update

    def _withdraw(
        self, family: AnyFamily, attribute: int, field: bytes, faults: list[AttributeFault]
    ) -> list[Withdrawal]:
        if not isinstance(family, Family) or family not in self.families:
            faults.append(_foreign(family, attribute))
            return []
        paths = self._split(family, attribute, field, faults)
        return [Withdrawal(family, path_id, prefixes) for path_id, prefixes in paths if prefixes]

    def _announce_multiprotocol(
        self, reach: Reach, block: bytes, faults: list[AttributeFault]
    ) -> list[Announcement]:
        family, next_hop = reach.family, reach.next_hop
        if isinstance(family, Family) and family in self.families:
            if len(next_hop) not in LENGTHS[family]:
                raise malformed(_REACH, next_hop, f"next hop of {len(next_hop)} octets for {family}")
            if family is _IPV4 and len(next_hop) != 4 and family not in self.extended_next_hop:
                text = "MP_REACH_NLRI has an IPv6 next hop for IPv4, which was not agreed on"
                faults.append(AttributeFault(_REACH, Verdict.TREAT_AS_WITHDRAW, text))
        return self._announce(family, _REACH, reach.nlri, block, next_hop, faults)

    def _announce(
        self,
        family: AnyFamily,
        attribute: int,
        field: bytes,
        block: bytes,
        next_hop: bytes | None,
        faults: list[AttributeFault],
    ) -> list[Announcement]:
        if not isinstance(family, Family) or family not in self.families:
            faults.append(_foreign(family, attribute))
            return []
        paths = self._split(family, attribute, field, faults)
        attributes = self._reader.read(block, next_hop, faults)
        return [
            Announcement(family, path_id, attributes, prefixes) for path_id, prefixes in paths if prefixes
        ]

    def _split(
        self, family: Family, attribute: int, field: bytes, faults: list[AttributeFault]
    ) -> list[tuple[int, list[Prefix]]]:
        """Return path identifiers and prefixes of an NLRI field."""
        ignored: list[Prefix] = []
        try:
            if family in self.add_path_receive:
                paths = list(split_paths(family, field, ignored).items())
            else:
                paths = [(0, split_prefixes(family, field, ignored))]
        except MalformedNlriError as error:
            raise _nlri_error(attribute, field, error) from None
        for prefix in ignored:
            text = f"{format_prefix(family, prefix)} is not unicast"
            faults.append(AttributeFault(attribute, Verdict.DISCARD, text))
        return paths

    def _end_of_rib(self, block: bytes, parts: Multiprotocol) -> Family | None:
        """Return the family of an UPDATE that has nothing but what makes it the marker (RFC 4724, section 2)."""
        if not block:
            return _IPV4 if _IPV4 in self.families else None
        if parts.rest or parts.reach is not None or parts.unreach is None or parts.unreach.withdrawn:
            return None
        family = parts.unreach.family
        return family if isinstance(family, Family) and family in self.families else None


def _split_body(body: bytes) -> tuple[bytes, bytes, bytes]:
    """Return Withdrawn Routes, Path Attributes and NLRI; the lengths must agree (RFC 4271, section 6.3)."""
    if len(body) < 4:
        raise update_error(UpdateError.MALFORMED_ATTRIBUTE_LIST, f"UPDATE of {len(body)} octets")
    withdrawn_stop = 2 + (body[0] << 8 | body[1])
    block_start = withdrawn_stop + 2
    if block_start > len(body):
        raise update_error(UpdateError.MALFORMED_ATTRIBUTE_LIST, "Withdrawn Routes overrun the UPDATE")
    block_stop = block_start + (body[withdrawn_stop] << 8 | body[withdrawn_stop + 1])
    if block_stop > len(body):
        raise update_error(UpdateError.MALFORMED_ATTRIBUTE_LIST, "Path Attributes overrun the UPDATE")
    return body[2:withdrawn_stop], body[block_start:block_stop], body[block_stop:]


def _foreign(family: AnyFamily, attribute: int) -> AttributeFault:
    # RFC 4760, section 7, would let the session end; its other half, to ignore the routes, harms nobody.
    return AttributeFault(attribute, Verdict.DISCARD, f"routes of {family} were not agreed on")


def _nlri_error(attribute: int, field: bytes, error: MalformedNlriError) -> NotificationError:
    if attribute == _FIELDS:
        return update_error(UpdateError.INVALID_NETWORK_FIELD, str(error))
    return malformed(attribute, field, str(error))


def _apply(update: Update, faults: list[AttributeFault]) -> None:
    """Carry out the strongest verdict on the whole UPDATE (RFC 7606, section 3 h)."""
    update.faults = tuple(dict.fromkeys(faults))
    if any(fault.verdict is Verdict.TREAT_AS_WITHDRAW for fault in faults):
        update.withdrawn += [
            Withdrawal(route.family, route.path_id, route.prefixes) for route in update.announced
        ]
        update.announced = []
