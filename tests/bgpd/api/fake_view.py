"""A daemon's view with known content, for the tests of the server, the client and bgpctl."""

import asyncio
import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import rib
from bgpd import api
from bgpd.histogram import Distribution
from wire import Origin, PathAttributes, parse_address, parse_prefix

SINCE = 1_790_000_000.0
"""2026-09-21T14:13:20Z"""


@dataclass(frozen=True)
class Event:
    sequence: int
    time: float
    kind: str
    peer: str | None
    message: str
    fields: Mapping[str, object] = field(default_factory=dict)


def _vertex(name: str, kind: str, number: int, *members: str, own: bool = False) -> dict[str, object]:
    count = len(members) or 1
    listed = list(members or (name,))
    return {"name": name, "kind": kind, "as": number, "own": own, "count": count, "members": listed}


def _link(one: int, other: int, kind: str, *sessions: str) -> dict[str, object]:
    return {"from": one, "to": other, "kind": kind, "sessions": list(sessions)}


TOPOLOGY: api.Document = {
    "node": "n1",
    "nodes": 4,
    "mesh": True,
    "vertices": [
        _vertex("n1", "node", 64512, own=True),
        _vertex("n2", "node", 64512),
        _vertex("n3 … n4", "node", 64512, "n3", "n4"),
        _vertex("10.9.0.1", "outside", 65010),
    ],
    "links": [
        _link(0, 1, "mesh", "Mesh_10_0_0_2"),
        _link(0, 2, "mesh"),
        _link(1, 2, "mesh"),
        _link(0, 3, "external", "Global_10_9_0_1"),
    ],
}


class Events:
    """A ring of events as the daemon keeps one."""

    def __init__(self) -> None:
        self.kept = [
            Event(n, SINCE + n, "session", "Mesh_10_0_0_2", f"event {n}", {"n": n}) for n in (1, 2, 3)
        ]
        self.changed = asyncio.Event()
        self.followers = 0

    def add(self, event: Event) -> None:
        self.kept.append(event)
        self.changed.set()
        self.changed = asyncio.Event()

    def since(self, sequence: int = 0) -> Sequence[Event]:
        return [event for event in self.kept if event.sequence > sequence]

    async def wait(self) -> None:
        self.followers += 1
        try:
            await self.changed.wait()
        finally:
            self.followers -= 1


MESH = api.PeerStatus(
    name="Mesh_10_0_0_2",
    peer_ip="10.0.0.2",
    peer_as=64512,
    local_as=64512,
    type="NodeMesh",
    family="ipv4",
    state="Established",
    since=SINCE,
    uptime_seconds=93.7,
    received={"ipv4": 3},
    accepted={"ipv4": 2},
    rejected={"ipv4": 1},
    advertised={"ipv4": 1},
    flaps=1,
    negotiated=api.NegotiatedStatus(90, 30, ("route-refresh", "four-octet-as")),
    peer_identifier="10.0.0.2",
    resource="mesh",
    messages_sent={"open": 1, "update": 4},
    messages_received={"open": 1, "update": 5},
    notifications=(api.NotificationCount("received", 6, 2, 1),),
    malformed=(api.MalformedCount(17, "treat-as-withdraw", 2),),
    transitions={("OpenConfirm", "Established"): 2, ("Established", "Idle"): 1},
    reasons={"as_path_loop": 1},
    reflection_loops={"originator_id": 3, "cluster_list": 0},
)
GLOBAL = api.PeerStatus(
    name="Global_10_9_0_1_port_1790",
    peer_ip="10.9.0.1",
    peer_port=1790,
    peer_as=65010,
    local_as=64512,
    type="GlobalPeer",
    family="ipv4",
    state="Active",
    since=SINCE,
    last_error=api.LastError(6, 2, "Cease / Administrative Shutdown: bye", "received"),
    resource="BGPPeer/tor",
)
TWINS = (
    api.PeerStatus(
        name="Node_fd00__9",
        peer_ip="fd00::9",
        peer_as=1,
        local_as=2,
        type="NodePeer",
        family="ipv6",
        state="Idle",
        since=SINCE,
        admin_down=True,
    ),
    api.PeerStatus(
        name="Node_fd00__9_port_500",
        peer_ip="fd00::9",
        peer_port=500,
        peer_as=1,
        local_as=2,
        type="NodePeer",
        family="ipv6",
        state="Idle",
        since=SINCE,
        problem="its password cannot be read",
    ),
)
STATUS = api.DaemonStatus(
    node="n1",
    version="0.1.0",
    started_at=SINCE,
    uptime_seconds=10,
    local_as=64512,
    router_id="10.0.0.1",
    mesh=True,
    listen=("0.0.0.0:179",),
    loc_rib={"ipv4": 3, "ipv6": 1},
    datastore=api.DatastoreStatus(
        url="file:///etc/bgpd/resources", connected=True, revision=7, resources={"Node": 3}
    ),
    kernel=api.KernelStatus(
        desired={"ipv4": 3},
        installed={"ipv4": 2},
        failed={"ipv4": 1},
        failures=(("10.3.0.0/26", "network is unreachable"),),
        operations={("replace", "ok"): 9, ("replace", "failed"): 1},
        sync_times=Distribution(((0.01, 1), (float("inf"), 2)), 0.5),
    ),
    bmp={"10.0.0.9:11019": True, "[fd00::9]:11019": False},
    problems=(api.ProblemStatus("BGPPeer/x", "selects no node", "change nodeSelector"),),
)
ATTRIBUTES = PathAttributes(
    origin=Origin.IGP,
    as_path=bytes([2, 1]) + (65010).to_bytes(4, "big"),
    next_hop=parse_address("10.0.0.2"),
    local_pref=100,
    communities=bytes.fromhex("fde80001"),
)


