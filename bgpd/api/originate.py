"""`/v1/originate`: routes that a program on this node announces through bgpd.

A route is leased to the connection that asked for it: the answer is a stream that does not end, and when the
client is gone, however it went, so is its route. A permanent one stays until somebody withdraws it.
"""

import json
import re
from collections.abc import AsyncGenerator, Mapping
from typing import Any

from bgpd.api.endpoints import Call, Endpoint
from bgpd.api.http import JSON_LINES, Response, json_response
from bgpd.api.values import BadRequestError, Document, Origination
from bgpd.api.view import DaemonView
from wire import format_address, format_prefix, parse_address, parse_prefix

_EXPECTED = (
    'expected a body like {"prefix": "192.0.2.1/32", "next_hop": null, "communities": [], "permanent": false}'
)
_FIELDS = {"prefix", "next_hop", "communities", "permanent"}
_COMMUNITY = re.compile(r"\d{1,10}(:\d{1,10}){1,2}")


async def get_originations(call: Call) -> Response:
    """GET /v1/originate."""
    return json_response([origination_document(one) for one in call.view.originations()])


async def post_originate(call: Call) -> Response:
    """POST /v1/originate."""
    origination = read_origination(call.request.body)
    if origination.permanent:
        call.view.originate(origination)
        return json_response(_told(origination))
    lease = _lease(call.view, origination)
    # The first step originates, or refuses while there is still a status to say so with. From then on the
    # generator withdraws when it is closed, even if nothing of the answer was ever sent.
    return Response(_after(await anext(lease), lease), content_type=JSON_LINES, endless=True)


async def delete_origination(call: Call) -> Response:
    """DELETE /v1/originate/{prefix}."""
    prefix = _prefix(call.arguments["prefix"])
    call.view.withdraw(prefix)
    return json_response({"text": f"{prefix} is no longer originated", "peers": []})


async def _lease(view: DaemonView, origination: Origination) -> AsyncGenerator[bytes, None]:
    view.originate(origination)
    try:
        yield json.dumps(_told(origination)).encode() + b"\n"
        while _is_kept(view, origination):
            await view.events.wait()  # its withdrawal by somebody else is one
    finally:
        if _is_kept(view, origination):
            view.withdraw(origination.prefix)


def _is_kept(view: DaemonView, origination: Origination) -> bool:
    return any(one is origination for one in view.originations())


async def _after(first: bytes, rest: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    try:
        yield first
        async for piece in rest:
            yield piece
    finally:
        await rest.aclose()


def _told(origination: Origination) -> Document:
    until = "until it is withdrawn" if origination.permanent else "as long as this connection lasts"
    return {"text": f"{origination.prefix} is originated {until}", "peers": []}


def origination_document(origination: Origination) -> Document:
    """Return what `read_origination` reads."""
    return {
        "prefix": origination.prefix,
        "next_hop": origination.next_hop,
        "communities": [":".join(map(str, value)) for value in origination.communities],
        "permanent": origination.permanent,
    }


def read_origination(body: bytes | str) -> Origination:
    """Judge a request's body. Raises BadRequestError."""
    try:
        document = json.loads(body)
    except ValueError as error:
        raise BadRequestError(_EXPECTED) from error
    if not isinstance(document, dict) or not _FIELDS.issuperset(document) or "prefix" not in document:
        raise BadRequestError(_EXPECTED)
    if not isinstance(document.get("permanent", False), bool):
        raise BadRequestError(_EXPECTED)
    prefix = _prefix(document["prefix"])
    return Origination(
        prefix=prefix,
        next_hop=_next_hop(document.get("next_hop"), prefix),
        communities=_communities(document),
        permanent=document.get("permanent", False),
    )


def _prefix(text: object) -> str:
    try:
        return format_prefix(*parse_prefix(str(text)))
    except ValueError as error:
        raise BadRequestError(str(error)) from error


def _next_hop(text: object, prefix: str) -> str | None:
    if text is None:
        return None
    try:
        address = parse_address(str(text))
    except ValueError as error:
        raise BadRequestError(f"next_hop: {error}") from error
    if len(address) * 8 != parse_prefix(prefix)[0].bits:
        raise BadRequestError(f"next_hop {text} is not of the family of {prefix}")
    return format_address(address)


def _communities(document: Mapping[str, Any]) -> tuple[tuple[int, ...], ...]:
    texts = document.get("communities", [])
    if not isinstance(texts, list):
        raise BadRequestError(_EXPECTED)
    return tuple(_community(text) for text in texts)


def _community(text: object) -> tuple[int, ...]:
    known = isinstance(text, str) and _COMMUNITY.fullmatch(text)
    parts = tuple(int(part) for part in str(text).split(":")) if known else ()
    if not parts or max(parts) >> (16 if len(parts) == 2 else 32):
        raise BadRequestError(
            f"{text!r} is no community: write 64512:10, or 64512:1:10 for a large one (RFC 1997, RFC 8092)"
        )
    return parts


ORIGINATE: tuple[Endpoint, ...] = (
    Endpoint("GET", "/v1/originate", get_originations, "Routes that programs asked for.", "Originations"),
    Endpoint(
        "POST",
        "/v1/originate",
        post_originate,
        "Originate a route, until this connection ends or, a permanent one, until it is withdrawn.",
        "Result",
        body="Origination",
    ),
    Endpoint(
        "DELETE", "/v1/originate/{prefix*}", delete_origination, "Withdraw a route asked for.", "Result"
    ),
)
"""The endpoints of originated routes."""
