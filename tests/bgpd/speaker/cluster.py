"""Speakers of one cluster in one event loop, each on a loopback address of its own, without a kernel."""

import asyncio
import socket

import fsm
from bgpd.events import EventLog
from bgpd.intent import compile_intent
from bgpd.resources import Secret, Snapshot, parse_resource
from bgpd.speaker import Speaker
from wire import parse_prefix

POOL = {"kind": "IPPool", "metadata": {"name": "pool"}, "spec": {"cidr": "10.244.0.0/16"}}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def snapshot(documents, endpoint_status=None):
    tables, secrets = {}, {}
    for document in documents:
        resource = parse_resource({"apiVersion": "projectcalico.org/v3", **document}, "test")
        if isinstance(resource, Secret):
            secrets[resource.name] = resource.values()
        tables.setdefault(resource.kind, {})[resource.key] = resource
    return Snapshot(resources=tables, secrets=secrets, endpoint_status=endpoint_status or {})


async def until(condition, seconds=20):
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


class Member:
    """One node: its speaker, and what a test asks of it."""

    def __init__(self, name, fib=None, monitor=None):
        self.name = name
        self.events = EventLog()
        self.speaker = Speaker(events=self.events, fib=fib, monitor=monitor)

    def peer(self, other):
        return self.speaker.peers[other]

    def established(self, *others):
        return all(
            other in self.speaker.peers and self.peer(other).session.state is fsm.State.ESTABLISHED
            for other in others
        )

    def sources(self, prefix):
        """Names of the peers that the prefix was learned from, the best first."""
        family, octets = parse_prefix(prefix)
        rows = self.speaker.tables.router.routes(family, prefix=octets)
        return [self.speaker.name_of(row.source) for row in rows]

    def has(self, prefix):
        """Whether it has a usable route."""
        family, octets = parse_prefix(prefix)
        return any(row.best for row in self.speaker.tables.router.routes(family, prefix=octets))

    def messages(self):
        return [event.message for event in self.events.since()]


class Cluster:
    """Nodes n1, n2 … at 127.1.0.1, 127.1.0.2 …, each with the block 10.244.N.0/26."""

    def __init__(self, count, **configuration):
        self.port = free_port()
        self.configuration = {"listenPort": self.port, "bindMode": "NodeIP"} | configuration
        self.nodes = {f"n{number}": {} for number in range(1, count + 1)}
        self.labels = {}
        self.extra = []
        self.endpoint_status = {}
        self.members = {name: Member(name) for name in self.nodes}

    @staticmethod
    def address(name):
        return f"127.1.0.{name[1:]}"

    def key(self, name):
        return f"{self.address(name)} port {self.port}"

    def documents(self):
        yield POOL
        yield {"kind": "BGPConfiguration", "metadata": {"name": "default"}, "spec": self.configuration}
        for name, bgp in self.nodes.items():
            spec = {"bgp": {"ipv4Address": f"{self.address(name)}/32"} | bgp}
            metadata = {"name": name, "labels": self.labels.get(name, {})}
            yield {"kind": "Node", "metadata": metadata, "spec": spec}
            yield {
                "kind": "BlockAffinity",
                "metadata": {"name": f"block-{name}"},
                "spec": {
                    "state": "confirmed",
                    "node": name,
                    "type": "host",
                    "cidr": f"10.244.{name[1:]}.0/26",
                },
            }
        yield from self.extra

    def apply(self, *names):
        """Give these nodes, or all, what the resources say now."""
        content = snapshot(self.documents(), self.endpoint_status)
        for name in names or self.members:
            intent = compile_intent(content, name, {})
            assert intent.ready, intent.reason
            self.members[name].speaker.apply(intent)

    async def up(self):
        """Apply, and wait until everybody has everybody's block."""
        self.apply()
        await until(self.complete)

    def complete(self):
        return all(
            member.has(f"10.244.{name[1:]}.0/26") for member in self.members.values() for name in self.members
        )

    async def close(self):
        for member in self.members.values():
            await member.speaker.stop(withdraw=True)
        await asyncio.sleep(0)
