"""The `bgpd.io/` annotations: what they mean, and what is said of wrong ones."""

import pytest

from bgpd.resources import (
    Bfd,
    Extensions,
    MaxPrefixes,
    ResourceError,
    Role,
    extensions,
    parse_resource,
    warnings,
)

from .documents import document, node, peer

ANNOTATED = [
    ({"passive": "true"}, Extensions(passive=True)),
    ({"passive": "false"}, Extensions()),
    ({"hold-time": "9s"}, Extensions(hold_time=9)),
    ({"hold-time": "0s"}, Extensions(hold_time=0)),
    ({"bfd": "300ms x3"}, Extensions(bfd=Bfd(300, 3))),
    ({"bfd": "1s x 5"}, Extensions(bfd=Bfd(1000, 5))),
    ({"bfd": "true"}, Extensions(bfd=Bfd())),
    ({"bfd": "false"}, Extensions()),
    ({"max-prefixes": "1000"}, Extensions(max_prefixes=MaxPrefixes(1000))),
    ({"max-prefixes": "1000,warn"}, Extensions(max_prefixes=MaxPrefixes(1000, warn_only=True))),
    ({"max-prefixes": "1000, restart=5m"}, Extensions(max_prefixes=MaxPrefixes(1000, restart_after=300))),
    ({"families": "ipv6-unicast, ipv4-unicast"}, Extensions(families=("ipv4-unicast", "ipv6-unicast"))),
    ({"add-paths": "true"}, Extensions(add_paths=frozenset({"send", "receive"}))),
    ({"add-paths": "receive"}, Extensions(add_paths=frozenset({"receive"}))),
    ({"graceful-shutdown": "true"}, Extensions(graceful_shutdown=True)),
    ({"role": "customer"}, Extensions(role=Role("customer"))),
    ({"role": "route-server, strict"}, Extensions(role=Role("route-server", strict=True))),
]
WRONG = [
    ("passive", "yes", "not a flag"),
    ("hold-time", "2s", "unacceptable hold time"),
    ("hold-time", "65536s", "unacceptable hold time"),
    ("hold-time", "soon", "invalid duration"),
    ("bfd", "fast", "not a BFD timing"),
    ("bfd", "300ms x0", "not a BFD timing"),
    ("bfd", "1ms x3", "not a BFD timing"),
    ("bfd", "x3 x3", "invalid duration"),
    ("max-prefixes", "many", "not a number of prefixes"),
    ("max-prefixes", "0,stop", "unknown action"),
    ("max-prefixes", "9,restart=x", "invalid duration"),
    ("families", "ipv4", "not a list of address families"),
    ("families", "ipv4-unicast,ipv4-unicast", "not a list of address families"),
    ("add-paths", "up", "not a direction"),
    ("graceful-shutdown", "1", "not a flag"),
    ("role", "boss", "not a BGP role"),
    ("role", "peer,please", "not a BGP role"),
]


def annotated(**annotations: str) -> dict[str, dict[str, str]]:
    return {"annotations": {f"bgpd.io/{name}": value for name, value in annotations.items()}}


@pytest.mark.parametrize(("annotations", "meaning"), ANNOTATED, ids=[str(row[0]) for row in ANNOTATED])
def test_annotations_are_read(annotations: dict[str, str], meaning: Extensions) -> None:
    resource = parse_resource(peer(metadata=annotated(**annotations)))
    assert extensions(resource) == meaning
    assert warnings(resource) == ()


def test_a_listen_range_stands_in_place_of_peer_ip() -> None:
    metadata = annotated(**{"listen-range": "10.9.0.0/16"})
    resource = parse_resource(document("BGPPeer", spec={"asNumber": 65001}, **metadata))
    assert extensions(resource).listen_range == "10.9.0.0/16"
    assert warnings(resource) == ()


@pytest.mark.parametrize(("name", "value", "rule"), WRONG)
def test_a_wrong_value_is_an_error(name: str, value: str, rule: str) -> None:
    with pytest.raises(ResourceError) as caught:
        parse_resource(peer(metadata=annotated(**{name: value})))
    [problem] = caught.value.problems
    assert problem.path == f"metadata.annotations[bgpd.io/{name}]"
    assert rule in problem.rule


def test_an_unknown_annotation_is_reported_and_does_no_harm() -> None:
    resource = parse_resource(peer(metadata=annotated(pasive="true")))
    [warning] = warnings(resource)
    assert (warning.rule, warning.remedy) == ("unknown annotation", "did you mean bgpd.io/passive?")
    [warning] = warnings(parse_resource(peer(metadata=annotated(weather="red"))))
    assert warning.remedy.startswith("known: bgpd.io/passive")
    assert extensions(resource) == Extensions()


def test_an_annotation_on_the_wrong_kind_is_reported_and_ignored() -> None:
    resource = parse_resource({**node(), "metadata": {"name": "n1", **annotated(passive="true")}})
    [warning] = warnings(resource)
    assert warning.rule == "has no meaning on a Node"
    assert extensions(resource) == Extensions()


def test_foreign_annotations_are_left_alone() -> None:
    assert warnings(parse_resource(peer(metadata={"annotations": {"example.com/x": "y"}}))) == ()
