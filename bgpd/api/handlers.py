"""What each endpoint of the Unix socket does, and their table."""

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Iterator, Sequence
from functools import partial

from bgpd.api import documents
from bgpd.api.endpoints import Call, Endpoint, Parameter
from bgpd.api.http import JSON_LINES, Response, json_response
from bgpd.api.mrt import MRT
from bgpd.api.openapi import openapi_document
from bgpd.api.originate import ORIGINATE
from bgpd.api.values import (
    FAMILIES,
    BadRequestError,
    Document,
    NotFoundError,
    RefusedError,
    RouteQuery,
    Verb,
)
from bgpd.api.view import DaemonView, EventSource
from wire import format_prefix, parse_prefix

_WANTED = 'expected a body like {"message": "text"}'
_NUMBER = re.compile("[0-9]{1,9}")
_MESSAGE_LIMIT = 255
"""Octets of a shutdown communication (RFC 9003, section 2)."""


async def get_topology(call: Call) -> Response:
    """GET /v1/topology."""
    return json_response(call.view.topology())


async def get_status(call: Call) -> Response:
    """GET /v1/status."""
    return json_response(documents.status_document(call.view.status(), call.view.sessions()))


async def get_peers(call: Call) -> Response:
    """GET /v1/peers."""
    await call.view.count()
    return json_response([documents.peer_document(peer) for peer in call.view.peers()])


async def get_peer(call: Call) -> Response:
    """GET /v1/peers/{name}."""
    name = find_peer(call.view, call.arguments["name"])
    await call.view.count(name)
    return json_response(documents.peer_document(call.view.peer(name)))


async def get_routes(call: Call) -> Response:
    """GET /v1/routes."""
    family, prefix = call.arguments.get("family"), call.arguments.get("prefix")
    query = RouteQuery(
        prefix=_prefix(prefix, family) if prefix is not None else None,
        family=family,
        received_from=_peer_argument(call, "received_from"),
        advertised_to=_peer_argument(call, "advertised_to"),
    )
    if query.received_from and query.advertised_to:
        raise BadRequestError("received_from and advertised_to exclude each other")
    return Response(_json_array(call.view.routes(query), _limit(call)))


async def get_explain(call: Call) -> Response:
    """GET /v1/explain/{prefix}."""
    return json_response(documents.explain_document(call.view.explain(_prefix(call.arguments["prefix"]))))


async def get_events(call: Call) -> Response:
    """GET /v1/events."""
    since = call.arguments.get("since", "0")
    if not since.isdecimal():
        raise BadRequestError(f"since is {since!r}, expected the sequence number of an event")
    follow = call.arguments.get("follow", "false") == "true"
    pieces = _event_lines(call.view.events, int(since), follow=follow)
    return Response(pieces, content_type=JSON_LINES, endless=follow)


async def get_openapi(_call: Call) -> Response:
    """GET /v1/openapi.json."""
    return json_response(openapi_document(API))


async def post_command(verb: Verb, call: Call) -> Response:
    """POST of an order, to a peer or to the daemon as a whole."""
    name = call.arguments.get("name")
    peer = find_peer(call.view, name) if name is not None else None
    result = await call.view.command(verb, peer, _message(call.request.body))
    return json_response({"text": result.text, "peers": list(result.peers)})


def find_peer(view: DaemonView, name: str) -> str:
    """Name a session by its name, or by its peer's address when that names one session only.

    An address means the session that is in force, if there is one.

    Raises:
        NotFoundError: no session has this name or address.
        RefusedError: several sessions have this address.

    """
    sessions = view.sessions()
    found = [one for one in sessions if one.name == name] or [one for one in sessions if one.peer_ip == name]
    if not found:
        raise NotFoundError(f"there is no peer {name}", "`bgpctl peers` lists the names")
    if len(found) > 1:
        found = [session for session in found if not session.superseded] or found
    if len(found) > 1:
        names = ", ".join(session.name for session in found)
        raise RefusedError(f"several sessions have the address {name}", f"choose one by its name: {names}")
    return found[0].name


def _limit(call: Call) -> int | None:
    limit = call.arguments.get("limit")
    if limit is not None and not _NUMBER.fullmatch(limit):
        raise BadRequestError(f"limit is {limit!r}, expected a number of routes")
    return None if limit is None else int(limit)


def _peer_argument(call: Call, parameter: str) -> str | None:
    name = call.arguments.get(parameter)
    # "local" is no session: routes of this node itself.
    return name if name in {None, "local"} else find_peer(call.view, str(name))


