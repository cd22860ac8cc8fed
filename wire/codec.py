"""The codec of one Established session."""

from wire.family import Family
from wire.header import EXTENDED_MAXIMUM_LENGTH, MAXIMUM_LENGTH
from wire.update import Update


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

    def decode_update(self, body: bytes) -> Update:
        """Read the body of an UPDATE; NotificationError when RFC 7606 leaves only a session reset."""
        raise NotImplementedError
