"""A monitor and a router with sessions and UPDATEs of a test's making; nothing is sent anywhere."""

import fsm
import rib
import wire
from bgpd.monitoring import Monitor, Transition, WatchedSession
from fsm.negotiation import negotiate
from wire import Family, parse_address, parse_prefix

OUR_AS, OUR_ID = 4200000512, parse_address("10.0.0.1")
UP = 1_790_000_000_000_000
"""2026-09-21T14:13:20Z"""
PEERS = {
    # address: AS, ADD-PATH
    "10.0.0.2": (4200000602, False),
    "10.0.0.3": (64603, True),
    "fd00:10::4": (64604, False),
    "10.0.0.5": (23, False),
}
OLD = "10.0.0.5"
"""Knows ASes of two octets alone."""
ATTRIBUTES = {
    "communities": bytes.fromhex("fc00000a"),
    "large_communities": bytes.fromhex("fa56ea00 00000001 00000002"),
    "med": 50,
}


class Played:
    """A monitor and a router with sessions and UPDATEs of our making."""

    def __init__(self):
        self.monitor = Monitor(lambda: UP * 1000 + 5_000_000)
        self.monitor.bgp_identifier = OUR_ID
        self.monitor.router = self.router = rib.Router(bgp_identifier=OUR_ID, assume_reachable=True)
        self.codecs = {}

    def play(self):
        for address in PEERS:
            self.up(address)
        self.announce("10.0.0.2", ["192.0.2.0/24", "198.51.100.0/25"])
        self.announce("10.0.0.3", ["192.0.2.0/24"], path_id=7)
        self.announce("10.0.0.3", ["192.0.2.0/24"], path_id=8)
        self.announce("fd00:10::4", ["2001:db8:1::/48", "2001:db8::/32"])
        self.announce(OLD, ["203.0.113.0/24"])
        self.withdraw("10.0.0.2", "198.51.100.0/25")

    def up(self, address):
        octets, (as_number, add_path) = parse_address(address), PEERS[address]
        family = Family.IPV4_UNICAST if len(octets) == 4 else Family.IPV6_UNICAST
        identifier = octets[-4:] if len(octets) == 4 else bytes([10, 0, 0, octets[-1]])
        capabilities = [wire.Multiprotocol(family)]
        if address != OLD:
            capabilities.append(wire.FourOctetAs(as_number))
        if add_path:
            capabilities.append(wire.AddPath(((family, True, True),)))
        parameters = fsm.SessionParameters(
            local_as=OUR_AS, peer_as=as_number, bgp_identifier=OUR_ID, families=frozenset({family})
        )
        ours = wire.Open(OUR_AS, 90, OUR_ID, (*capabilities[:1], wire.FourOctetAs(OUR_AS), *capabilities[2:]))
        theirs = wire.Open(as_number, 90, identifier, tuple(capabilities))
        negotiated = negotiate(parameters, ours, theirs)
        self.codecs[address] = negotiated.codec(ibgp=False)
        local = parse_address("10.0.0.1" if len(octets) == 4 else "fd00:10::1")
        self.router.add_peer(
            rib.PeerSettings(
                name=address,
                kind=rib.PeerKind.EBGP,
                address=octets,
                local_address=local,
                local_as=OUR_AS,
                peer_as=as_number,
                bgp_identifier=identifier,
                families=negotiated.families,
            )
        )
        self.monitor.session_up(
            WatchedSession(
                key=address,
                local_as=OUR_AS,
                address=octets,
                local_address=local,
                ports=(179, 40001),
                negotiated=negotiated,
                since=UP,
            )
        )
        self.monitor.state_changed(
            Transition(
                peer_as=as_number,
                local_as=OUR_AS,
                address=octets,
                local_address=local,
                old=fsm.State.OPEN_CONFIRM,
                new=fsm.State.ESTABLISHED,
            )
        )

    def down(self, address):
        self.monitor.session_down(address, fsm.Down(fsm.DownReason.CONNECTION_LOST, None, frozenset(), 0.0))
        self.router.remove_peer(address)

    def refresh(self, address, family, prefixes):
        """Announce these anew between BoRR and EoRR (RFC 7313): all others are gone."""
        self.router.mark_stale(address, family)
        if prefixes:
            self.announce(address, prefixes, 7 if PEERS[address][1] else None)
        self.monitor.refresh_ends(address, family)
        self.router.sweep_stale(address, family)

    def withdraw(self, address, prefix, path_id=None):
        family, octets = parse_prefix(prefix)
        path_ids = None if path_id is None else [path_id]
        self.send(address, wire.pack_withdrawals(family, [octets], path_ids=path_ids))

    def announce(self, address, prefixes, path_id=None, origin_as=65010):
        octets = parse_address(address)
        attributes = wire.PathAttributes(
            origin=0,
            as_path=wire.prepend_as_path(b"", [PEERS[address][0], origin_as]),
            next_hop=octets,
            **ATTRIBUTES,
        )
        block = wire.encode_attributes(attributes, four_octet_as=address != OLD)
        family = parse_prefix(prefixes[0])[0]
        nlri = [parse_prefix(prefix)[1] for prefix in prefixes]
        self.send(address, wire.pack_announcements(family, block, octets, nlri, path_id=path_id))

    def send(self, address, updates):
        for update in updates:
            frame = (int(wire.MessageType.UPDATE), update[19:])
            self.router.receive(address, self.codecs[address].decode_update(update[19:]))
            self.monitor.frames_received(address, [frame])
