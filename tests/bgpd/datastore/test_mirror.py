"""The mirror of a remote datastore against a model, and the snapshot kept for the next start."""

from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bgpd.datastore.mirror import Mirror
from bgpd.datastore.state_cache import StateCache, state_directory
from bgpd.resources import BGPPeer, CalicoNodeStatus, Problem, Snapshot

from .support import addresses, new_peer, resource, secret

NAMES = st.sampled_from("abcd")
ADDRESSES = st.integers(1, 3).map(lambda number: f"10.0.0.{number}")


class MirrorMachine(RuleBasedStateMachine):
    """Whatever comes in whatever order: in force is the last good version of all that is there."""

    def __init__(self) -> None:
        super().__init__()
        self.mirror = Mirror()
        self.good: dict[str, str] = {}
        self.there: set[str] = set()
        self.bad: set[str] = set()
        self.version = 0
        self.last = Snapshot()

    @rule(name=NAMES, address=ADDRESSES)
    def put(self, name: str, address: str) -> None:
        self.version += 1
        document = new_peer(name, address, resourceVersion=str(self.version), uid="u").document()
        self.mirror.put(f"bgppeers/{name}", str(self.version), document)
        self.good[name] = address
        self.there.add(name)
        self.bad.discard(name)

    @rule(name=NAMES)
    def spoil(self, name: str) -> None:
        self.version += 1
        document = new_peer(name).document() | {"spec": {"peerIp": "x"}}
        self.mirror.put(f"bgppeers/{name}", str(self.version), document)
        self.there.add(name)
        self.bad.add(name)

    @rule(name=NAMES)
    def garble(self, name: str) -> None:
        self.version += 1
        self.mirror.put_unreadable(f"bgppeers/{name}", str(self.version), Problem("", "no JSON"))
        self.there.add(name)
        self.bad.add(name)

    @rule(name=NAMES)
    def remove(self, name: str) -> None:
        self.mirror.remove(f"bgppeers/{name}")
        self._gone({name})

    @rule(names=st.sets(NAMES))
    def list_again(self, names: set[str]) -> None:
        self.mirror.retain("bgppeers/", "bgppeers0", {f"bgppeers/{name}" for name in names})
        self._gone(set("abcd") - names)

    @invariant()
    def in_force_is_the_last_good_version(self) -> None:
        snapshot = self.mirror.snapshot()
        assert addresses(snapshot) == {name: self.good[name] for name in sorted(self.good)}
        assert {fault.where.rpartition("/")[2] for fault in snapshot.faults} == self.bad
        same = addresses(snapshot) == addresses(self.last) and snapshot.faults == self.last.faults
        assert (snapshot is self.last) == (same and self.last.revision > 0)
        self.last = snapshot

    def _gone(self, names: set[str]) -> None:
        self.there -= names
        self.bad -= names
        for name in names:
            self.good.pop(name, None)


TestMirror = MirrorMachine.TestCase
TestMirror.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)


def test_a_report_that_another_node_writes_is_no_change() -> None:
    mirror = Mirror()
    spec = {"node": "n1", "classes": ["BGP"], "updatePeriodSeconds": 10}
    document = resource("CalicoNodeStatus", "s", spec).document()
    mirror.put("s", "1", document)
    before = mirror.snapshot()
    mirror.put("s", "2", document | {"status": {"lastUpdated": "2026-01-01T00:00:00Z"}})
    assert mirror.snapshot() is before
    assert [found.spec.node for found in before.of(CalicoNodeStatus)] == ["n1"]


def test_faults_between_resources_name_their_place() -> None:
    mirror = Mirror()
    for name in ("a", "b"):
        node = resource("Node", name, {"bgp": {"ipv4Address": "10.0.0.1/24"}})
        mirror.put(f"/x/{name}", "1", node.document())
    assert [fault.where for fault in mirror.snapshot().faults] == ["nodes/a", "nodes/b"]


@pytest.fixture
def cache(tmp_path: Path) -> StateCache:
    return StateCache(tmp_path / "state", "etcd://a:1", "n1")


def full_snapshot() -> Snapshot:
    mirror = Mirror()
    mirror.put("p", "1", new_peer().document())
    mirror.put("s", "1", secret("bgp", password="hunter2").document())
    return mirror.snapshot()


def test_a_snapshot_survives_the_disk(cache: StateCache) -> None:
    snapshot = full_snapshot()
    cache.save(snapshot)
    loaded = cache.load()
    assert loaded is not None
    assert loaded[0].resources == snapshot.resources
    assert loaded[0].secret("bgp", "password") == "hunter2"


@pytest.mark.parametrize("text", ["", "{", "[]\n", '{"datastore": "etcd://b:1"}\n', "\x00\xff"])
def test_what_is_no_snapshot_of_this_datastore_is_none(cache: StateCache, text: str) -> None:
    cache.path.parent.mkdir()
    cache.path.write_text(text)
    assert cache.load() is None


def test_what_no_longer_is_valid_is_left_out(cache: StateCache) -> None:
    cache.save(full_snapshot())
    cache.path.write_text(cache.path.read_text().replace("peerIP", "peerIp"))
    loaded = cache.load()
    assert loaded is not None
    assert loaded[0].of(BGPPeer) == []
    assert loaded[0].secret("bgp", "password") == "hunter2"


def test_a_disk_that_cannot_be_written_is_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "state").write_text("a file")
    cache = StateCache(tmp_path / "state", "etcd://a:1", "n1")
    cache.save(full_snapshot())
    cache.save(full_snapshot())
    cache.touch()
    assert cache.load() is None
    assert sum("cannot be kept" in record.message for record in caplog.records) == 1


@pytest.mark.parametrize(
    ("environment", "directory"),
    [
        ({}, "/var/lib/bgpd"),
        ({"STATE_DIRECTORY": "/var/lib/x:/var/lib/y"}, "/var/lib/x"),
        ({"BGPD_STATE_DIRECTORY": "/z", "STATE_DIRECTORY": "/var/lib/x"}, "/z"),
    ],
)
def test_where_state_is_kept(environment: dict[str, str], directory: str) -> None:
    assert state_directory(environment) == Path(directory)
