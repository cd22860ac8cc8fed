"""What a node originates, its router id, where it listens, and the communities it adds."""

import pytest

from bgpd.intent import Intent, topology_document
from wire import Family

from .support import block, compiled, configuration, messages, node, pool, resource

HERE = node("n1", "10.0.0.1/24", ipv6Address="fd00::1/64")


def originates(intent: Intent) -> list[str]:
    return [entry["prefix"] for entry in topology_document(intent)["originates"]]


@pytest.mark.parametrize(
    ("affinity", "expected"),
    [
        (block("n1", "10.1.0.0/26"), ["10.1.0.0/26"]),
        (block("n1", "10.1.0.0/26", ""), ["10.1.0.0/26"]),
        (block("n1", "10.1.0.0/26", "pendingDeletion"), ["10.1.0.0/26"]),
        (block("n1", "10.1.0.0/26", "pending"), []),
        (block("n1", "10.1.0.0/26", deleted="true"), []),
        (block("n1", "10.1.0.0/26", deleted=False), ["10.1.0.0/26"]),
        (block("n1", "10.1.0.0/26", type="virtual"), []),
        (block("n2", "10.1.0.0/26"), []),
        (block("n1", "10.1.0.1/32"), []),
        (block("n1", "fd00:1::/122"), ["fd00:1::/122"]),
        (block("n1", "fd00:1::1/128"), []),
    ],
)
def test_own_blocks(affinity: dict[str, object], expected: list[str]) -> None:
    intent = compiled("n1", HERE, affinity)
    assert originates(intent) == expected
    kinds = {(r.kind.value, r.kernel_type) for routes in intent.originated.values() for r in routes.values()}
    assert kinds <= {("block", "blackhole")}


def test_pod_cidrs_in_place_of_ipam() -> None:
    here = HERE | {"status": {"podCIDRs": ["10.2.0.0/24"]}}
    other = node("n2", "10.0.0.2") | {"status": {"podCIDRs": ["10.3.0.0/24"]}}
    affinity = block("n1", "10.1.0.0/26")
    assert originates(compiled("n1", here, other, affinity, USE_POD_CIDR="true")) == ["10.2.0.0/24"]
    assert originates(compiled("n1", here, other, affinity)) == ["10.1.0.0/26"]


@pytest.mark.parametrize(
    ("variable", "expected"),
    [
        ("", "10.0.0.1"),
        ("10.9.9.9", "10.9.9.9"),
        ("hash", "103.107.139.184"),
        ("0.0.0.0", "10.0.0.1"),
        ("fd00::1", "10.0.0.1"),
        ("nonsense", "10.0.0.1"),
    ],
)
def test_router_id(variable: str, expected: str) -> None:
    intent = compiled("n1", HERE, CALICO_ROUTER_ID=variable)
    assert topology_document(intent)["router_id"] == expected
    assert bool(intent.problems) == (variable in {"0.0.0.0", "fd00::1", "nonsense"})


def test_router_id_of_a_node_with_ipv6_alone_is_the_hash() -> None:
    only_v6 = compiled("n1", node("n1", ipv6Address="fd00::1"))
    assert only_v6.router_id == compiled("n1", HERE, CALICO_ROUTER_ID="hash").router_id


@pytest.mark.parametrize("name", [f"node-{number}" for number in range(40)])
def test_a_hashed_router_id_is_below_multicast(name: str) -> None:
    identifier = compiled(name, node(name, ipv6Address="fd00::1"), CALICO_ROUTER_ID="hash").router_id
    assert len(identifier) == 4
    assert identifier[0] <= 223


def test_listens_everywhere_or_on_the_nodes_addresses() -> None:
    assert compiled("n1", HERE).listen.addresses == ("0.0.0.0", "::")
    bound = compiled("n1", HERE, configuration(bindMode="NodeIP", listenPort=1790)).listen
    assert (bound.port, bound.addresses) == (1790, ("10.0.0.1", "fd00::1"))
    own = compiled("n1", HERE, configuration(listenPort=1790), configuration("node.n1", listenPort=1791))
    assert own.listen.port == 1791


def test_interfaces_that_are_not_direct() -> None:
    ignored = configuration(ignoredInterfaces=["docker0", "veth*"])
    assert compiled("n1", HERE, ignored).direct_exclude == ("cali*", "kube-ipvs*", "docker0", "veth*")


class TestCommunities:
    AFFINITY = block("n1", "10.1.0.0/26")
    POOL = pool("p", "10.1.0.0/16")
    SETTINGS = configuration(
        communities=[{"name": "site", "value": "65000:7"}, {"name": "big", "value": "65000:1:2"}],
        prefixAdvertisements=[
            {"cidr": "10.1.0.0/16", "communities": ["site", "65000:7", "65000:1"]},
            {"cidr": "10.1.0.0/24", "communities": ["big"]},
            {"cidr": "10.9.0.0/16", "communities": ["65000:9"]},
        ],
    )

    def communities(self, *documents: dict[str, object]) -> tuple[str, ...]:
        intent = compiled("n1", HERE, self.AFFINITY, self.POOL, *documents)
        return next(iter(intent.originated[Family.IPV4_UNICAST].values())).communities

    def test_of_all_entries_around_the_prefix_each_once(self) -> None:
        assert self.communities(self.SETTINGS) == ("65000:1", "65000:7", "65000:1:2")

    def test_a_list_of_the_node_replaces_the_clusters(self) -> None:
        own = configuration(
            "node.n1", prefixAdvertisements=[{"cidr": "10.0.0.0/8", "communities": ["65000:3"]}]
        )
        assert self.communities(self.SETTINGS, own) == ("65000:3",)

    def test_and_hides_the_other_familys_entries_with_a_warning(self) -> None:
        cluster = configuration(prefixAdvertisements=[{"cidr": "fd00::/16", "communities": ["65000:6"]}])
        own = configuration(
            "node.n1", prefixAdvertisements=[{"cidr": "10.0.0.0/8", "communities": ["65000:3"]}]
        )
        intent = compiled("n1", HERE, cluster, own, block("n1", "fd00:1::/122"))
        assert next(iter(intent.originated[Family.IPV6_UNICAST].values())).communities == ()
        assert [p.severity for p in intent.problems] == ["warning"]


def test_a_name_of_another_resource_is_no_community() -> None:
    default = configuration(
        communities=[{"name": "site", "value": "65000:7"}],
        prefixAdvertisements=[{"cidr": "10.0.0.0/8", "communities": ["site"]}],
    )
    own = resource(
        "BGPConfiguration",
        "node.n1",
        {"prefixAdvertisements": [{"cidr": "10.0.0.0/8", "communities": ["65000:1"]}]},
    )
    intent = compiled("n1", HERE, default, own, block("n1", "10.1.0.0/26"))
    assert next(iter(intent.originated[Family.IPV4_UNICAST].values())).communities == ("65000:1",)
    assert messages(intent) == []
