"""What of a directory is in force, scan by scan; time is the tree's grace, which the tests set."""

import os
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bgpd.datastore.tree import Tree
from bgpd.resources import BGPPeer, Node, Secret, Snapshot

FOREVER = 3600.0
KEPT = "its last good content stays in force"


def peer_text(name: str, address: str = "10.0.0.1") -> str:
    return f"""\
apiVersion: projectcalico.org/v3
kind: BGPPeer
metadata:
  name: {name}
spec:
  peerIP: {address}
  asNumber: 64567
"""


def addresses(snapshot: Snapshot) -> dict[str, str | None]:
    return {peer.name: peer.spec.peer_ip for peer in snapshot.of(BGPPeer)}


def messages(snapshot: Snapshot) -> list[str]:
    return [str(fault) for fault in snapshot.faults]


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """A tree in which nothing that is gone ever leaves."""
    return Tree(tmp_path, grace=FOREVER)


@pytest.fixture
def hasty(tmp_path: Path) -> Tree:
    """A tree in which what is gone leaves at once."""
    return Tree(tmp_path, grace=0.0)


def test_all_documents_of_all_files_are_read(tree: Tree, tmp_path: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / "a.yaml").write_text(peer_text("a") + "---\n" + peer_text("b"))
    (tmp_path / "c.yml").write_text("- " + peer_text("c").replace("\n", "\n  ").rstrip() + "\n")
    (tmp_path / "d.json").write_text('{"kind": "BGPPeerList", "apiVersion": "x", "items": []}')
    for ignored in (".hidden.yaml", "notes.txt", "#a.yaml#", "a.yaml~"):
        (tmp_path / ignored).write_text("garbage: [")
    assert list(addresses(tree.scan())) == ["a", "b", "c"]
    assert messages(tree.scan()) == []


def test_a_fault_names_file_line_resource_field_and_remedy(tree: Tree, tmp_path: Path) -> None:
    text = peer_text("ok") + "---\n" + peer_text("rack-1").replace("peerIP", "peerIp")
    (tmp_path / "bgppeers.yaml").write_text(text)
    snapshot = tree.scan()
    assert messages(snapshot) == [
        "bgppeers.yaml:14: BGPPeer(rack-1) spec.peerIp: unknown field; did you mean peerIP?"
    ]
    assert list(addresses(snapshot)) == ["ok"]


def test_a_fault_in_a_list_names_its_line(tree: Tree, tmp_path: Path) -> None:
    items = "".join("  - " + peer_text(name).replace("\n", "\n    ").rstrip() + "\n" for name in ("a", "b"))
    text = "kind: BGPPeerList\nitems:\n" + items
    (tmp_path / "list.yaml").write_text(text[::-1].replace("peerIP"[::-1], "peerIp"[::-1], 1)[::-1])
    [message] = [m for m in messages(tree.scan()) if "peerIp" in m]
    assert message.startswith("list.yaml:15: BGPPeer(b) spec.peerIp")


@pytest.mark.parametrize(
    "spoiled",
    ["x: [", peer_text("a").replace("64567", "many"), "\0", peer_text("a")[:40], peer_text("a")[:75]],
)
def test_a_spoiled_file_leaves_its_last_good_version_in_force(
    tree: Tree, tmp_path: Path, spoiled: str
) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(peer_text("a"))
    before = tree.scan()
    path.write_text(spoiled + "\n")
    after = tree.scan()
    assert after.get(BGPPeer, "a") is before.get(BGPPeer, "a")
    assert messages(after)
    path.write_text(peer_text("a", "10.0.0.2"))
    assert addresses(tree.scan()) == {"a": "10.0.0.2"}
    assert messages(tree.scan()) == []


def test_a_spoiled_document_does_not_hold_back_its_neighbours(hasty: Tree, tmp_path: Path) -> None:
    path = tmp_path / "all.yaml"
    path.write_text(peer_text("a") + "---\n" + peer_text("b") + "---\n" + peer_text("c"))
    hasty.scan()
    path.write_text(peer_text("a", "10.0.0.9") + "---\n" + peer_text("b").replace("asNumber", "asNmber"))
    snapshot = hasty.scan()
    assert addresses(snapshot) == {"a": "10.0.0.9", "b": "10.0.0.1", "c": "10.0.0.1"}
    assert any("this stays in force: BGPPeer(c);" in message for message in messages(snapshot))
    path.write_text(peer_text("a", "10.0.0.9"))
    hasty.scan()
    assert addresses(hasty.scan()) == {"a": "10.0.0.9"}
    assert messages(hasty.scan()) == []


