"""Nodes that are not there yet and peers that do not speak BGP: what runs goes on, and is told why."""

import socket
import struct

import pytest

from lab.cluster import Cluster, session_name
from lab.netns import Namespace
from lab.resources import bgp_peer
from lab.topology import Lab
from lab.wait import wait_until
from tests.lab.conftest import established_since

pytestmark = pytest.mark.netns

STRANGER = "10.0.0.66"
MARKER = b"\xff" * 16
NOTIFICATION = 3


@pytest.fixture(scope="module")
def stranger(cluster: Cluster) -> Namespace:
    """Somebody whom n1 is configured to wait for, but who is no BGP speaker."""
    namespace = cluster.lab.namespace("stranger")
    cluster.lab.plug(cluster.fabric, namespace, "eth0", f"{STRANGER}/24", "10.0.0.67/24")
    peer = bgp_peer("stranger", node="n1", peerIP=STRANGER, asNumber=64999)
    cluster.resources.put(peer)
    wait_until(lambda: session_name("Node", STRANGER) in cluster.nodes[0].daemon.peers(), "the peer is known")
    return namespace


@pytest.mark.parametrize(
    ("garbage", "error"),
    [
        pytest.param(b"GET / HTTP/1.1\r\nHost: n1\r\n\r\n", (1, 1), id="another protocol: no marker"),
        pytest.param(MARKER + struct.pack("!HB", 18, 4), (1, 2), id="a length below the least"),
        pytest.param(MARKER + struct.pack("!HB", 19, 77), (1, 3), id="a type that does not exist"),
    ],
)
def test_garbage_is_answered_and_harms_nobody_else(
    cluster: Cluster, stranger: Namespace, garbage: bytes, error: tuple[int, int]
) -> None:
    first = cluster.nodes[0]
    before = established_since(first)
    wait_until(
        lambda: error in _notifications(_exchange(stranger, first.address, garbage)),
        f"NOTIFICATION {error}",
        interval=0.2,  # after an error the session is Idle for a while and refuses connections
    )
    last_error = first.daemon.peers()[session_name("Node", STRANGER)]["last_error"]
    assert (last_error["code"], last_error["subcode"], last_error["direction"]) == (*error, "sent")
    assert established_since(first) == before


def test_connections_that_never_speak_harm_nobody(cluster: Cluster, stranger: Namespace) -> None:
    first = cluster.nodes[0]
    before = established_since(first)
    silent = [_connect(stranger, first.address) for _ in range(20)]
    try:
        cluster.resources.put(bgp_peer("later", node="n1", peerIP="10.0.0.68", asNumber=64998))
        wait_until(lambda: "Node_10_0_0_68" in first.daemon.peers(), "edits are still followed")
        assert established_since(first) == before
    finally:
        for connection in silent:
            connection.close()


def test_a_connection_from_an_unknown_address_is_closed(cluster: Cluster, stranger: Namespace) -> None:
    connection = _connect(stranger, cluster.nodes[0].address, source="10.0.0.67")
    with connection:
        assert _read_to_end(connection)[:19] in {b"", MARKER + struct.pack("!HB", 21, NOTIFICATION)}


def test_a_node_without_its_resource_says_so_waits_and_starts(cluster: Cluster, lab: Lab) -> None:
    late = cluster.nodes[2]
    document = late.document()
    late.daemon.process.stop()
    cluster.resources.remove("Node", late.name)
    first = cluster.nodes[0]
    wait_until(lambda: not first.mesh_names(late) & set(first.daemon.peers()), "n1 forgets n3")
    late.daemon.start()
    wait_until(late.daemon.problems, "n3 says that it waits")
    assert ["there is no Node resource 'n3'" in problem for problem in late.daemon.problems()] == [True]
    assert late.daemon.peers() == {}
    assert late.daemon.process.status is None

    cluster.resources.put(document)
    late.daemon.wait_established(late.mesh_names(*cluster.others(late)))


def _exchange(namespace: Namespace, to: str, data: bytes) -> bytes:
    """Connect, say something, and return what comes back until the other side closes."""
    with _connect(namespace, to) as connection:
        connection.sendall(data)
        return _read_to_end(connection)


def _connect(namespace: Namespace, to: str, *, source: str = STRANGER) -> socket.socket:
    connection = namespace.socket(socket.AF_INET, socket.SOCK_STREAM)
    connection.settimeout(10)
    connection.bind((source, 0))
    connection.connect((to, 179))
    return connection


def _read_to_end(connection: socket.socket) -> bytes:
    received = b""
    try:
        while data := connection.recv(4096):
            received += data
    except ConnectionResetError:
        pass
    return received


def _notifications(data: bytes) -> list[tuple[int, int]]:
    """The code and subcode of every NOTIFICATION in a stream of messages."""
    found = []
    while len(data) >= 19:
        length, kind = struct.unpack_from("!HB", data, 16)
        if kind == NOTIFICATION:
            found.append((data[19], data[20]))
        data = data[length:]
    return found
