"""The computation as a whole: readiness, warnings, the cluster at once."""

from bgpd.intent import Intent, compile_cluster, compile_intent

from .support import compiled, configuration, names, node, peer, pool, snapshot


def test_without_its_node_an_intent_is_not_ready_and_says_why() -> None:
    intent = compiled("n9", node("n1", "10.0.0.1"))
    assert (intent.ready, intent.sessions, intent.router_id) == (False, (), b"")
    assert intent.reason.startswith("there is no Node resource 'n9' (nodes here: n1); create it")


def test_an_empty_datastore() -> None:
    assert "nodes here: none at all" in compiled("n1").reason


def test_a_node_without_addresses_is_ready_idle_and_warned_of() -> None:
    intent = compiled("n1", node("n1"), node("n2", "10.0.0.2"))
    assert (intent.ready, intent.sessions) == (True, ())
    assert [p.message for p in intent.problems] == ["has no BGP address, so it has no sessions"]


def test_warnings() -> None:
    intent = compiled(
        "n1",
        node("n1", "10.0.0.1"),
        configuration("cluster"),
        peer("a", nodeSelector="rack == 'x'", peerIP="192.0.2.1", asNumber=1),
        peer("b", node="n1", peerSelector="rack == 'x'"),
        BGPD_COMPAT="mesh-as, wrong",
    )
    assert [(p.resource, p.severity) for p in intent.problems] == [
        ("BGPConfiguration/cluster", "warning"),
        ("BGPPeer/a", "warning"),
        ("BGPPeer/b", "warning"),
        ("environment", "error"),
    ]


def test_the_whole_cluster_is_the_sum_of_its_nodes() -> None:
    cluster = snapshot(*(node(f"n{n}", f"10.0.0.{n}") for n in (3, 1, 2)))
    intents = compile_cluster(cluster, {"CALICO_ROUTER_ID": "10.9.9.9", "CALICO_K8S_NODE_REF": "k1"})
    assert [intent.node for intent in intents] == ["n1", "n2", "n3"]
    assert intents == tuple(compile_intent(cluster, name, {}) for name in ("n1", "n2", "n3"))


def test_router_ids_by_hash_are_meant_for_all() -> None:
    cluster = snapshot(node("n1", "10.0.0.1"))
    environment = {"CALICO_ROUTER_ID": "hash"}
    assert compile_cluster(cluster, environment) == (compile_intent(cluster, "n1", environment),)


def test_order_of_documents_does_not_matter() -> None:
    documents = [node(f"n{n}", f"10.0.0.{n}") for n in range(1, 6)]
    documents += [peer(name, peerIP="192.0.2.1", asNumber=n) for n, name in enumerate("abc", 1)]
    one: Intent = compiled("n1", *documents)
    assert one == compiled("n1", *reversed(documents))
    assert names(one)[0] == "Global_192_0_2_1"


def test_an_unknown_value_of_program_cluster_routes_counts_as_the_default() -> None:
    pods, here = pool("p", "10.1.0.0/16"), node("n1", "10.0.0.1")
    newer, none = (configuration(programClusterRoutes=value) for value in ("EnabledSomeday", "Disabled"))
    assert compiled("n1", here, pods, newer).kernel_policies == compiled("n1", here, pods).kernel_policies
    assert compiled("n1", here, pods, none).kernel_policies != compiled("n1", here, pods).kernel_policies


def test_log_level_is_the_nodes_own_before_the_clusters() -> None:
    here, cluster = node("n1", "10.0.0.1"), configuration(logSeverityScreen="Debug")
    assert compiled("n1", here).log_level == "info"
    assert compiled("n1", here, cluster, configuration("node.n1", listenPort=1790)).log_level == "debug"
    own = configuration("node.n1", logSeverityScreen="Fatal")
    assert compiled("n1", here, cluster, own).log_level == "fatal"
