from struct import pack

from hypothesis import given
from hypothesis import strategies as st

from bgpd.kernel.codes import NLM_F_ACK_TLVS, NLM_F_CAPPED, NLMSG_ERROR, RTM_GETLINK, RTM_GETROUTE
from bgpd.kernel.messages import Message, attribute, attributes, dump_request, messages, refusal
from bgpd.kernel.model import Refusal
from tests.bgpd.kernel.netlink_world import AF_INET, datagram, message


def test_messages_of_a_datagram_are_taken_apart() -> None:
    parts = [message(24, b"abcdefgh", flags=2, sequence=7), message(3, bytes(4))]
    assert list(messages(datagram(*parts))) == parts


@given(st.binary(max_size=80))
def test_any_octets_are_split_without_an_error(data: bytes) -> None:
    assert all(isinstance(part, Message) for part in messages(data))
    attributes(data)


@given(st.dictionaries(st.integers(0, 0x3FFF), st.binary(max_size=20)))
def test_attributes_survive_packing(found: dict[int, bytes]) -> None:
    assert attributes(b"".join(attribute(kind, value) for kind, value in found.items())) == found


def test_nested_and_byte_order_flags_are_no_part_of_the_type() -> None:
    assert attributes(attribute(0x8009, b"abcd")) == {9: b"abcd"}


def test_refusal_with_the_kernels_words() -> None:
    words = attribute(1, b"Nexthop has invalid gateway\0")
    capped = message(NLMSG_ERROR, pack("=i", -101) + bytes(16) + words, flags=NLM_F_ACK_TLVS | NLM_F_CAPPED)
    assert refusal(capped) == Refusal(101, "Nexthop has invalid gateway")


def test_refusal_that_repeats_the_whole_request() -> None:
    request = pack("=IHHII", 20, 24, 5, 1, 0) + bytes(4)
    body = pack("=i", -22) + request + attribute(1, b"Invalid prefix\0")
    assert refusal(message(NLMSG_ERROR, body, flags=NLM_F_ACK_TLVS)) == Refusal(22, "Invalid prefix")


def test_acknowledgement_is_errno_zero() -> None:
    assert refusal(message(NLMSG_ERROR, bytes(20), flags=NLM_F_CAPPED)) == Refusal(0)


def test_dump_requests() -> None:
    assert dump_request(RTM_GETROUTE, AF_INET, 5) == bytes.fromhex(
        "24000000 1a00 0103 05000000 00000000"
        "02 00 00 00 fe 00 00 00 00000000"
        "0800 0f00 fe000000"  # RTA_TABLE main
    )
    assert dump_request(RTM_GETLINK, 0, 6) == bytes.fromhex(
        "28000000 1200 0103 06000000 0000000000 00 0000 00000000 00000000 000000000800 1d00 08000000"
    )
