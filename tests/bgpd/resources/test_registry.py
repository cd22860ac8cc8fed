"""Names and columns of the kinds."""

import pytest

from bgpd.resources import KINDS, Snapshot, kind_of, lookup, parse_resource

from .documents import (
    Document,
    configuration,
    document,
    filter_rule,
    node,
    node_status,
    peer,
    pool,
    selector_peer,
)

NAMES = {
    "BGPConfiguration": ["bgpconfiguration", "BGPConfigurations", "bgpconfig", "bgpconfigs"],
    "BGPPeer": ["bgppeer", "bgppeers", "bgpp", "bgpps", "bp", "BPS"],
    "BGPFilter": ["bgpfilter", "bgpfilters", "bgpf", "bgpfs", "bf", "bfs"],
    "Node": ["node", "nodes", "no", "nos"],
    "IPPool": ["ippool", "ippools", "ipp", "ipps", "pool", "pools"],
    "CalicoNodeStatus": ["caliconodestatus", "caliconodestatuses", "nodestatus", "nodestatuses"],
}


@pytest.mark.parametrize(("kind", "names"), NAMES.items())
def test_kinds_have_calicoctls_names(kind: str, names: list[str]) -> None:
    assert {lookup(name).kind for name in names} == {kind}


def test_an_unknown_kind_is_named_with_those_that_are_known() -> None:
    with pytest.raises(
        LookupError, match="resource type 'wombat' is not supported; known: bgpconfigurations"
    ):
        lookup("wombat")


def test_no_two_kinds_share_a_name() -> None:
    names = [name for info in KINDS.values() for name in (info.kind.lower(), info.plural, *info.aliases)]
    assert len(set(names)) == len(names)


def test_a_model_knows_its_kind() -> None:
    assert {kind: kind_of(info.model) for kind, info in KINDS.items()} == {kind: kind for kind in KINDS}


ROWS = [
    (configuration(), {"NAME": "default", "LOGSEVERITY": "Info", "MESHENABLED": "-", "ASNUMBER": "-"}),
    (configuration(asNumber=1, nodeToNodeMeshEnabled=False), {"MESHENABLED": False, "ASNUMBER": 1}),
    (peer(), {"NAME": "rack-1", "PEERIP": "10.0.0.1", "NODE": "(global)", "ASN": 64567}),
    (peer(node="n1"), {"NODE": "n1"}),
    (selector_peer(nodeSelector="all()", peerSelector="has(rr)"), {"PEERIP": "", "NODE": "all()", "ASN": 0}),
    (filter_rule(), {"NUMEXPORTV4": 1, "NUMIMPORTV4": 0, "NUMEXPORTV6": 0, "NUMIMPORTV6": 0}),
    (node(asNumber=7), {"NAME": "n1", "ASN": "7", "IPV4": "10.0.0.1/24", "IPV6": ""}),
    (document("Node", "n2"), {"ASN": "(64512)", "IPV4": ""}),
    (pool(), {"CIDR": "10.1.0.0/16", "SELECTOR": "all()", "NAT": False, "IPIPMODE": "Never"}),
    (node_status(), {"NODE": "n1", "CLASSES": "BGP"}),
    ({**document("Secret"), "stringData": {"b": "x", "a": "y"}}, {"KEYS": "a,b"}),
]


@pytest.mark.parametrize(("row", "cells"), ROWS, ids=lambda v: v.get("kind", ""))
def test_columns_show(row: Document, cells: dict[str, object]) -> None:
    resource = parse_resource(row)
    columns = {column.heading: column.value(resource, Snapshot()) for column in KINDS[resource.kind].columns}
    assert cells.items() <= columns.items()


def test_an_inherited_as_number_is_the_clusters() -> None:
    default = parse_resource(configuration(asNumber=65000))
    snapshot = Snapshot({"BGPConfiguration": {"default": default}})
    [column] = [column for column in lookup("node").columns if column.heading == "ASN"]
    assert column.wide
    assert column.value(parse_resource(document("Node", "n1")), snapshot) == "(65000)"
