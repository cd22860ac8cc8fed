"""The contract of `bgpctl topology`, and the pictures of a cluster."""

import json

from bgpd.intent import ROW_HEADINGS, compile_cluster, topology_document, topology_dot, topology_rows

from .support import block, compiled, configuration, node, peer, secret, snapshot

REFLECTOR = node("r1", "10.0.0.9", routeReflectorClusterID="244.0.0.1", labels={"rr": "true"})
TOR = peer("tor", node="n1", peerIP="192.0.2.1:1790", asNumber=64567, reachableBy="10.0.0.254")
PEER = peer("rr", nodeSelector="all()", peerSelector="has(rr)")
CLUSTER = (node("n1", "10.0.0.1/24"), node("n2", "10.0.0.2/24"), REFLECTOR, TOR, PEER)


def test_the_documented_keys_and_values() -> None:
    advertise = configuration(
        prefixAdvertisements=[{"cidr": "10.1.0.0/16", "communities": ["65000:1"]}],
        serviceClusterIPs=[{"cidr": "10.96.0.0/12"}],
    )
    document = topology_document(compiled("n1", *CLUSTER, advertise, block("n1", "10.1.0.0/26")))
    assert json.loads(json.dumps(document)) == document
    head = {key: document[key] for key in ("node", "as", "router_id", "cluster_id", "mesh", "listen")}
    assert head == {
        "node": "n1",
        "as": 64512,
        "router_id": "10.0.0.1",
        "cluster_id": None,
        "mesh": True,
        "listen": {"port": 179, "addresses": ["0.0.0.0", "::"]},
    }
    assert document["originates"] == [
        {"prefix": "10.1.0.0/26", "kind": "block", "communities": ["65000:1"]},
        {"prefix": "10.96.0.0/12", "kind": "service", "communities": []},
    ]
    sessions = {session["name"]: session for session in document["sessions"]}
    expected = {
        "name": "Node_192_0_2_1_port_1790",
        "type": "NodePeer",
        "family": "ipv4",
        "peer_ip": "192.0.2.1",
        "peer_port": 1790,
        "peer_as": 64567,
        "peer_node": None,
        "local_as": 64512,
        "source_address": "10.0.0.1",
        "passive": False,
        "rr_client": False,
        "next_hop": "auto",
        "multihop": True,
        "ttl_security": None,
        "password": False,
        "graceful_restart_time": 120,
        "keepalive_time": None,
        "allow_local_as": 0,
        "reachable_by": "10.0.0.254",
        "filters": [],
        "resource": "BGPPeer/tor",
    }
    tor = sessions["Node_192_0_2_1_port_1790"]
    assert {key: tor[key] for key in expected} == expected
    assert document["static_routes"] == [{"prefix": "192.0.2.1/32", "gateway": "10.0.0.254"}]


def test_a_password_is_a_yes_or_no() -> None:
    protected = peer(
        "p", peerIP="192.0.2.1", asNumber=1, password={"secretKeyRef": {"name": "s", "key": "k"}}
    )
    here = node("n1", "10.0.0.1")
    text = json.dumps(topology_document(compiled("n1", here, protected, secret("s", k="hush"))))
    assert '"password": true' in text
    assert "hush" not in text
    missing = topology_document(compiled("n1", here, protected))["sessions"][0]
    assert (missing["password"], missing["enabled"]) == (False, False)
    assert missing["problem"].startswith("waiting for the password")


def test_reflector_clients_carry_the_cluster_id() -> None:
    document = topology_document(compiled("r1", *CLUSTER))
    assert document["cluster_id"] == "244.0.0.1"
    assert {(s["rr_client"], s["cluster_id"]) for s in document["sessions"]} == {(True, "244.0.0.1")}


def test_a_node_that_is_not_there() -> None:
    document = topology_document(compiled("n9"))
    assert (document["as"], document["router_id"], document["sessions"], document["ready"]) == (
        None,
        None,
        [],
        False,
    )
    assert "n9" in document["reason"]


def test_rows_of_the_cluster() -> None:
    rows = topology_rows(compile_cluster(snapshot(*CLUSTER), {}))
    assert {len(row) for row in rows} == {len(ROW_HEADINGS)}
    assert rows[0] == ("n1", "Mesh_10_0_0_2", "NodeMesh", "10.0.0.2", "n2", "64512", "64512", "passive")
    assert ("r1", "Node_10_0_0_1", "NodePeer", "10.0.0.1", "n1", "64512", "64512", "rr-client") in rows
    assert any(row[3] == "192.0.2.1 port 1790" for row in rows)


def test_dot_has_one_edge_per_pair() -> None:
    text = topology_dot(compile_cluster(snapshot(*CLUSTER), {}))
    edges = [line.strip() for line in text.splitlines() if "->" in line]
    assert sorted(edges) == [
        '"n1" -> "192.0.2.1" [dir=none, style=dashed];',
        '"n1" -> "n2" [dir=none];',
        '"r1" -> "n1" [];',
        '"r1" -> "n2" [];',
    ]
    assert '"r1" [label="r1\\nAS 64512\\ncluster 244.0.0.1", peripheries=2];' in text
    assert '"192.0.2.1" [label="192.0.2.1\\nAS 64567", style=rounded];' in text