def row(prefix: str, *, best: bool = True, source: str = "Mesh_10_0_0_2") -> rib.RouteRow:
    family, octets = parse_prefix(prefix)
    return rib.RouteRow(
        family=family,
        prefix=octets,
        best=best,
        multipath=best,
        next_hop=(parse_address("10.0.0.2"),),
        attributes=ATTRIBUTES,
        path_id=0,
        source=source,
        protocol="bgp",
        preference=100,
        interface="eth0",
        kind="unicast",
        installed=best,
        stale=False,
        rejected=None,
    )


def explanation(prefix: str) -> rib.Explanation:
    family, octets = parse_prefix(prefix)
    return rib.Explanation(
        family=family,
        prefix=octets,
        candidates=(
            rib.Candidate(row=row(prefix), reason=None, text="", clause=""),
            rib.Candidate(
                row=row(prefix, best=False, source="Global_10_9_0_1_port_1790"),
                reason="as-path-length",
                text="its AS path is longer",
                clause="RFC 4271, section 9.1.2.2 a",
            ),
        ),
        advertisements=(
            rib.Advertisement(
                peer="Global_10_9_0_1_port_1790", sent=True, reason="IPPool/default", attributes=ATTRIBUTES
            ),
            rib.Advertisement(
                peer="Mesh_10_0_0_2", sent=False, reason="it is the source of the path", attributes=None
            ),
        ),
        fib=rib.FibRoute(
            next_hops=(rib.FibNextHop(gateway=parse_address("10.0.0.2"), interface="eth0"),), metric=1024
        ),
        fib_rule="default",
    )


MRT_TABLE = [bytes([number]) * 40_000 for number in range(4)]


class FakeView:
    """Implements `api.DaemonView` with the values above; remembers the orders it got."""

    def __init__(self) -> None:
        self.events = Events()
        self.orders: list[tuple[api.Verb, str | None, str]] = []
        self.queries: list[api.RouteQuery] = []
        self.prefixes = ["10.1.0.0/26", "10.2.0.0/26", "fd00:1::/122"]
        self.refuse = ""
        self.originated: list[api.Origination] = []
        self.ready = True
        self.counted: list[str | None] = []
        """What routes were counted of: a session, None for all."""

    def status(self) -> api.DaemonStatus:
        return STATUS

    def topology(self) -> api.Document:
        return TOPOLOGY

    def sessions(self) -> Sequence[api.SessionState]:
        fields = [field.name for field in dataclasses.fields(api.SessionState)]
        return [
            api.SessionState(**{field: getattr(peer, field) for field in fields}) for peer in self.peers()
        ]

    async def count(self, peer: str | None = None) -> None:
        self.counted.append(peer)

    def peers(self) -> Sequence[api.PeerStatus]:
        return [GLOBAL, MESH, *TWINS]

    def peer(self, name: str) -> api.PeerStatus:
        return next(peer for peer in self.peers() if peer.name == name)

    def routes(self, query: api.RouteQuery) -> Iterator[Sequence[api.Document]]:
        self.queries.append(query)
        if query.prefix:
            parse_prefix(query.prefix)
        starts = range(0, len(self.prefixes), 200)
        pieces = (self.prefixes[start : start + 200] for start in starts)
        return ([api.route_document(row(prefix), installed=True) for prefix in piece] for piece in pieces)

    def explain(self, prefix: str) -> api.ExplainDocument:
        return api.ExplainDocument(story=explanation(prefix), installed=True)

    async def command(self, verb: api.Verb, peer: str | None = None, message: str = "") -> api.CommandResult:
        if self.refuse:
            raise api.RefusedError(self.refuse, "wait a moment")
        self.orders.append((verb, peer, message))
        return api.CommandResult(f"{verb.value} done", (peer,) if peer else ())

    def originations(self) -> Sequence[api.Origination]:
        return self.originated

    def originate(self, origination: api.Origination) -> None:
        if any(one.prefix == origination.prefix for one in self.originated):
            raise api.RefusedError(f"{origination.prefix} is originated already")
        self.originated.append(origination)

    def withdraw(self, prefix: str) -> None:
        kept = [one for one in self.originated if one.prefix != prefix]
        if len(kept) == len(self.originated):
            raise api.NotFoundError(f"nobody asked for {prefix}")
        self.originated = kept
        self.events.add(Event(self.events.kept[-1].sequence + 1, SINCE, "route", None, "withdrawn"))

    def mrt_table(self) -> Iterator[bytes]:
        if self.refuse:
            raise api.NotFoundError(self.refuse, "wait a moment")
        return iter(MRT_TABLE)

    def health(self) -> api.Health:
        return api.Health(ok=True, text="ok")

    def readiness(self) -> api.Health:
        return api.Health(ok=self.ready, text="2 of 4 sessions Established")