@pytest.mark.parametrize(
    "fault",
    [
        "kind: Node\n",
        "kind: BGPPeer\n",
        "kind: Nonsense\n",
        "x: [\n",
        "metadata:\n  name: b\n",
        "- 1\n",
        "\0\n",
    ],
)
@pytest.mark.parametrize("neighbour", ["", peer_text("new") + "---\n"])
def test_a_file_with_a_fault_removes_nothing(hasty: Tree, tmp_path: Path, neighbour: str, fault: str) -> None:
    path = tmp_path / "all.yaml"
    path.write_text(peer_text("a") + "---\n" + peer_text("b"))
    hasty.scan()
    path.write_text(neighbour + fault)
    for _ in range(2):
        snapshot = hasty.scan()
        assert {"a", "b"} <= addresses(snapshot).keys()
        assert any("stays in force" in message for message in messages(snapshot))
    path.unlink()
    hasty.scan()
    assert addresses(hasty.scan()) == {}


def test_unreadable_bytes_are_a_fault(tree: Tree, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"\xff\xfe\x00")
    assert messages(tree.scan()) == [f"a.yaml: cannot be read: no UTF-8 text (octet 0); {KEPT}"]


def test_what_is_gone_stays_for_the_grace_period(tree: Tree, tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(peer_text("a"))
    before = tree.scan()
    path.unlink()
    assert tree.scan() is before
    assert 0 < (tree.next_expiry() or 0) <= FOREVER
    path.write_text(peer_text("a"))
    assert tree.scan() is before
    assert tree.next_expiry() is None


@pytest.mark.parametrize("emptied", ["", "\n"])
def test_a_file_that_was_emptied_is_a_fault(hasty: Tree, tmp_path: Path, emptied: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(peer_text("a"))
    before = addresses(hasty.scan())
    path.write_text(emptied)
    for _ in range(2):
        snapshot = hasty.scan()
        assert addresses(snapshot) == before
        assert messages(snapshot) == [f"a.yaml: cannot be read: it is empty; {KEPT}"]


@pytest.mark.parametrize("leftover", [None, "# empty\n"])
def test_what_is_gone_for_good_leaves(hasty: Tree, tmp_path: Path, leftover: str | None) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(peer_text("a"))
    hasty.scan()
    path.unlink() if leftover is None else path.write_text(leftover)
    hasty.scan()
    assert addresses(hasty.scan()) == {}
    assert hasty.next_expiry() is None


def test_a_resource_that_moves_to_another_file_is_never_away(tree: Tree, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(peer_text("x"))
    before = tree.scan()
    (tmp_path / "a.yaml").rename(tmp_path / "b.yaml")
    after = tree.scan()
    assert addresses(after) == addresses(before)
    assert messages(after) == []


def test_a_text_that_looks_cut_off_waits(tree: Tree, tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(peer_text("a"))
    before = tree.scan()
    path.write_text(peer_text("a")[: -len("64567\n") + 3])  # asNumber: 645, and valid
    assert tree.scan() is before
    assert tree.next_expiry() is not None
    os.utime(path, ns=(0, time.time_ns() - int(FOREVER * 2e9)))
    assert tree.scan().of(BGPPeer)[0].spec.as_number == 645


def test_a_resource_in_two_files_is_reported_and_the_first_name_wins(hasty: Tree, tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text(peer_text("x", "10.0.0.2"))
    (tmp_path / "a.yaml").write_text(peer_text("x", "10.0.0.1"))
    snapshot = hasty.scan()
    assert addresses(snapshot) == {"x": "10.0.0.1"}
    assert messages(snapshot) == [
        "b.yaml:1: BGPPeer(x) metadata.name: is also in a.yaml, which is used; remove one"
    ]
    (tmp_path / "a.yaml").unlink()
    assert addresses(hasty.scan()) == {"x": "10.0.0.2"}


def test_a_resource_twice_in_one_file_is_reported(tree: Tree, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(peer_text("x", "10.0.0.1") + "---\n" + peer_text("x", "10.0.0.2"))
    snapshot = tree.scan()
    assert addresses(snapshot) == {"x": "10.0.0.1"}
    assert "stands twice in this file, first at line 1" in messages(snapshot)[0]


def test_a_missing_directory_is_reported_and_waited_for(tmp_path: Path) -> None:
    root = tmp_path / "later"
    tree = Tree(root)
    assert messages(tree.scan()) == [
        f"{root}: the directory does not exist; create it; bgpd waits for it and goes on with what it knows"
    ]
    root.mkdir()
    (root / "a.yaml").write_text(peer_text("a"))
    assert addresses(tree.scan()) == {"a": "10.0.0.1"}
    assert messages(tree.scan()) == []
    root.rename(tmp_path / "away")
    assert addresses(tree.scan()) == {"a": "10.0.0.1"}
    assert len(messages(tree.scan())) == 1


def test_only_real_changes_make_a_revision_and_the_rest_is_shared(tree: Tree, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(peer_text("a"))
    node = "apiVersion: projectcalico.org/v3\nkind: Node\nmetadata:\n  name: n1\n"
    (tmp_path / "n.yaml").write_text(node)
    first = tree.scan()
    (tmp_path / "a.yaml").write_text("# a comment\n" + peer_text("a"))
    assert tree.scan() is first
    (tmp_path / "a.yaml").write_text(peer_text("a", "10.0.0.2"))
    second = tree.scan()
    assert second.revision == first.revision + 1
    assert second.table(Node) is first.table(Node)


def test_secrets_come_from_documents_and_files_and_are_not_shown(tree: Tree, tmp_path: Path) -> None:
    (tmp_path / "secrets" / "bgp").mkdir(parents=True)
    (tmp_path / "secrets" / "bgp" / "mesh").write_text("hunter2\n")
    document = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: bgp\ndata:\n  mesh: eA==\n  tor: c2VjcmV0\n"
    (tmp_path / "secrets" / "bgp.yaml").write_text(document)
    snapshot = tree.scan()
    assert (snapshot.secret("bgp", "mesh"), snapshot.secret("bgp", "tor")) == ("hunter2", "secret")
    assert [secret.name for secret in snapshot.of(Secret)] == ["bgp"]
    assert "hunter2" not in repr(snapshot)
    assert "c2VjcmV0" not in repr(snapshot)
    (tmp_path / "secrets" / "bgp" / "mesh").write_text("hunter3\n")
    assert tree.scan().secret("bgp", "mesh") == "hunter3"


def test_kubernetes_mounts_are_read_through_their_links(tree: Tree, tmp_path: Path) -> None:
    for version, address in (("..v1", "10.0.0.1"), ("..v2", "10.0.0.2")):
        (tmp_path / version).mkdir()
        (tmp_path / version / "a.yaml").write_text(peer_text("a", address))
    (tmp_path / "..data").symlink_to("..v1")
    (tmp_path / "a.yaml").symlink_to("..data/a.yaml")
    (tmp_path / "loop").symlink_to(tmp_path)
    assert addresses(tree.scan()) == {"a": "10.0.0.1"}
    (tmp_path / "..new").symlink_to("..v2")
    (tmp_path / "..new").rename(tmp_path / "..data")
    assert addresses(tree.scan()) == {"a": "10.0.0.2"}


def test_what_is_no_file_is_no_trap(tree: Tree, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo.yaml")
    (tmp_path / "dangling.yaml").symlink_to("nowhere")
    (tmp_path / "directory.yaml").mkdir()
    assert messages(tree.scan()) == []


def test_calico_kinds_that_bgp_does_not_need_are_passed_over(tree: Tree, tmp_path: Path) -> None:
    (tmp_path / "felix.yaml").write_text("apiVersion: projectcalico.org/v3\nkind: FelixConfiguration\n")
    assert messages(tree.scan()) == []


def test_warnings_leave_the_resource_in_force(tree: Tree, tmp_path: Path) -> None:
    text = peer_text("a") + "  filters: [missing]\n  keepOriginalNextHop: true\n"
    (tmp_path / "a.yaml").write_text(text)
    snapshot = tree.scan()
    assert {fault.severity for fault in snapshot.faults} == {"warning"}
    assert len(snapshot.faults) == 2
    assert list(addresses(snapshot)) == ["a"]


def test_endpoint_status_files_are_read(tmp_path: Path) -> None:
    endpoints = tmp_path / "endpoint-status"
    tree = Tree(tmp_path / "resources", endpoints, grace=FOREVER)
    (tmp_path / "resources").mkdir()
    assert tree.scan().endpoint_status == {}
    endpoints.mkdir()
    status = '{"ifaceName": "cali1", "ipv4Nets": ["10.1.0.1/32"], "bgpPeerName": "vm"}'
    (endpoints / "pod1").write_text(status)
    found = tree.scan().endpoint_status["pod1"]
    assert (found.iface_name, found.ipv4_nets, found.bgp_peer_name) == ("cali1", ("10.1.0.1/32",), "vm")
    (endpoints / "pod1").write_text(status[:20])
    spoiled = tree.scan()
    assert spoiled.endpoint_status["pod1"] == found
    assert "no endpoint status" in messages(spoiled)[0]
    (endpoints / "pod1").unlink()
    assert tree.scan().endpoint_status == {}
    assert messages(tree.scan()) == []


texts = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from(peer_text("a").splitlines(keepends=True)), max_size=8).map("".join),
    st.integers(0, 120).map(lambda cut: peer_text("a")[:cut]),
)


@given(contents=st.lists(texts | st.binary(max_size=30), max_size=6))
@settings(max_examples=60, deadline=None)
def test_no_content_makes_it_raise_or_lose_a_good_neighbour(
    tmp_path_factory: pytest.TempPathFactory, contents: list[str | bytes]
) -> None:
    root = tmp_path_factory.mktemp("tree")
    (root / "good.yaml").write_text(peer_text("good"))
    tree = Tree(root, grace=0.0)
    for content in contents:
        data = content if isinstance(content, bytes) else content.encode(errors="surrogatepass")
        (root / "wild.yaml").write_bytes(data)
        assert addresses(tree.scan())["good"] == "10.0.0.1"
