"""How far routes get: full mesh, reflectors, several ASes, routers outside of the cluster."""

import pytest

from bgpd.intent import compile_cluster
from bgpd.intent.reachability import Carried, reach
from bgpd.intent.session_graph import session_graph
from tests.bgpd.intent.support import Document, configuration, node, peer, snapshot
from wire import Family

NO_MESH = configuration(nodeToNodeMeshEnabled=False)
V4 = Family.IPV4_UNICAST


def reached(origin: str, *documents: Document) -> dict[str, str]:
    graph = session_graph(compile_cluster(snapshot(*documents), {}))
    return {name: carried.value for name, carried in reach(graph, origin, V4).items()}


def workers(count: int, **bgp: object) -> list[Document]:
    return [node(f"n{i}", f"10.0.0.{i}/24", labels={"role": "worker"}, **bgp) for i in range(1, count + 1)]


def reflector(number: int, cluster_id: str) -> Document:
    labels = {"role": "reflector", "number": str(number)}
    return node(f"r{number}", f"10.0.1.{number}/24", labels=labels, routeReflectorClusterID=cluster_id)


WITH_REFLECTORS = peer("reflectors", nodeSelector="all()", peerSelector="role == 'reflector'")


def test_a_mesh_carries_everything_and_nothing_is_passed_on_twice() -> None:
    assert reached("n1", *workers(3)) == {"n2": "inside", "n3": "inside"}
    # n2 peers with both, and is no reflector: n1's routes end there (RFC 4271, section 9.2.1).
    chain = [peer("a", node="n1", peerIP="10.0.0.2"), peer("b", node="n2", peerIP="10.0.0.3")]
    assert reached(
        "n1", NO_MESH, *workers(3), *(p | {"spec": p["spec"] | {"asNumber": 64512}} for p in chain)
    ) == {"n2": "inside"}


@pytest.mark.parametrize(
    ("cluster_ids", "found"),
    [
        (["1.1.1.1"], {"n2", "n3", "r1"}),
        (["1.1.1.1", "1.1.1.1"], {"n2", "n3", "r1", "r2"}),
        (["1.1.1.1", "2.2.2.2"], {"n2", "n3", "r1", "r2"}),
    ],
)
def test_reflectors_carry_everything(cluster_ids: list[str], found: set[str]) -> None:
    reflectors = [reflector(i, cluster_id) for i, cluster_id in enumerate(cluster_ids, 1)]
    assert set(reached("n1", NO_MESH, *workers(3), *reflectors, WITH_REFLECTORS)) == found


def test_reflectors_of_one_cluster_do_not_pass_on_each_others_clients() -> None:
    """n1 is a client of r1 alone, n2 of r2: CLUSTER_LIST stops what r1 tells r2 (RFC 4456, section 8)."""

    def split(second: str) -> set[str]:
        return set(
            reached(
                "n1",
                NO_MESH,
                *workers(2),
                reflector(1, "1.1.1.1"),
                reflector(2, second),
                peer("left", node="n1", peerSelector="number == '1'"),
                peer("right", node="n2", peerSelector="number == '2'"),
                peer("between", nodeSelector="number == '1'", peerSelector="number == '2'"),
            )
        )

    assert split("1.1.1.1") == {"r1"}
    assert split("2.2.2.2") == {"r1", "r2", "n2"}


def test_other_ases_pass_routes_on_and_their_path_ends_loops() -> None:
    nodes = [
        node(f"n{i}", f"10.0.0.{i}/24", asNumber=65000 + number) for i, number in ((1, 1), (2, 2), (3, 1))
    ]
    line = [
        peer("a", node="n1", peerIP="10.0.0.2", asNumber=65002),
        peer("b", node="n3", peerIP="10.0.0.2", asNumber=65002),
    ]
    # n3 is in n1's AS: it finds its own number in the path that n2 tells it.
    assert set(reached("n1", NO_MESH, *nodes, *line)) == {"n2"}
    allowing = [line[0], peer("b", node="n3", peerIP="10.0.0.2", asNumber=65002, numAllowedLocalASNumbers=1)]
    assert set(reached("n1", NO_MESH, *nodes, *allowing)) == {"n2", "n3"}


def test_routers_outside_may_carry_what_their_as_allows() -> None:
    tor = peer("tor", peerIP="10.9.0.1", asNumber=65010)
    assert reached("n1", NO_MESH, *workers(2), tor) == {}, "n2 finds its own AS in the path"
    own = [node(f"n{i}", f"10.0.0.{i}/24", asNumber=65000 + i) for i in (1, 2)]
    assert reached("n1", NO_MESH, *own, tor) == {"n2": Carried.OUTSIDE.value}
    inside = peer("tor", peerIP="10.9.0.1", asNumber=64512)
    assert reached("n1", NO_MESH, *workers(2), inside) == {"n2": "outside"}


def faults(*documents: Document) -> list[tuple[str, str, str]]:
    graph = session_graph(compile_cluster(snapshot(*documents), {}))
    return [(fault.kind, fault.node, fault.peer) for fault in graph.faults]


def test_pairs_that_cannot_work_are_told() -> None:
    one_way = peer("one", node="n1", peerSelector="role == 'worker'", reversePeering="Manual")
    assert faults(NO_MESH, *workers(2), one_way) == [("half-configured", "n1", "n2")]
    wrong = [
        peer("a", node="n1", peerIP="10.0.0.2", asNumber=65002, reversePeering="Manual"),
        peer("b", node="n2", peerIP="10.0.0.1", asNumber=64512, reversePeering="Manual"),
    ]
    assert faults(NO_MESH, *workers(2), *wrong) == [("AS mismatch", "n1", "n2")]
    mute = [
        peer(name, node=here, peerIP=f"10.0.0.{there}:1790", asNumber=64512, reversePeering="Manual")
        for name, here, there in (("a", "n1", 2), ("b", "n2", 1))
    ]
    assert faults(NO_MESH, *workers(2), *mute) == [("nobody connects", "n1", "n2")]
    assert faults(*workers(3)) == []
