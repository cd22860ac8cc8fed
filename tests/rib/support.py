"""Short ways to say what the tests of the RIB are about."""

from typing import Any

from rib import Changes, PeerKind, PeerSettings, Protocol, Router, Source
from rib.next_hop import Resolution
from rib.path import Path, Terms
from wire import (
    Announcement,
    Codec,
    Family,
    PathAttributes,
    Update,
    Withdrawal,
    parse_address,
    parse_prefix,
    prepend_as_path,
)

IPV4 = Family.IPV4_UNICAST
IPV6 = Family.IPV6_UNICAST
OUR_AS = 64512
OUR_ID = parse_address("10.0.0.99")


def prefix(text: str) -> bytes:
    return parse_prefix(text)[1]


def as_path(*as_numbers: int) -> bytes:
    return prepend_as_path(b"", as_numbers) if as_numbers else b""


def attributes(*as_numbers: int, next_hop: str = "10.0.0.1", **fields: Any) -> PathAttributes:
    return PathAttributes(
        as_path=as_path(*as_numbers), next_hop=parse_address(next_hop), **{"origin": 0} | fields
    )


def communities(*values: int) -> bytes:
    return b"".join(value.to_bytes(4, "big") for value in values)


def settings(name: str, kind: PeerKind, address: str, peer_as: int = OUR_AS, **fields: Any) -> PeerSettings:
    defaults: dict[str, Any] = {
        "local_address": OUR_ID,
        "local_as": OUR_AS,
        "bgp_identifier": parse_address(address),
        "families": frozenset({IPV4}),
    }
    return PeerSettings(
        name=name, kind=kind, address=parse_address(address), peer_as=peer_as, **defaults | fields
    )


def source(name: str, kind: PeerKind, address: str = "10.0.0.1", **fields: Any) -> Source:
    defaults: dict[str, Any] = {
        "bgp_identifier": parse_address(address),
        "cluster_id": OUR_ID,
        "local_as": OUR_AS,
    }
    protocol = Protocol.STATIC if kind is PeerKind.LOCAL else Protocol.BGP
    return Source(name, protocol=protocol, kind=kind, address=parse_address(address), **defaults | fields)


def path(of: Source, value: PathAttributes, path_id: int = 0, *, metric: int = 0, **fields: Any) -> Path:
    reached = {"resolution": Resolution(value.next_hop, "eth0", metric)} | fields
    return Path(Terms(of, value.next_hop, path_id, **reached), value)


def router(**fields: Any) -> Router:
    return Router(**{"bgp_identifier": OUR_ID, "assume_reachable": True} | fields)


def announce(value: PathAttributes, *prefixes: str, family: Family = IPV4, path_id: int = 0) -> Update:
    return Update(announced=[Announcement(family, path_id, value, [prefix(text) for text in prefixes])])


def withdraw(*prefixes: str, family: Family = IPV4, path_id: int = 0) -> Update:
    return Update(withdrawn=[Withdrawal(family, path_id, [prefix(text) for text in prefixes])])


class Receiver:
    """A peer that does what it is told: its Adj-RIB-In, rebuilt from the octets sent to it."""

    def __init__(self, of: PeerSettings) -> None:
        self.settings = of
        self.codec = Codec(
            families=of.families,
            four_octet_as=of.four_octet_as,
            ibgp=of.kind is not PeerKind.EBGP,
            add_path_receive=of.add_path_send,
            extended_next_hop=of.extended_next_hop,
        )
        self.routes: dict[tuple[Family, int, bytes], PathAttributes] = {}
        self.end_of_ribs: list[Family] = []
        self.refreshes: list[bytes] = []
        self.withdrawn_unknown = 0
        self.log: list[str] = []
        """What came in order: "+" for a prefix announced, "-" for one withdrawn."""

    def take(self, changes: Changes) -> None:
        for transmission in changes.transmissions:
            if self.settings.name in transmission.members:
                for piece in transmission.for_member(self.settings.name):
                    self.feed(bytes(piece))

    def feed(self, octets: bytes) -> None:
        while octets:
            length = int.from_bytes(octets[16:18], "big")
            assert length <= self.settings.message_limit
            self._message(octets[18], octets[19:length])
            octets = octets[length:]

    def _message(self, kind: int, body: bytes) -> None:
        if kind == 5:
            self.refreshes.append(body)
            return
        assert kind == 2
        update = self.codec.decode_update(body)
        assert not update.faults
        if update.end_of_rib is not None:
            self.end_of_ribs.append(update.end_of_rib)
        for gone in update.withdrawn:
            for one in gone.prefixes:
                self.log.append("-")
                self.withdrawn_unknown += self.routes.pop((gone.family, gone.path_id, one), None) is None
        for new in update.announced:
            for one in new.prefixes:
                self.log.append("+")
                self.routes[new.family, new.path_id, one] = new.attributes

    def table(self, family: Family = IPV4) -> dict[bytes, PathAttributes]:
        """Routes by prefix, for peers without ADD-PATH."""
        return {one: value for (of, _, one), value in self.routes.items() if of is family}


def drain(of: Router, *receivers: Receiver, budget: int = 100_000) -> list[Changes]:
    """Run until nothing is left and hand everything to the receivers."""
    runs = []
    while of.pending:
        runs.append(of.run(budget))
        for receiver in receivers:
            receiver.take(runs[-1])
        assert len(runs) < 10_000
    return runs
