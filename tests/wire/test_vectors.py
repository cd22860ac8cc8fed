"""Messages with known answers, kept beside the checkout where there are such."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import wire
from wire import Codec, Family, Framer, NotificationError, PathAttributes, Update, Verdict
from wire.capabilities import decode_capability
from wire.nlri import MalformedNlriError, split_paths, split_prefixes

ROWS = Path(__file__).parents[3] / "shared" / "vectors" / "wire" / "messages.jsonl"
FAMILIES = {"1/1": Family.IPV4_UNICAST, "2/1": Family.IPV6_UNICAST}

EXCEPTIONS = {
    # RFC 4271, section 6.4: an error in a NOTIFICATION is for the log. Codes are assigned all the time, and a
    # subcode of 0 is Unspecific: it is read and shown by number, so that the operator sees what was said.
    "bio-rd:TestDecodeNotificationMsg-6": "ok",
    "bio-rd:TestDecodeNotificationMsg-8": "ok",
    "bio-rd:TestDecodeNotificationMsg-9": "ok",
    "bio-rd:TestDecodeNotificationMsg-10": "ok",
    # RFC 8205, section 4.1, puts BGPsec_PATH in the place of AS_PATH where BGPsec was agreed on. Where it was
    # not, AS_PATH is missing: RFC 7606, section 3 d.
    "tcpdump:bgp-bgpsec.pcap#18": "withdraw",
    "tcpdump:bgp-bgpsec.pcap#35": "withdraw",
    # Captured in a session of 4-octet ASes, labelled as one of 2 octets: as labelled, the path has a segment
    # of type 0 (RFC 7606, section 7.2).
    "tcpdump:bgp-4byte-asn.pcap#37": "withdraw",
    "tcpdump:bgp-4byte-asn.pcap#79": "withdraw",
}
"""What we make of rows whose answer the RFCs do not support."""


def rows() -> list[Any]:
    if not ROWS.exists():
        return [
            pytest.param(None, marks=pytest.mark.skip(reason="no ../shared/vectors/wire beside the checkout"))
        ]
    parsed = map(json.loads, ROWS.read_text().splitlines())
    return [pytest.param(row, id=row["id"]) for row in parsed]


@pytest.mark.parametrize("row", rows())
def test_known_answer(row: dict[str, Any]) -> None:
    outcomes = {peer: read(row, ibgp=peer == "ibgp") for peer in ("ebgp", "ibgp")}
    expected = row["expect"]
    exception = EXCEPTIONS.get(row["id"].rpartition(":")[0])
    if exception is not None:
        assert {outcome for outcome, _ in outcomes.values()} == {exception}
        return
    for peer, outcome in expected.get("by_peer", {}).items():
        assert outcomes[peer][0] in outcome.split("-or-"), outcomes
    if expected["outcome"] in ("error", "bad", "session-reset"):
        assert all(outcome != "ok" for outcome, _ in outcomes.values()), outcomes
    if expected.get("norm"):
        check(expected["norm"], outcomes["ibgp"][1])


def read(row: dict[str, Any], *, ibgp: bool) -> tuple[str, Any]:
    """Return what became of a row, and the value it was read to."""
    try:
        value = READERS[row["level"]](row, bytes.fromhex(row["hex"]), ibgp)
    except (NotificationError, MalformedNlriError, ValueError) as error:
        return "error", error
    if value is None:
        return "incomplete", None
    if isinstance(value, Update):
        verdicts = {fault.verdict for fault in value.faults}
        if Verdict.TREAT_AS_WITHDRAW in verdicts:
            return "withdraw", value
        return ("discard" if verdicts else "ok"), value
    return "ok", value


def read_message(row: dict[str, Any], octets: bytes, ibgp: bool) -> Any:
    framer = Framer()
    framer.limit = wire.EXTENDED_MAXIMUM_LENGTH
    value = None
    while frames := framer.feed(octets):
        octets = b""
        for kind, body in frames:
            value = read_body(row | {"kind": KINDS[kind]}, body, ibgp)
    return value


def read_body(row: dict[str, Any], body: bytes, ibgp: bool) -> Any:
    match row["kind"]:
        case "open":
            message = wire.decode_open(body)
            assert wire.decode_open(wire.encode_open(message)[19:]) == message
            return message
        case "notification":
            notification = wire.decode_notification(body)
            assert notification.encode()[19:] == body
            assert notification.describe()
            return notification
        case "route-refresh":
            return wire.decode_route_refresh(body)
        case "keepalive":
            return "keepalive"
    return codec(row, ibgp).decode_update(body)


def codec(row: dict[str, Any], ibgp: bool) -> Codec:
    return Codec(
        families=frozenset(Family),
        four_octet_as=row["as4"] is not False,
        ibgp=ibgp,
        add_path_receive=frozenset(FAMILIES[name] for name in row["addpath"] if name in FAMILIES),
        extended_next_hop=frozenset({Family.IPV4_UNICAST}) if row["extnh"] else frozenset(),
    )


def read_attributes(row: dict[str, Any], block: bytes, ibgp: bool) -> Any:
    return codec(row, ibgp).decode_update(bytes(2) + len(block).to_bytes(2, "big") + block)


def read_attribute(row: dict[str, Any], value: bytes, ibgp: bool) -> Any:
    code = row["expect"]["attr_type"]
    flags = 0x80 if code in (14, 15) else 0xC0
    return read_attributes(row, bytes([flags | 0x10, code]) + len(value).to_bytes(2, "big") + value, ibgp)


def read_nlri(row: dict[str, Any], field: bytes, ibgp: bool) -> Any:
    split = split_paths if row["addpath"] else split_prefixes
    return split(Family.IPV4_UNICAST, field, [])


def read_parameters(row: dict[str, Any], parameters: bytes, ibgp: bool) -> Any:
    return wire.decode_open(bytes.fromhex("04fbf000b40a000001") + bytes([len(parameters)]) + parameters)


def read_capabilities(row: dict[str, Any], octets: bytes, ibgp: bool) -> Any:
    return read_parameters(row, bytes([2, len(octets)]) + octets, ibgp)


READERS: dict[str, Callable[[dict[str, Any], bytes, bool], Any]] = {
    "message": read_message,
    "header": read_message,
    "body": read_body,
    "attrs": read_attributes,
    "attr": read_attribute,
    "nlri": read_nlri,
    "optparam": read_parameters,
    "caps": read_capabilities,
    "capval-addpath": lambda row, octets, ibgp: decode_capability(69, octets),
    "capval-role": lambda row, octets, ibgp: decode_capability(9, octets),
}
KINDS = {1: "open", 2: "update", 3: "notification", 4: "keepalive", 5: "route-refresh"}


def check(norm: dict[str, Any], value: Any) -> None:
    """Compare a full decode with ours."""
    if "open" in norm:
        expected = norm["open"]
        four_octet = [one.as_number for one in value.capabilities if isinstance(one, wire.FourOctetAs)]
        assert expected["asn"] == (value.my_as if value.my_as <= 0xFFFF else wire.AS_TRANS) or four_octet
        assert (expected["version"], expected["hold"]) == (value.version, value.hold_time)
        assert expected["router_id"] == wire.format_address(value.bgp_identifier)
    elif "notification" in norm:
        assert norm["notification"] == {"code": value.code, "subcode": value.subcode}
    else:
        check_update(norm, value)


def check_update(norm: dict[str, Any], update: Update) -> None:
    announced = {
        (
            str(route.family),
            wire.format_prefix(route.family, prefix),
            route.attributes.describe()["next_hop"][0],
        )
        for route in update.announced
        for prefix in route.prefixes
    }
    withdrawn = {
        (str(route.family), wire.format_prefix(route.family, prefix))
        for route in update.withdrawn
        for prefix in route.prefixes
    }
    expected = norm.get("announce", []), norm.get("withdraw", [])
    if "announce" in norm:
        assert announced == {
            (str(FAMILIES[one["afi_safi"]]), one["prefix"], one["next_hop"]) for one in expected[0]
        }
        assert withdrawn == {(str(FAMILIES[one["afi_safi"]]), one["prefix"]) for one in expected[1]}
    if "eor" in norm:
        assert update.end_of_rib is FAMILIES[norm["eor"]]
    if update.announced:
        ours = in_their_form(update.announced[0].attributes)
        theirs = {
            key: value for key, value in norm["attrs"].items() if key != "next_hop"
        }  # compared by route
        assert theirs == {key: ours[key] for key in theirs}


def in_their_form(attributes: PathAttributes) -> dict[str, Any]:
    described = attributes.describe()
    aggregator = attributes.aggregator
    return described | {
        "origin": attributes.origin,
        "as_path": [list(segment) for segment in attributes.as_path_segments],
        "communities": [[value >> 16, value & 0xFFFF] for value in attributes.community_list],
        "aggregator": aggregator
        and [int.from_bytes(aggregator[:4], "big"), wire.format_address(aggregator[4:])],
    }
