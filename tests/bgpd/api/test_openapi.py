from typing import Any

import pytest

from bgpd.api.documents import (
    event_document,
    explain_document,
    peer_document,
    route_document,
    status_document,
)
from bgpd.api.handlers import API
from bgpd.api.openapi import SCHEMAS, openapi_document
from bgpd.api.values import ExplainDocument
from tests.bgpd.api.fake_view import GLOBAL, MESH, STATUS, TOPOLOGY, Event, explanation, row

DOCUMENT = openapi_document(API)


def test_every_endpoint_is_described_once() -> None:
    described = {(method.upper(), path) for path, row in DOCUMENT["paths"].items() for method in row}
    assert described == {(endpoint.method, endpoint.path.replace("*", "")) for endpoint in API}
    assert len(described) == len(API)


def test_the_contract_is_there() -> None:
    verbs = ("reset", "refresh", "shutdown", "start")
    assert DOCUMENT["paths"].keys() == {
        "/v1/status",
        "/v1/topology",
        "/v1/peers",
        "/v1/peers/{name}",
        "/v1/routes",
        "/v1/explain/{prefix}",
        "/v1/events",
        *(f"/v1/peers/{{name}}/{verb}" for verb in verbs),
        "/v1/drain",
        "/v1/undrain",
        "/v1/originate",
        "/v1/originate/{prefix}",
        "/v1/mrt/table",
        "/v1/openapi.json",
    }


def references(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = {value["$ref"]} if "$ref" in value else set()
        return own.union(*map(references, value.values()))
    return set().union(*map(references, value)) if isinstance(value, list) else set()


def test_every_reference_leads_somewhere() -> None:
    assert references(DOCUMENT) <= {f"#/components/schemas/{name}" for name in SCHEMAS}


@pytest.mark.parametrize(
    ("schema", "document"),
    [
        ("Peer", peer_document(MESH)),
        ("Peer", peer_document(GLOBAL)),
        ("Status", status_document(STATUS, [MESH])),
        ("Topology", TOPOLOGY),
        ("Explanation", explain_document(ExplainDocument(story=explanation("10.1.0.0/26")))),
        ("Event", event_document(Event(1, 0.0, "session", None, "up"))),
    ],
)
def test_documents_have_the_keys_that_are_described(schema: str, document: dict[str, Any]) -> None:
    assert document.keys() == SCHEMAS[schema]["properties"].keys()


def test_routes_have_at_least_the_keys_that_are_described() -> None:
    document = route_document(row("10.1.0.0/26"), installed=True)
    assert document.keys() >= SCHEMAS["Route"]["properties"].keys()
