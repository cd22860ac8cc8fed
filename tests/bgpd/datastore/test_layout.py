"""Calico's keys and values in etcd, without etcd."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bgpd.datastore.etcd import layout
from bgpd.resources import KINDS, BlockAffinity, parse_resource

from .support import new_peer, resource, secret

ROOT = "/calico/resources/v3/projectcalico.org"


@pytest.mark.parametrize(
    ("stored", "key"),
    [
        (new_peer("a.b"), f"{ROOT}/bgppeers/a.b"),
        (resource("BGPConfiguration", "node.n1", {}), f"{ROOT}/bgpconfigurations/node.n1"),
        (secret("bgp"), "/bgpd/resources/secrets/kube-system/bgp"),
        (
            resource("BlockAffinity", "x", {"node": "n1", "cidr": "10.1.0.0/26"}),
            "/calico/ipam/v2/host/n1/ipv4/block/10.1.0.0-26",
        ),
        (
            resource("IPAMBlock", "x", {"cidr": "fd00::/122"}),
            "/calico/ipam/v2/assignment/ipv6/block/fd00::-122",
        ),
    ],
)
def test_every_resource_has_its_key_and_every_key_its_kind(stored: object, key: str) -> None:
    assert layout.key_for(stored) == key
    info = KINDS[type(stored).__name__]
    span = layout.span_of(info)
    assert span.start <= key < span.end
    if info.kind != "IPAMBlock":
        assert layout.kind_at(key) is info
        assert any(span.start <= key < span.end for span in layout.spans(None))


@pytest.mark.parametrize(
    "kind", ["networkpolicies/ns/p", "workloadendpoints/ns/w", "profiles/p", "hostendpoints/h"]
)
def test_what_changes_all_the_time_is_not_followed(kind: str) -> None:
    key = f"{ROOT}/{kind}"
    assert layout.kind_at(key) is None
    assert not any(span.start <= key < span.end for span in layout.spans(None))


def test_the_affinities_of_one_node_are_not_those_of_a_longer_name() -> None:
    (span,) = (span for span in layout.spans("n1") if "host" in span.start)
    assert span.start <= "/calico/ipam/v2/host/n1/ipv4/block/10.1.0.0-26" < span.end
    assert not span.start <= "/calico/ipam/v2/host/n10/ipv4/block/10.1.0.0-26" < span.end


@settings(deadline=None)
@given(
    node=st.from_regex(r"[a-z0-9]([-a-z0-9]{0,30}[a-z0-9])?(\.[a-z0-9]{1,20})?", fullmatch=True),
    address=st.ip_addresses(v=4) | st.ip_addresses(v=6),
    state=st.sampled_from(["confirmed", "pending", "pendingDeletion"]),
    deleted=st.booleans(),
)
def test_an_affinity_is_read_as_it_was_written(node: str, address: object, state: str, deleted: bool) -> None:
    cidr = f"{address}/{128 if ':' in str(address) else 32}"
    spec = {"node": node, "cidr": cidr, "state": state, "deleted": deleted}
    written = resource("BlockAffinity", "x", spec)
    key = layout.key_for(written)
    read = parse_resource(layout.decode(KINDS["BlockAffinity"], key, layout.encode(written)))
    assert isinstance(read, BlockAffinity)
    assert read.spec == written.spec
    assert layout.key_for(read) == key


def test_a_name_that_would_be_too_long_ends_in_a_hash() -> None:
    key = f"/calico/ipam/v2/host/{'n' * 250}/ipv4/block/10.1.0.0-26"
    name = layout.decode(KINDS["BlockAffinity"], key, "")["metadata"]["name"]
    assert len(name) == 253
    assert name[:241] == "n" * 241
    assert len(name.rpartition("-")[2]) == 11


def test_versions_are_etcds_and_never_stored() -> None:
    assert "resourceVersion" not in json.loads(layout.encode(new_peer(resourceVersion="7")))["metadata"]
