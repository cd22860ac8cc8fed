"""What a peer that breaks a rule gets to hear, over a real socket: code, subcode, data."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

import wire
from bgpd.intent import compile_intent
from tests.bgpd.speaker.cluster import POOL, Member, free_port, snapshot, until

US, THEM = "127.1.0.1", "127.1.0.2"
OUR_AS, THEIR_AS = 64512, 64513
IPV4 = wire.Multiprotocol(wire.Family.IPV4_UNICAST)
IDENTIFIER = bytes([127, 1, 0, 2])
MARKER = b"\xff" * 16


def message(kind: int, body: bytes = b"", *, marker: bytes = MARKER, length: int | None = None) -> bytes:
    return marker + (19 + len(body) if length is None else length).to_bytes(2, "big") + bytes([kind]) + body


def opening(*more: wire.Capability, **changes: object) -> bytes:
    fields = {"my_as": THEIR_AS, "hold_time": 90, "bgp_identifier": IDENTIFIER} | changes
    capabilities = (IPV4, wire.RouteRefreshCapability(), wire.FourOctetAs(fields["my_as"]), *more)
    return wire.encode_open(wire.Open(**fields, capabilities=capabilities))


def patched(data: bytes, position: int, octets: bytes) -> bytes:
    return data[:position] + octets + data[position + len(octets) :]


KEEPALIVE = wire.encode_keepalive()
OPEN = opening()
UP = OPEN + KEEPALIVE
WITHDRAWAL = message(2, bytes.fromhex("0004 18c00002 0000"))


def update(attributes: str, nlri: str = "18c00002") -> bytes:
    block = bytes.fromhex(attributes)
    return message(2, bytes(2) + len(block).to_bytes(2, "big") + block + bytes.fromhex(nlri))


class Node:
    """A speaker that waits for one external peer."""

    def __init__(self, annotations: dict[str, str] | None = None) -> None:
        self.port = free_port()
        self.member = Member("n1")
        configuration = {"listenPort": self.port, "bindMode": "NodeIP", "nodeToNodeMeshEnabled": False}
        annotations = {"bgpd.io/passive": "true"} | (annotations or {})
        documents = [
            POOL,
            {"kind": "BGPConfiguration", "metadata": {"name": "default"}, "spec": configuration},
            {"kind": "Node", "metadata": {"name": "n1"}, "spec": {"bgp": {"ipv4Address": f"{US}/32"}}},
            {
                "kind": "BGPPeer",
                "metadata": {"name": "them", "annotations": annotations},
                "spec": {"node": "n1", "peerIP": THEM, "asNumber": THEIR_AS},
            },
        ]
        self.member.speaker.apply(compile_intent(snapshot(documents), "n1", {}))

    @property
    def state(self) -> str:
        return self.member.peer(THEM).session.state.value

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(US, self.port, local_addr=(THEM, 0))


@contextlib.asynccontextmanager
async def node(annotations: dict[str, str] | None = None) -> AsyncIterator[Node]:
    it = Node(annotations)
    try:
        yield it
    finally:
        await it.member.speaker.stop(withdraw=True)


async def last_word(data: bytes, *, until_state: str | None = None, then: bytes = b"") -> wire.Notification:
    """Send this, and `then` once the session is in a state; return what the connection ends with."""
    async with node() as it:
        reader, writer = await it.connect()
        writer.write(data)
        if until_state is not None:
            await until(lambda: it.state == until_state)
            writer.write(then)
        async with asyncio.timeout(10):
            kind, body = wire.Framer().feed(await reader.read())[-1]
        writer.close()
        assert kind == wire.MessageType.NOTIFICATION
        return wire.decode_notification(body)


@pytest.mark.parametrize(
    ("data", "code", "subcode", "told"),
    [
        # RFC 4271, section 6.1
        (message(1, OPEN[19:], marker=bytes(16)), 1, 1, ""),
        (message(4, length=18), 1, 2, "0012"),
        (message(1, length=28), 1, 2, "001c"),
        (message(4, b"\0"), 1, 2, "0014"),
        (message(2, length=4097), 1, 2, "1001"),
        (message(9), 1, 3, "09"),
        # section 6.2
        (patched(OPEN, 19, b"\3"), 2, 1, "0004"),
        (opening(my_as=THEIR_AS + 1), 2, 2, ""),
        (patched(OPEN, 24, bytes(4)), 2, 3, ""),
        (patched(OPEN, 22, b"\0\1"), 2, 6, ""),
        (patched(OPEN, 29, b"\1"), 2, 4, ""),
        (OPEN[:28] + b"\xff" + OPEN[29:], 2, 0, ""),
        # RFC 5492, section 5: no family in common
        (
            wire.encode_open(
                wire.Open(
                    THEIR_AS,
                    90,
                    IDENTIFIER,
                    (wire.Multiprotocol(wire.Family.IPV6_UNICAST), wire.FourOctetAs(THEIR_AS)),
                )
            ),
            *(2, 7, "010400010001"),
        ),
        # RFC 6608: what has no place in OpenSent
        (KEEPALIVE, 5, 1, "04"),
        (WITHDRAWAL, 5, 1, "02"),
        (wire.RouteRefresh(wire.Family.IPV4_UNICAST).encode(), 5, 1, "05"),
        # and in OpenConfirm
        (OPEN + OPEN, 5, 2, "01"),
        (OPEN + WITHDRAWAL, 5, 2, "02"),
    ],
)
async def test_what_ends_an_opening(data: bytes, code: int, subcode: int, told: str) -> None:
    heard = await last_word(data)
    assert (heard.code, heard.subcode, heard.data.hex()) == (code, subcode, told)


GOOD = "400101004002060201 0000fc01 400304 7f010002"


@pytest.mark.parametrize(
    ("data", "code", "subcode"),
    [
        (OPEN, 5, 3),
        (message(2, length=22), 1, 2),
        (message(2, bytes.fromhex("0009 0000")), 3, 1),
        (message(2, bytes.fromhex("0000 0009")), 3, 1),
        (update(GOOD + "40630100"), 3, 2),
        (update(GOOD, "21c0000201"), 3, 10),
        (update(GOOD + "800e03000101", ""), 3, 9),
        (update(GOOD + "800f0500010121c0", ""), 3, 9),
        (message(5, bytes(5)), 7, 1),
        (message(1, length=4097), 1, 2),
    ],
)
async def test_what_ends_a_session(data: bytes, code: int, subcode: int) -> None:
    heard = await last_word(UP, until_state="Established", then=data)
    assert (heard.code, heard.subcode) == (code, subcode)


@pytest.mark.parametrize(
    "data",
    [
        update(GOOD.replace("40010100", "40010107")),
        update(GOOD + "c0080300000000"[:12]),
        update("4002060201 0000fc01 400304 7f010002"),
        update(GOOD + "400600 400600 c00702 0000"),
        update(GOOD, "04e0"),
        message(2, bytes(4)),
        wire.RouteRefresh(wire.family_of(25, 70)).encode(),
        WITHDRAWAL,
        KEEPALIVE * 3,
    ],
)
async def test_what_a_session_survives(data: bytes) -> None:
    """RFC 7606, and what is merely unusual."""
    async with node() as it:
        reader, writer = await it.connect()
        writer.write(UP)
        await until(lambda: it.state == "Established")
        writer.write(data + update(GOOD))
        await until(lambda: it.member.sources("192.0.2.0/24"))
        assert it.state == "Established"
        writer.close()
        await reader.read()


async def test_peer_of_two_octet_ases_and_no_capabilities_has_a_session() -> None:
    async with node() as it:
        reader, writer = await it.connect()
        writer.write(wire.encode_open(wire.Open(THEIR_AS, 90, IDENTIFIER)) + KEEPALIVE)
        await until(lambda: it.state == "Established")
        writer.write(update("40010100 400204 0201fc01 400304 7f010002"))
        await until(lambda: it.member.sources("192.0.2.0/24"))
        writer.close()
        await reader.read()


@pytest.mark.parametrize(
    ("roles", "welcome"), [((), False), ((wire.Role(3),), True), ((wire.Role(0),), False)], ids=str
)
async def test_strict_role_wants_its_counterpart(roles: tuple[wire.Capability, ...], welcome: bool) -> None:
    """RFC 9234, section 4.2."""
    async with node({"bgpd.io/role": "provider,strict"}) as it:
        reader, writer = await it.connect()
        writer.write(opening(*roles) + KEEPALIVE)
        if welcome:
            await until(lambda: it.state == "Established")
        else:
            kind, body = wire.Framer().feed(await reader.read())[-1]
            assert (kind, body[:2]) == (3, bytes([2, 11]))
        writer.close()


async def test_too_many_prefixes_are_told_with_family_and_limit() -> None:
    """RFC 4486, section 4: AFI, SAFI, upper bound."""
    async with node({"bgpd.io/max-prefixes": "1"}) as it:
        reader, writer = await it.connect()
        writer.write(UP + update(GOOD) + update(GOOD, "18c00003"))
        kind, body = wire.Framer().feed(await reader.read())[-1]
        assert (kind, body.hex()) == (3, "0601 0001 01 00000001".replace(" ", ""))
        writer.close()
