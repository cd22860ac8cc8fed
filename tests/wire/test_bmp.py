"""BMP: what is written is what a reader of RFC 7854 finds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import wire
from tests.support import wire_strategies as some
from tests.support.bmp_reader import PeerHeader, read_messages
from wire import Family, bmp

addresses = some.octets4.filter(any) | st.binary(min_size=16, max_size=16)
times = st.integers(0, 0xFFFFFFFF * 1_000_000)


@st.composite
def headers(draw: st.DrawFn) -> tuple[bytes, int, PeerHeader]:
    address, as_number, identifier = draw(addresses), draw(some.as_numbers), draw(some.octets4)
    narrow, time = draw(st.booleans()), draw(times)
    header = bmp.encode_peer_header(
        address=address, as_number=as_number, bgp_identifier=identifier, two_octet_as=narrow
    )
    flags = (0x80 if len(address) == 16 else 0) | (0x20 if narrow else 0)
    return header, time, PeerHeader(0, flags, address, as_number, identifier, time)


@given(headers(), some.updates())
def test_updates_are_carried_as_they_are(header, updates):
    peer, time, expected = header
    data = b"".join(bmp.encode_route_monitoring(peer, time, update) for update in updates)
    messages = read_messages(data)
    assert [message.content for message in messages] == [{"update": update} for update in updates]
    assert {message.kind for message in messages} == {"route monitoring"}
    assert all(message.peer == expected for message in messages)


@given(headers(), some.opens(), some.opens(), st.integers(0, 0xFFFF), st.integers(0, 0xFFFF))
def test_peer_up_has_both_opens(header, ours, theirs, local_port, remote_port):
    peer, time, expected = header
    sent, received = wire.encode_open(ours), wire.encode_open(theirs)
    data = bmp.encode_peer_up(
        peer,
        time,
        local_address=expected.address,
        local_port=local_port,
        remote_port=remote_port,
        sent=sent,
        received=received,
    )
    (message,) = read_messages(data)
    assert (message.kind, message.peer) == ("peer up", expected)
    assert message.content == {
        "local_address": expected.address,
        "local_port": local_port,
        "remote_port": remote_port,
        "sent": sent,
        "received": received,
    }


@given(headers(), st.sampled_from(bmp.PeerDownReason), st.binary(max_size=40))
def test_peer_down_has_its_reason(header, reason, data):
    peer, time, expected = header
    (message,) = read_messages(bmp.encode_peer_down(peer, time, reason, data))
    assert (message.kind, message.peer) == ("peer down", expected)
    assert message.content == {"reason": reason, "data": data}


def test_statistics_have_counters_of_32_bits_and_gauges_of_64():
    peer = bmp.encode_peer_header(address=bytes(16), as_number=1, bgp_identifier=bytes(4))
    kinds = bmp.StatisticType
    data = bmp.encode_statistics(
        peer,
        0,
        {kinds.AS_PATH_LOOPS: 0x1_0000_0002, kinds.ADJ_RIB_IN: 0x1_0000_0003},
        [(kinds.ADJ_RIB_IN_OF_FAMILY, family, 4 + family.afi) for family in Family],
    )
    (message,) = read_messages(data)
    assert message.content == {
        "totals": {4: 2, 7: 0x1_0000_0003},
        "per_family": {(9, 1): 5, (9, 2): 6},
    }


def test_first_and_last_message_say_who_and_why():
    first = bmp.encode_initiation(name="n1", description="bgpd 0.1.0")
    last = bmp.encode_termination(bmp.TerminationReason.OUT_OF_RESOURCES)
    opening, closing = read_messages(first + last)
    assert opening.content == {"tlvs": [(1, b"bgpd 0.1.0"), (2, b"n1")]}
    assert closing.content == {"tlvs": [(1, b"\0\2")]}


@pytest.mark.parametrize(("text", "flags"), [("192.0.2.1", 0), ("2001:db8::1", 0x80)])
def test_header_octet_by_octet(text, flags):
    address = wire.parse_address(text)
    header = bmp.encode_peer_header(address=address, as_number=64512, bgp_identifier=b"\x0a\0\0\1")
    message = bmp.encode_peer_down(header, 1_700_000_000_000_123, bmp.PeerDownReason.REMOTE_NO_NOTIFICATION)
    expected = bytes([3, 0, 0, 0, 49, 2, 0, flags]) + bytes(8) + bytes(16 - len(address)) + address
    assert message == expected + bytes.fromhex("0000fc00 0a000001 6553f100 0000007b 04")