def _prefix(text: str, family: str | None = None) -> str:
    """Give the prefix in canonical form, so that the daemon gets nothing else."""
    try:
        found, prefix = parse_prefix(text)
    except ValueError as error:
        raise BadRequestError(str(error)) from error
    if family not in {None, found.short}:
        raise BadRequestError(f"{text} is not an {family} prefix")
    return format_prefix(found, prefix)


def _message(body: bytes) -> str:
    if not body:
        return ""
    try:
        message = json.loads(body)["message"]
    except (ValueError, TypeError, LookupError) as error:
        raise BadRequestError(_WANTED) from error
    if not isinstance(message, str):
        raise BadRequestError(_WANTED)
    if len(message.encode()) > _MESSAGE_LIMIT:
        raise BadRequestError(f"the message is longer than {_MESSAGE_LIMIT} octets (RFC 9003)")
    return message


async def _json_array(pieces: Iterator[Sequence[Document]], limit: int | None) -> AsyncGenerator[bytes, None]:
    """Give a JSON array of up to so many documents in pieces; other work runs between them."""
    opening = "["
    for rows in pieces:
        wanted = rows[:limit]
        if wanted:
            yield (opening + ",\n".join(map(json.dumps, wanted))).encode()
            opening = ",\n"
        limit = None if limit is None else limit - len(wanted)
        if limit == 0:
            break
        await asyncio.sleep(0)
    yield b"[]\n" if opening == "[" else b"]\n"


async def _event_lines(events: EventSource, since: int, *, follow: bool) -> AsyncGenerator[bytes, None]:
    """Give one event per line; ends early when the reader is so slow that the log has moved on without it."""
    sequence = 0
    while True:
        records = events.since(max(since, sequence))
        if sequence and records and records[0].sequence > sequence + 1:
            return
        if records:
            sequence = records[-1].sequence
            yield b"".join(
                json.dumps(documents.event_document(r), default=str).encode() + b"\n" for r in records
            )
        elif follow:
            await events.wait()
        if not follow:
            return


_FAMILY = Parameter("family", "Only this family.", choices=FAMILIES)
_ROUTES = (
    Parameter("prefix", "Only this prefix, such as 10.0.0.0/24; an address means its host prefix."),
    _FAMILY,
    Parameter("received_from", "Only routes received from this peer, before import policy."),
    Parameter("advertised_to", "Only routes advertised to this peer."),
    Parameter("limit", "At most so many.", kind="integer"),
)
_EVENTS = (
    Parameter("since", "Only events after this sequence number.", kind="integer"),
    Parameter("follow", "Stay and send what comes.", kind="boolean", choices=("true", "false")),
)
_PEER_VERBS = {
    Verb.RESET: "End the session and start it again (Cease/4, RFC 4486).",
    Verb.REFRESH: "Ask the peer for its routes again (RFC 2918).",
    Verb.SHUTDOWN: "End the session and keep it down (Cease/2, RFC 9003).",
    Verb.START: "Start a session that was shut down.",
}
_NODE_VERBS = {
    Verb.DRAIN: "Take this node out of the traffic before maintenance.",
    Verb.UNDRAIN: "Bring a drained node back.",
}

API: tuple[Endpoint, ...] = (
    Endpoint("GET", "/v1/status", get_status, "The daemon as a whole.", "Status"),
    Endpoint("GET", "/v1/topology", get_topology, "The whole cluster as a small graph.", "Topology"),
    Endpoint("GET", "/v1/peers", get_peers, "Every configured session.", "Peers"),
    Endpoint("GET", "/v1/peers/{name}", get_peer, "One session, by name or address.", "Peer"),
    Endpoint("GET", "/v1/routes", get_routes, "Routes, best and others.", "Routes", query=_ROUTES),
    Endpoint("GET", "/v1/explain/{prefix*}", get_explain, "Why a prefix is routed as it is.", "Explanation"),
    Endpoint(
        "GET",
        "/v1/events",
        get_events,
        "Events, one JSON object per line.",
        "Event",
        _EVENTS,
        content_type=JSON_LINES,
    ),
    *(
        Endpoint(
            "POST",
            f"/v1/peers/{{name}}/{verb.value}",
            partial(post_command, verb),
            text,
            "Result",
            body="Message",
        )
        for verb, text in _PEER_VERBS.items()
    ),
    *(
        Endpoint("POST", f"/v1/{verb.value}", partial(post_command, verb), text, "Result", body="Message")
        for verb, text in _NODE_VERBS.items()
    ),
    *ORIGINATE,
    *MRT,
    Endpoint("GET", "/v1/openapi.json", get_openapi, "This description.", "OpenAPI"),
)
"""Everything the Unix socket answers."""
