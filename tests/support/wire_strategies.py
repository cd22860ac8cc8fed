"""Hypothesis strategies for everything that `wire` reads and writes."""

from hypothesis import strategies as st

import wire
from wire import Family

as_numbers = st.one_of(st.integers(1, 0xFFFF), st.integers(1, 0xFFFFFFFF))
octets4 = st.binary(min_size=4, max_size=4)
numbers = st.integers(0, 0xFFFFFFFF)
families = st.sampled_from(Family)
any_families = st.builds(wire.family_of, st.integers(0, 0xFFFF), st.integers(0, 255)) | families


@st.composite
def prefixes(draw: st.DrawFn, family: Family) -> bytes:
    """A canonical unicast prefix."""
    length = draw(st.integers(0, family.bits))
    address = bytearray(draw(st.binary(min_size=family.bits // 8, max_size=family.bits // 8)))
    address[0] &= 0x7F  # never multicast
    return wire.make_prefix(bytes(address), length)


def prefix_lists(family: Family, *, max_size: int = 40) -> st.SearchStrategy[list[bytes]]:
    return st.lists(prefixes(family), min_size=1, max_size=max_size, unique=True)


segments = st.tuples(st.sampled_from([1, 2]), st.lists(as_numbers, min_size=1, max_size=6))
as_paths = st.lists(segments, max_size=4)

ipv4_next_hops = octets4.map(lambda address: bytes([1 + address[0] % 223]) + address[1:])
ipv6_next_hops = st.binary(min_size=15, max_size=15).map(lambda rest: b"\x20" + rest) | st.binary(
    min_size=14, max_size=14
).map(lambda rest: b"\x20" + bytes(14) + b"\x01" + b"\xfe\x80" + rest)


def multiples(size: int) -> st.SearchStrategy[bytes]:
    return st.lists(st.binary(min_size=size, max_size=size), max_size=5, unique=True).map(b"".join)


unknown_attributes = st.lists(
    st.tuples(st.sampled_from([0xC0, 0xE0]), st.integers(40, 127), st.binary(max_size=20)),
    max_size=3,
    unique_by=lambda attribute: attribute[1],
)


@st.composite
def path_attributes(
    draw: st.DrawFn, *, next_hop: st.SearchStrategy[bytes] = ipv4_next_hops, ibgp: bool = True
) -> wire.PathAttributes:
    """Attributes as a peer may send them; without those that only an internal peer may, unless `ibgp`."""
    optional = st.none() | numbers
    internal = {
        "local_pref": draw(optional),
        "originator_id": draw(st.none() | octets4),
        "cluster_list": draw(multiples(4)),
    }
    unknown = sorted(draw(unknown_attributes), key=lambda attribute: attribute[1])
    return wire.PathAttributes(
        origin=draw(st.integers(0, 2)),
        as_path=wire.join_as_path(draw(as_paths)),
        next_hop=draw(next_hop),
        med=draw(optional),
        atomic_aggregate=draw(st.booleans()),
        aggregator=draw(st.none() | st.builds(lambda a, i: a.to_bytes(4, "big") + i, as_numbers, octets4)),
        communities=draw(multiples(4)),
        extended_communities=draw(multiples(8)),
        large_communities=draw(multiples(12)),
        only_to_customer=draw(optional),
        unknown=tuple((flags | 0x20, code, value) for flags, code, value in unknown),
        **(internal if ibgp else {}),
    )


def family_rows(*columns: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(st.tuples(any_families, *columns), max_size=4).map(tuple)


capabilities = st.one_of(
    st.builds(wire.Multiprotocol, any_families),
    st.just(wire.RouteRefreshCapability()),
    st.just(wire.EnhancedRouteRefresh()),
    st.just(wire.ExtendedMessage()),
    st.builds(wire.ExtendedNextHop, family_rows(st.integers(0, 0xFFFF))),
    st.builds(
        wire.GracefulRestart, st.integers(0, 4095), st.booleans(), st.booleans(), family_rows(st.booleans())
    ),
    st.builds(wire.LongLivedGracefulRestart, family_rows(st.booleans(), st.integers(0, 0xFFFFFF))),
    st.builds(
        wire.AddPath,
        st.lists(
            st.tuples(any_families, st.booleans(), st.booleans()).filter(lambda row: row[1] or row[2]),
            max_size=4,
        ).map(tuple),
    ),
    st.builds(wire.Role, st.integers(0, 255)),
    st.builds(wire.Fqdn, st.text(max_size=20), st.text(max_size=20)),
    st.builds(wire.UnknownCapability, st.integers(128, 255), st.binary(max_size=40)),
)


@st.composite
def opens(draw: st.DrawFn) -> wire.Open:
    my_as = draw(as_numbers)
    listed = draw(st.lists(capabilities, max_size=12))
    if my_as > 0xFFFF or draw(st.booleans()):
        listed.append(wire.FourOctetAs(my_as))
    identifier = draw(octets4.filter(any))
    return wire.Open(my_as, draw(st.just(0) | st.integers(3, 0xFFFF)), identifier, tuple(listed))


notifications = st.builds(
    wire.Notification, st.integers(0, 255), st.integers(0, 255), st.binary(max_size=300)
)

route_refreshes = st.builds(wire.RouteRefresh, any_families, st.sampled_from(wire.RefreshKind))


@st.composite
def updates(draw: st.DrawFn) -> list[bytes]:
    """Whole UPDATEs: announcements of one attribute set, or withdrawals, or a marker."""
    family = draw(families)
    match draw(st.sampled_from(["announce", "withdraw", "end"])):
        case "announce":
            hops = ipv4_next_hops if family is Family.IPV4_UNICAST else ipv6_next_hops
            attributes = draw(path_attributes(next_hop=hops))
            block = wire.encode_attributes(attributes)
            return wire.pack_announcements(family, block, attributes.next_hop, draw(prefix_lists(family)))
        case "withdraw":
            return wire.pack_withdrawals(family, draw(prefix_lists(family)))
        case _:
            return [wire.encode_end_of_rib(family)]


messages = st.one_of(
    opens().map(wire.encode_open),
    updates().map(lambda packed: packed[0]),
    notifications.map(wire.Notification.encode),
    route_refreshes.map(wire.RouteRefresh.encode),
    st.just(wire.encode_keepalive()),
)


@st.composite
def mutations(draw: st.DrawFn, original: st.SearchStrategy[bytes]) -> bytes:
    """Octets with a few of them changed, cut off, doubled or put in."""
    data = bytearray(draw(original))
    for _ in range(draw(st.integers(1, 4))):
        position = draw(st.integers(0, max(0, len(data) - 1)))
        match draw(st.sampled_from(["change", "cut", "insert", "remove", "double"])):
            case "change" if data:
                data[position] = draw(st.integers(0, 255))
            case "cut":
                del data[position:]
            case "insert":
                data[position:position] = draw(st.binary(min_size=1, max_size=8))
            case "remove":
                del data[position : position + draw(st.integers(1, 8))]
            case "double":
                data += data[position:]
    return bytes(data)
