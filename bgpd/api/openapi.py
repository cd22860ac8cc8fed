"""The OpenAPI description of the Unix socket, made from its table of endpoints."""

import re
from collections.abc import Sequence
from typing import Any

from bgpd import __version__
from bgpd.api.endpoints import Endpoint

Schema = dict[str, Any]


def _object(**properties: Schema) -> Schema:
    # A trailing underscore stands for names that are Python's own words.
    named = {name.rstrip("_"): schema for name, schema in properties.items()}
    return {"type": "object", "properties": named, "required": list(named)}


def _array(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _nullable(schema: Schema) -> Schema:
    return {"oneOf": [schema, {"type": "null"}]}


def _reference(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


_TEXT: Schema = {"type": "string"}
_NUMBER: Schema = {"type": "integer"}
_FLAG: Schema = {"type": "boolean"}
_TIME: Schema = {"type": "string", "format": "date-time"}
_TEXTS = _array(_TEXT)
_COUNTS = _object(ipv4=_NUMBER, ipv6=_NUMBER)
_ANY: Schema = {"type": "object"}

SCHEMAS: dict[str, Schema] = {
    "Error": _object(error=_TEXT, remedy=_TEXT),
    "Message": {"type": "object", "properties": {"message": _TEXT}},
    "Origination": {
        "type": "object",
        "properties": {
            "prefix": _TEXT,
            "next_hop": _nullable(_TEXT),
            "communities": _TEXTS,
            "permanent": _FLAG,
        },
        "required": ["prefix"],
    },
    "Originations": _array(_reference("Origination")),
    "Result": _object(text=_TEXT, peers=_TEXTS),
    "OpenAPI": _ANY,
    "Octets": {"type": "string", "format": "binary"},
    "Topology": _object(
        node=_TEXT,
        nodes=_NUMBER,
        mesh=_FLAG,
        vertices=_array(
            _object(name=_TEXT, kind=_TEXT, as_=_NUMBER, own=_FLAG, count=_NUMBER, members=_TEXTS)
        ),
        links=_array(_object(from_=_NUMBER, to=_NUMBER, kind=_TEXT, sessions=_TEXTS)),
    ),
    "Status": _object(
        node=_TEXT,
        version=_TEXT,
        started_at=_TIME,
        uptime_seconds=_NUMBER,
        as_=_nullable(_NUMBER),
        router_id=_nullable(_TEXT),
        cluster_id=_nullable(_TEXT),
        mesh=_FLAG,
        draining=_FLAG,
        listen=_TEXTS,
        sessions=_object(configured=_NUMBER, established=_NUMBER),
        loc_rib=_COUNTS,
        datastore=_nullable(_ANY),
        kernel=_nullable(_ANY),
        problems=_array(_object(where=_TEXT, message=_TEXT, remedy=_TEXT)),
    ),
    "LastError": _object(code=_NUMBER, subcode=_NUMBER, text=_TEXT, direction=_TEXT),
    "Negotiated": _object(hold_time=_NUMBER, keepalive=_NUMBER, capabilities=_TEXTS),
    "Peer": _object(
        name=_TEXT,
        peer_ip=_TEXT,
        peer_as=_NUMBER,
        local_as=_NUMBER,
        type=_TEXT,
        state=_TEXT,
        since=_TIME,
        uptime_seconds=_NUMBER,
        last_error=_nullable(_reference("LastError")),
        received=_COUNTS,
        accepted=_COUNTS,
        advertised=_COUNTS,
        flaps=_NUMBER,
        negotiated=_nullable(_reference("Negotiated")),
        family=_TEXT,
        peer_port=_NUMBER,
        peer_identifier=_nullable(_TEXT),
        rejected=_COUNTS,
        stale=_COUNTS,
        admin_down=_FLAG,
        bfd=_nullable(_TEXT),
        resource=_TEXT,
        problem=_nullable(_TEXT),
        messages=_object(sent=_ANY, received=_ANY),
    ),
    "Peers": _array(_reference("Peer")),
    "Route": _object(
        prefix=_TEXT,
        best=_FLAG,
        next_hop=_TEXTS,
        as_path=_array({}),
        origin=_TEXT,
        local_pref=_nullable(_NUMBER),
        med=_nullable(_NUMBER),
        communities=_TEXTS,
        large_communities=_TEXTS,
        originator_id=_nullable(_TEXT),
        cluster_list=_TEXTS,
        from_=_TEXT,
        installed=_FLAG,
        stale=_FLAG,
        multipath=_FLAG,
        path_id=_NUMBER,
        protocol=_TEXT,
        preference=_NUMBER,
        interface=_nullable(_TEXT),
        kind=_TEXT,
        rejected=_nullable(_TEXT),
    ),
    "Routes": _array(_reference("Route")),
    "Candidate": {"allOf": [_reference("Route"), _object(step=_nullable(_TEXT), reason=_TEXT, rfc=_TEXT)]},
    "NextHop": _object(gateway=_nullable(_TEXT), interface=_nullable(_TEXT), weight=_NUMBER),
    "Explanation": _object(
        prefix=_TEXT,
        family=_TEXT,
        candidates=_array(_reference("Candidate")),
        advertised=_array(_object(peer=_TEXT, advertised=_FLAG, reason=_TEXT, attributes=_nullable(_ANY))),
        kernel=_object(
            wanted=_FLAG,
            installed=_nullable(_FLAG),
            rule=_TEXT,
            error=_nullable(_TEXT),
            kind=_nullable(_TEXT),
            metric=_nullable(_NUMBER),
            next_hops=_array(_reference("NextHop")),
        ),
    ),
    "Event": _object(
        sequence=_NUMBER, time=_TIME, kind=_TEXT, peer=_nullable(_TEXT), message=_TEXT, fields=_ANY
    ),
}


def openapi_document(table: Sequence[Endpoint]) -> dict[str, Any]:
    """Describe every endpoint of the table (OpenAPI 3.1)."""
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in table:
        path = endpoint.path.replace("*}", "}")
        paths.setdefault(path, {})[endpoint.method.lower()] = _operation(endpoint, path)
    return {
        "openapi": "3.1.0",
        "info": {"title": "bgpd", "version": __version__},
        "paths": paths,
        "components": {"schemas": SCHEMAS},
    }


def _operation(endpoint: Endpoint, path: str) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "summary": endpoint.summary,
        "parameters": [*_path_parameters(path), *_query_parameters(endpoint)],
        "responses": {
            "200": _answer("done", endpoint.content_type, endpoint.answer),
            "default": _answer("what is wrong, and a remedy", "application/json", "Error"),
        },
    }
    if endpoint.body:
        schema = _reference(endpoint.body)
        operation["requestBody"] = {"content": {"application/json": {"schema": schema}}}
    return operation


def _path_parameters(path: str) -> list[dict[str, Any]]:
    names = re.findall(r"{(\w+)}", path)
    return [{"name": name, "in": "path", "required": True, "schema": _TEXT} for name in names]


def _query_parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    return [
        {
            "name": parameter.name,
            "in": "query",
            "description": parameter.text,
            "schema": {"type": parameter.kind}
            | ({"enum": list(parameter.choices)} if parameter.choices and parameter.kind == "string" else {}),
        }
        for parameter in endpoint.query
    ]


def _answer(text: str, content_type: str, schema: str) -> dict[str, Any]:
    return {"description": text, "content": {content_type: {"schema": _reference(schema)}}}
