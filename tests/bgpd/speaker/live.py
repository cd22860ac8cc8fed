"""A cluster whose resources change while its sessions run: what a change does, and which sessions it resets.

n1 and n2 are of one AS, n3 is of another; all three mesh. Three BGPPeers, one for each of n1's sessions and
one for n2's, are there to be changed. Each node has a kernel that only remembers.
"""

import copy

from bgpd.kernel import KernelChange
from rib import LocalRoute, NextHopRoute
from tests.bgpd.speaker.cluster import Cluster, Member, until
from wire import Family, parse_address, parse_prefix

V4 = Family.IPV4_UNICAST
DEFAULT = ("BGPConfiguration", "default")
ONE, OUT, SECOND = ("BGPPeer", "one"), ("BGPPeer", "out"), ("BGPPeer", "second")
OTHER_AS = 64600
DOCKER = "10.244.200.0/24"
"""A connected network of n1, inside the pool, on docker0."""
FOREIGN = "10.55.1.0/24"
"""A route in n1's kernel that is inside no pool."""
BALANCERS = "198.51.100.0/24"


class Kernel:
    """Takes routes as the kernel would, and reports one connected network that has everybody in it."""

    def __init__(self):
        self.routes = {}

    def apply(self, changes, *, unfinished=False):
        for change in changes:
            self.routes.update(dict.fromkeys(change.prefixes, change.route))

    def route(self, prefix):
        return self.routes.get(parse_prefix(prefix)[1])

    @staticmethod
    def report(direct=None, learned=None):
        loopback = NextHopRoute(prefix=parse_prefix("127.0.0.0/8")[1], interface="lo")
        return KernelChange(family=V4, next_hops=(loopback,), direct=direct or {}, learned=learned or {})


class Live(Cluster):
    """See above. `content` holds the documents by kind and name; tests change it and call `apply`."""

    def __init__(self):
        super().__init__(3, serviceLoadBalancerIPs=[{"cidr": BALANCERS}])
        self.kernels = {name: Kernel() for name in self.nodes}
        self.members = {name: Member(name, kernel) for name, kernel in self.kernels.items()}
        self.nodes["n3"]["asNumber"] = OTHER_AS
        self.content = {(d["kind"], d["metadata"]["name"]): copy.deepcopy(d) for d in super().documents()}
        self.put(*ONE, node="n1", peerIP=self.endpoint("n2"), asNumber=64512)
        self.put(*OUT, node="n1", peerIP=self.endpoint("n3"), asNumber=OTHER_AS)
        self.put(*SECOND, node="n2", peerIP=self.endpoint("n3"), asNumber=OTHER_AS)

    async def up(self):
        for name, member in self.members.items():
            networks = {parse_prefix(DOCKER)[1]: LocalRoute(interface="docker0")} if name == "n1" else {}
            foreign = {parse_prefix(FOREIGN)[1]: LocalRoute(interface="eth0")} if name == "n1" else {}
            member.speaker.tables.kernel_changed(Kernel.report(networks, foreign))
        await super().up()
        await until(self.settled)

    # --- resources ----------------------------------------------------------------------------------------

    def documents(self):
        yield from self.content.values()

    def put(self, kind, name, /, **spec):
        self.content[kind, name] = {"kind": kind, "metadata": {"name": name}, "spec": spec}

    def set(self, resource, /, **spec):
        self.content[resource]["spec"].update(spec)

    def annotate(self, resource, /, **annotations):
        named = {f"bgpd.io/{name.replace('_', '-')}": text for name, text in annotations.items()}
        self.content[resource]["metadata"]["annotations"] = named

    # --- what is seen -------------------------------------------------------------------------------------

    def endpoint(self, name):
        return f"{self.address(name)}:{self.port}"

    def row(self, at, prefix, source):
        """The path for a prefix that a node has from another, or from itself; None when it has none."""
        wanted = "local" if source == at else self.key(source)
        rows = self.members[at].speaker.tables.router.routes(V4, prefix=parse_prefix(prefix)[1])
        return next((row for row in rows if row.source == wanted), None)

    def told(self, at, prefix, source):
        """Its attributes, as documents have them; empty when the node has no such path."""
        row = self.row(at, prefix, source)
        return row.attributes.describe() if row else {}

    def next_hop(self, at, prefix, source, address):
        row = self.row(at, prefix, source)
        return row is not None and row.next_hop == (parse_address(self.address(address)),)

    def peer(self, at, other):
        return self.members[at].peer(self.key(other))

    def settled(self):
        """Whether every pair has its session."""
        return len(self.sessions()) == 6 and None not in self.sessions().values()

    def sessions(self):
        """Since when each session is Established, by its two ends as seen from the first."""
        return {
            (name, other): member.peer(self.key(other)).session.established_at
            for name, member in self.members.items()
            for other in self.members
            if self.key(other) in member.speaker.peers
        }

    def updates(self):
        """How many UPDATEs each node has sent to each other."""
        return [
            peer.session.counters.sent["update"]
            for member in self.members.values()
            for peer in member.speaker.peers.values()
        ]

    async def quiet(self):
        """Wait until nobody has sent an UPDATE for a while, and count those sent so far."""
        looks = [self.updates()]

        def calm():
            looks.append(self.updates())
            return looks[-5:] == looks[-1:] * 5

        await until(calm)
        return looks[-1]

    # --- the test itself ----------------------------------------------------------------------------------

    async def try_out(self, change, proof, resets=()):
        """Make a change and wait for its proof; take it back and wait until that is gone.

        Either way the sessions of exactly these pairs are reset.
        """
        content = copy.deepcopy(self.content)
        assert not proof(self), "the proof holds before the change"
        assert await self._touched_by(change, lambda: proof(self)) == set(map(frozenset, resets))
        assert await self._touched_by(
            lambda live: setattr(live, "content", content), lambda: not proof(self)
        ) == set(map(frozenset, resets))

    async def _touched_by(self, change, proof):
        before = self.sessions()
        change(self)
        self.apply()
        await until(lambda: proof() and self.settled(), seconds=8)
        after = self.sessions()
        return {frozenset(pair) for pair in before if before[pair] != after[pair]}
