"""get, apply, create, replace, patch, delete, label, validate: on a files datastore."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from bgpd.cli.main import bgpctl
from tests.bgpd.cli.conftest import Run

PEER = """\
apiVersion: projectcalico.org/v3
kind: BGPPeer
metadata: {name: new, labels: {site: a}}
spec: {peerIP: 10.9.0.2, asNumber: 65011}
"""


@pytest.fixture
def peer(tmp_path: Path) -> str:
    path = tmp_path / "peer.yaml"
    path.write_text(PEER)
    return str(path)


def stored(offline: Run, kind: str, name: str) -> dict:  # type: ignore[type-arg]
    return json.loads(offline("get", kind, name, "-o", "json").stdout)  # type: ignore[no-any-return]


def test_get_tables(offline: Run) -> None:
    assert offline("get", "bgppeers").stdout.splitlines() == [
        "NAME          PEERIP    NODE      ASN",
        "to-reflector            !has(rr)  0",
        "tor           10.9.0.1  (global)  65010",
    ]
    assert offline("get", "Nodes").stdout.split() == ["NAME", "n1", "n2", "rr1"]
    wide = offline("get", "no", "-o", "wide").stdout.splitlines()
    assert wide[0].split() == ["NAME", "ASN", "IPV4", "IPV6"]
    assert wide[1].split() == ["n1", "(64512)", "10.0.0.1/24"]
    assert offline("get", "bgpconfig").stdout.splitlines()[1].split()[-2:] == ["true", "64512"]


def test_calicoctls_word_for_the_table(offline: Run) -> None:
    assert offline("get", "nodes", "-o", "ps").stdout == offline("get", "nodes").stdout


def test_get_documents(offline: Run) -> None:
    listed = json.loads(offline("get", "bgpp", "-o", "json").stdout)
    assert (listed["kind"], len(listed["items"])) == ("BGPPeerList", 2)
    assert YAML(typ="safe").load(offline("get", "bgpp", "-o", "yaml").stdout) == listed
    one = stored(offline, "bgppeer", "tor")
    assert one["spec"] == {"peerIP": "10.9.0.1", "asNumber": 65010}
    assert one["metadata"].keys() == {"name", "resourceVersion"}
    exported = json.loads(offline("get", "bgppeer", "tor", "-o", "json", "--export").stdout)
    assert exported["metadata"] == {"name": "tor"}
    assert offline("get", "bgpp", "-o", "name").stdout.split() == ["bgppeer/to-reflector", "bgppeer/tor"]


def test_get_what_is_not_there(offline: Run) -> None:
    result = offline("get", "bgppeer", "nobody")
    assert result.exit_code == 1
    assert "resource does not exist: BGPPeer(nobody)" in result.stderr
    assert offline("get", "spaceship").exit_code == 2
    assert "resource type 'spaceship' is not supported" in offline("get", "spaceship").stderr


def test_apply_is_idempotent(offline: Run, peer: str) -> None:
    for word in ("created", "unchanged"):
        result = offline("apply", "-f", peer)
        assert result.stdout == f"bgppeer/new {word}\nSuccessfully applied 1 'BGPPeer' resource(s)\n"
    Path(peer).write_text(PEER.replace("65011", "65012").replace("labels: {site: a}", ""))
    assert offline("apply", "-f", peer).stdout.startswith("bgppeer/new configured\n")
    assert stored(offline, "bgppeer", "new")["spec"]["asNumber"] == 65012
    assert "labels" not in stored(offline, "bgppeer", "new")["metadata"]


def test_apply_from_standard_input_and_directories(offline: Run, peer: str) -> None:
    assert offline("apply", "-f", "-", input=PEER).stdout.startswith("bgppeer/new created")
    directory = Path(peer).parent / "many"
    (directory / "deep").mkdir(parents=True)
    (directory / "a.yaml").write_text(PEER.replace("name: new", "name: a"))
    (directory / "deep" / "b.json").write_text(json.dumps(YAML(typ="safe").load(PEER)))
    (directory / "notes.txt").write_text("no resource")
    assert offline("apply", "-f", str(directory)).stdout.split("\n")[:-2] == ["bgppeer/a created"]
    recursive = offline("apply", "-R", "-f", str(directory)).stdout
    assert recursive.split("\n")[:-2] == ["bgppeer/a unchanged", "bgppeer/new unchanged"]


def test_apply_what_get_printed(offline: Run) -> None:
    printed = offline("get", "bgppeers", "-o", "yaml").stdout
    result = offline("apply", "-f", "-", input=printed)
    assert "Successfully applied 2 'BGPPeer' resource(s)" in result.stdout
    assert result.stdout.count("unchanged") == 2


def test_nothing_is_written_when_one_document_is_wrong(offline: Run) -> None:
    wrong = PEER + "---\n" + PEER.replace("name: new", "name: other").replace("peerIP", "peerIp")
    result = offline("apply", "-f", "-", input=wrong)
    assert result.exit_code == 1
    assert "BGPPeer(other) spec.peerIp" in result.stderr
    assert "nothing was written" in result.stderr
    assert offline("get", "bgppeer", "new").exit_code == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [", "standard input:1"),
        ("# nothing\n", "No resources specified in file"),
        ("hello", "is no resource"),
    ],
)
def test_input_that_cannot_be_used(offline: Run, text: str, message: str) -> None:
    result = offline("apply", "-f", "-", input=text)
    assert result.exit_code == 1
    assert message in result.stderr


@pytest.mark.parametrize("command", ["apply", "validate"])
def test_files_below_are_pointed_out(offline: Run, tmp_path: Path, command: str) -> None:
    (tmp_path / "cluster" / "nodes").mkdir(parents=True)
    result = offline(command, "-f", str(tmp_path / "cluster"))
    assert result.exit_code == 1
    assert "-R looks into the directory's directories" in result.stderr


@pytest.mark.parametrize("command", [("get", "nodes"), ("get", "node", "n1"), ("topology",)])
def test_a_directory_that_cannot_be_read(tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "resources").touch()  # root reads every directory, and nobody a file as one
    result = CliRunner().invoke(bgpctl, ["--datastore", f"file://{tmp_path}/resources", *command])
    assert result.exit_code == 1
    assert "resources: cannot be read: Not a directory; let this user read it" in result.stderr


def test_a_directory_that_does_not_exist(tmp_path: Path) -> None:
    result = CliRunner().invoke(bgpctl, ["--datastore", f"file://{tmp_path}/nope", "get", "nodes"])
    assert result.exit_code == 1
    assert f"{tmp_path}/nope: the directory does not exist; create it" in result.stderr


def test_empty_input_may_be_skipped(offline: Run) -> None:
    assert offline("apply", "-f", "-", "--skip-empty", input="").exit_code == 0


def test_kinds_without_a_say_are_skipped(offline: Run) -> None:
    document = (
        PEER + "---\n{apiVersion: projectcalico.org/v3, kind: FelixConfiguration, metadata: {name: default}}"
    )
    result = offline("apply", "-f", "-", input=document)
    assert result.exit_code == 0
    assert "skipped FelixConfiguration(default)" in result.stderr


def test_a_file_that_is_not_there(offline: Run) -> None:
    result = offline("apply", "-f", "/nonexistent.yaml")
    assert result.stderr == "Error: cannot read /nonexistent.yaml: No such file or directory\n"
    assert offline("apply").exit_code == 2


def test_create(offline: Run, peer: str) -> None:
    assert offline("create", "-f", peer).stdout.startswith("bgppeer/new created")
    result = offline("create", "-f", peer)
    assert result.exit_code == 1
    assert "resource already exists: BGPPeer(new)" in result.stderr
    assert offline("create", "-f", peer, "--skip-exists").exit_code == 0


def test_partial_success_is_told(offline: Run) -> None:
    both = PEER + "---\n" + PEER.replace("name: new", "name: tor")
    result = offline("create", "-f", "-", input=both)
    assert result.exit_code == 1
    assert "Partial success: created 1 of 2 'BGPPeer' resource(s); hit error:" in result.stderr


def test_replace(offline: Run, peer: str) -> None:
    result = offline("replace", "-f", peer)
    assert result.exit_code == 1
    assert "resource does not exist: BGPPeer(new)" in result.stderr
    offline("create", "-f", peer)
    Path(peer).write_text(PEER.replace("65011", "65099"))
    assert offline("replace", "-f", peer).stdout.startswith("bgppeer/new configured")


def test_a_conflict_is_refused_with_a_way_out(offline: Run, peer: str) -> None:
    offline("create", "-f", peer)
    old = offline("get", "bgppeer", "new", "-o", "yaml").stdout
    offline("patch", "bgppeer", "new", "-p", "spec: {asNumber: 1}")
    result = offline("replace", "-f", "-", input=old.replace("65011", "65012"))
    assert result.exit_code == 1
    assert "update conflict: BGPPeer(new)" in result.stderr
    assert "out of date" in result.stderr


def test_patch(offline: Run) -> None:
    result = offline("patch", "bgppeer", "tor", "-p", '{"spec": {"keepaliveTime": "3s"}}')
    assert result.stdout == "Successfully patched 1 'BGPPeer' resource\n"
    assert stored(offline, "bgppeer", "tor")["spec"]["keepaliveTime"] == "3s"
    again = offline("patch", "bgppeer", "tor", "-p", "spec: {keepaliveTime: 3s}", "-t", "merge")
    assert "unchanged" in again.stdout
    assert offline("patch", "bgppeer", "tor", "-p", "spec: {keepaliveTime: null}").exit_code == 0
    assert "keepaliveTime" not in stored(offline, "bgppeer", "tor")["spec"]


@pytest.mark.parametrize(
    ("patch", "code", "message"),
    [
        ("spec: {asNumber: 'x'}", 1, "spec.asNumber"),
        ("metadata: {name: other}", 1, "cannot be patched"),
        ("[]", 2, "expected an object"),
        ("{", 2, "no valid YAML"),
    ],
)
def test_patches_that_are_refused(offline: Run, patch: str, code: int, message: str) -> None:
    result = offline("patch", "bgppeer", "tor", "-p", patch)
    assert result.exit_code == code
    assert message in result.stderr


def test_delete(offline: Run, peer: str) -> None:
    offline("create", "-f", peer)
    assert offline("delete", "-f", peer).stdout.startswith("bgppeer/new deleted\nSuccessfully deleted 1")
    result = offline("delete", "bgppeer", "tor", "nobody")
    assert result.exit_code == 1
    assert "Partial success: deleted 1 of 2" in result.stderr
    assert offline("delete", "bgppeer", "tor", "--skip-not-exists").exit_code == 0
    assert offline("delete", "bgppeer").exit_code == 2
    assert offline("delete", "bgppeer", "-f", peer).exit_code == 2


def test_delete_of_a_node_takes_along_what_is_its_own(offline: Run) -> None:
    own = PEER.replace("spec: {", "spec: {node: n1, ") + "---\n"
    own += own.replace("name: new", "name: other").replace("node: n1", "node: n2")
    own += "apiVersion: projectcalico.org/v3\nkind: BGPConfiguration\n"
    offline("create", "-f", "-", input=own + "metadata: {name: node.n1}\nspec: {listenPort: 180}\n")
    deleted = offline("delete", "node", "n1").stdout
    assert deleted.splitlines() == [
        "node/n1 deleted",
        "bgpconfiguration/node.n1 deleted",
        "bgppeer/new deleted",
        "Successfully deleted 3 resource(s)",
    ]
    assert offline("get", "bgppeers", "-o", "name").stdout.split()[0] == "bgppeer/other"


POOL = "apiVersion: projectcalico.org/v3\nkind: IPPool\nmetadata: {name: %s}\nspec: {%s}\n---\n"


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (PEER.replace("spec: {", "spec: {filters: [a, f], "), "spec.filters: BGPFilter(s) not found: a;"),
        (
            POOL % ("p", "cidr: 10.2.0.0/16"),
            'spec.cidr = "10.2.0.0/16": CIDR cannot be changed; follow IP pool',
        ),
        (
            POOL % ("p", "cidr: 10.1.0.0/16, blockSize: 27"),
            "spec.blockSize = 27: block size cannot be changed",
        ),
        (POOL % ("q", "cidr: 10.1.2.0/24"), "overlap: it shares addresses with 10.1.0.0/16 of IPPool(p)"),
        (PEER.replace("name: new", "name: new, namespace: x"), "a BGPPeer belongs to no namespace"),
    ],
    ids=["filters", "cidr", "blockSize", "overlap", "namespace"],
)
def test_what_does_not_fit_to_the_stored_is_refused_and_nothing_written(
    offline: Run, document: str, message: str
) -> None:
    known = "apiVersion: projectcalico.org/v3\nkind: BGPFilter\nmetadata: {name: f}\nspec: {}\n"
    offline("create", "-f", "-", input=POOL % ("p", "cidr: 10.1.0.0/16") + known)
    before = offline("get", "ippools", "-o", "yaml").stdout
    result = offline("apply", "-f", "-", input=document + "---\n" + PEER.replace("name: new", "name: beside"))
    assert result.exit_code == 1
    assert message in result.stderr
    assert offline("get", "ippools", "-o", "yaml").stdout == before
    assert offline("get", "bgppeer", "beside").exit_code == 1


def test_what_is_stored_may_be_applied_again_with_what_it_needs(offline: Run) -> None:
    pool = POOL % ("p", "cidr: 10.1.0.0/16")
    assert offline("apply", "-f", "-", input=pool).exit_code == 0
    known = "apiVersion: projectcalico.org/v3\nkind: BGPFilter\nmetadata: {name: f}\nspec: {}\n"
    same = POOL % ("p", "cidr: 10.1.0.0/16, blockSize: 26, natOutgoing: true")
    peer = PEER.replace("spec: {", "spec: {filters: [f], ")
    assert offline("apply", "-f", "-", input=same + peer + "---\n" + known).exit_code == 0


@pytest.mark.parametrize(
    "command", [("get", "nodes"), ("delete", "node", "n1"), ("label", "node", "n1", "a=b")]
)
def test_a_namespace_for_a_kind_that_has_none_is_wrong_usage(offline: Run, command: tuple[str, ...]) -> None:
    result = offline(*command, "-n", "default")
    assert result.exit_code == 2
    assert "a Node belongs to no namespace" in result.stderr


def test_label(offline: Run) -> None:
    assert offline("label", "node", "n1", "zone=x").stdout == "Successfully set label zone on Node n1\n"
    refused = offline("label", "node", "n1", "rack=b")
    assert refused.exit_code == 1
    assert "--overwrite" in refused.stderr
    updated = offline("label", "node", "n1", "rack=b", "--overwrite")
    assert updated.stdout == "Successfully updated label rack on Node n1\n"
    assert stored(offline, "node", "n1")["metadata"]["labels"] == {"rack": "b", "zone": "x"}
    removed = offline("label", "node", "n1", "rack", "--remove")
    assert removed.stdout == "Successfully removed label rack from Node n1\n"
    assert offline("label", "node", "n1", "rack", "--remove").exit_code == 1
    assert offline("label", "node", "n1", "rack").exit_code == 2
    assert offline("label", "node", "n1", "rack=a", "--remove").exit_code == 2


def test_validate(offline: Run, peer: str) -> None:
    assert offline("validate", "-f", peer).stdout == "1 resource(s) are valid\n"
    Path(peer).write_text(PEER.replace("peerIP", "peerIp"))
    result = offline("validate", "-f", peer)
    assert result.exit_code == 1
    assert f"{peer}:4: BGPPeer(new) spec.peerIp" in result.stdout
    assert "1 error(s); 0 resource(s) are valid" in result.stderr
    Path(peer).write_text("")
    assert offline("validate", "-f", peer).exit_code == 1


def test_a_resource_that_stands_twice(offline: Run, store: Path, tmp_path: Path) -> None:
    one, other = tmp_path / "one.yaml", tmp_path / "other.yaml"
    one.write_text(PEER)
    as_list = {"apiVersion": "v1", "kind": "List", "items": [YAML(typ="safe").load(PEER)]}
    other.write_text(f"---\n{json.dumps(as_list)}\n---\n{PEER}")
    given = ("-f", str(one), "-f", str(other))
    result = offline("validate", *given)
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        f"error: {other}:{line}: BGPPeer(new) metadata.name: stands twice, first at {one}:1; remove one"
        for line in (2, 4)
    ]
    assert "2 error(s); 1 resource(s) are valid" in result.stderr
    for command in ("apply", "create", "replace", "plan"):
        result = offline(command, *given)
        assert result.exit_code != 0
        assert f"{other}:4: BGPPeer(new) metadata.name: stands twice, first at {one}:1" in result.stderr
    assert not (store / "bgppeers" / "new.yaml").exists()
    assert offline("apply", "-f", str(one)).exit_code == 0
    assert "bgppeer/new deleted" in offline("delete", *given).stdout


def test_a_datastore_that_is_none(offline: Run) -> None:
    result = offline("--datastore", "gopher://x", "get", "nodes")
    assert result.exit_code == 1
    assert "gopher" in result.stderr


def test_get_tells_of_what_is_invalid_of_this_kind(offline: Run, store: Path) -> None:
    (store / "bad.yaml").write_text(PEER.replace("peerIP", "peerIp"))
    result = offline("get", "bgppeers", "-o", "name")
    assert result.stdout.split() == ["bgppeer/to-reflector", "bgppeer/tor"]
    assert "BGPPeer(new) spec.peerIp: unknown field; did you mean peerIP?" in result.stderr
    assert offline("get", "nodes").stderr == ""
    alone = offline("get", "bgppeer", "new")
    assert alone.exit_code == 1
    assert "bad.yaml:4: BGPPeer(new) spec.peerIp: unknown field" in alone.stderr
