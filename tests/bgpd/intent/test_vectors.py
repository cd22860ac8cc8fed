"""Calico's own answers, where they stand beside the checkout: sessions, prefixes and decisions."""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from bgpd.intent import Intent, OriginatedKind, compile_intent, policy_check, topology_document
from wire import Family, format_address, format_prefix

from .support import snapshot

_FOLDER = Path(__file__).resolve().parents[4] / "shared" / "vectors" / "calico"
_CASES = sorted(_FOLDER.glob("*.json"))
_FAMILIES = {family.short: family for family in Family}

pytestmark = pytest.mark.skipif(not _CASES, reason="no ../shared/vectors/calico beside the checkout")


def _load(path: Path) -> tuple[dict[str, Any], Intent]:
    case = json.loads(path.read_text())
    resources = snapshot(*case["resources"], endpoint_status=case["endpoint_status"])
    return case, compile_intent(resources, case["node"], case["environment"])


@pytest.mark.parametrize("path", _CASES, ids=lambda path: path.stem)
def test_sessions(path: Path) -> None:
    case, intent = _load(path)
    expected = case["expected"]
    document = topology_document(intent)
    if "sessions" not in expected:
        found = [session for session in document["sessions"] if session["family"] == "ipv4"]
        assert len(found) == expected["session_count_ipv4"]
        return
    assert (document["router_id"], document["as"]) == (expected["router_id"], expected["as"])
    found = {(session["name"], session["family"]): session for session in document["sessions"]}
    wanted = {(session["name"], session["family"]): session for session in expected["sessions"]}
    assert found.keys() == wanted.keys()
    for key, session in wanted.items():
        assert {name: found[key][name] for name in session} == session


@pytest.mark.parametrize("path", _CASES, ids=lambda path: path.stem)
def test_node(path: Path) -> None:
    case, intent = _load(path)
    for name, expected in case["expected"].get("families", {}).items():
        family = _FAMILIES[name]
        listen = expected["listen"]
        assert intent.listen.port == (listen["port"] or 179)
        if listen["address"]:
            assert listen["address"] in intent.listen.addresses
        blocks = [
            format_prefix(family, prefix)
            for prefix, originated in intent.originated[family].items()
            if originated.kind is OriginatedKind.BLOCK
        ]
        assert sorted(blocks) == sorted(expected["blackholes"])
        routes = [
            [format_prefix(family, route.prefix), route.gateway]
            for route in intent.static_routes
            if route.family is family
        ]
        assert sorted(routes) == sorted(expected["via"])
        ranges = [format_prefix(family, prefix) for prefix in intent.service_ranges[family]]
        assert sorted(ranges) == sorted(expected["kernel_reject_cidrs"])
        assert sorted(intent.direct_exclude) == sorted(expected["direct_exclude"])


@pytest.mark.parametrize("path", _CASES, ids=lambda path: path.stem)
def test_decisions(path: Path) -> None:
    case, intent = _load(path)
    by_session: dict[str | None, list[dict[str, Any]]] = defaultdict(list)
    for decision in case.get("decisions", []):
        for session in decision["sessions"] or [None]:
            by_session[session].append(decision)
    for session, decisions in by_session.items():
        answers = policy_check(intent, [decision | {"session": session} for decision in decisions])
        for decision, answer in zip(decisions, answers, strict=True):
            wanted = (decision["accept"], decision["changes"])
            assert (answer["accept"], answer["changes"]) == wanted, (session, decision)


def test_router_id_is_printed_as_an_address() -> None:
    _, intent = _load(_CASES[0])
    assert topology_document(intent)["router_id"] == format_address(intent.router_id)
