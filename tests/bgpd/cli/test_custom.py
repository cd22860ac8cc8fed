"""Custom columns: calicoctl's headings and kubectl's paths."""

import click
import pytest

from bgpd.cli.custom import columns_of, steps_of, value_at
from tests.bgpd.cli.conftest import Run

DOCUMENT = {
    "metadata": {"name": "n1", "labels": {"a.b/c": "x"}},
    "spec": {"mesh": True, "ips": [{"cidr": "10.0.0.0/8"}, {"cidr": "fd00::/8"}, {}], "none": None},
}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (".metadata.name", "n1"),
        ("metadata.name", "n1"),
        (r".metadata.labels.a\.b/c", "x"),
        (".spec.ips[*].cidr", "10.0.0.0/8,fd00::/8"),
        (".spec.ips[1].cidr", "fd00::/8"),
        (".spec.ips[7].cidr", "<none>"),
        (".spec.mesh", "true"),
        (".spec.none", "<none>"),
        (".spec.mesh.deeper[0]", "<none>"),
    ],
)
def test_paths(path: str, expected: str) -> None:
    assert value_at(DOCUMENT, steps_of(path)) == expected


@pytest.mark.parametrize("path", ["", ".", "..a", ".a[", ".a[x]", ".a]"])
def test_what_is_no_path(path: str) -> None:
    with pytest.raises(click.BadParameter, match="no path"):
        steps_of(path)


def test_columns() -> None:
    assert columns_of("custom-columns=NAME,AS:.spec.asNumber") == [("NAME", None), ("AS", ".spec.asNumber")]
    with pytest.raises(click.BadParameter, match="names no column"):
        columns_of("custom-columns=")


def test_resources_and_sessions_have_them(offline: Run, live: Run) -> None:
    found = offline("get", "nodes", "-o", "custom-columns=NAME,asn,RACK:.metadata.labels.rack")
    assert found.stdout.splitlines()[:2] == ["NAME  ASN      RACK", "n1    (64512)  a"]
    peers = live("peers", "-o", "custom-columns=PEER_IP,HOLD:.negotiated.hold_time")
    assert peers.stdout.splitlines()[0].split() == ["PEER", "IP", "HOLD"]


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (("get", "nodes", "-o", "custom-columns=WHAT"), "no column 'WHAT' here; known: NAME, ASN"),
        (("get", "nodes", "-o", "custom-columns=A:.a["), "is no path"),
        (("topology", "-o", "custom-columns=NODE"), "is not one of"),
    ],
)
def test_wrong_columns_are_wrong_usage(offline: Run, command: tuple[str, ...], says: str) -> None:
    result = offline(*command)
    assert result.exit_code == 2
    assert says in result.stderr
