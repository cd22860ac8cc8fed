"""Tables of endpoints: what a request's method and path lead to, and the dispatch through such a table."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence

from bgpd.api.http import Request, Respond, Response, error_response
from bgpd.api.values import BadRequestError, NotFoundError, RefusedError
from bgpd.api.view import DaemonView
from records import record

_LOGGER = logging.getLogger(__name__)

_REMEDY = "GET /v1/openapi.json lists every endpoint"


@record
class Call:
    """A request that found its endpoint: `arguments` holds path and query parameters by name."""

    view: DaemonView
    arguments: Mapping[str, str]
    request: Request


Handler = Callable[[Call], Awaitable[Response]]


@record
class Parameter:
    """A parameter of the query, with the values it may have when they are few."""

    name: str
    text: str
    kind: str = "string"
    choices: tuple[str, ...] = ()


@record
class Endpoint:
    """One row: `{name}` in the path takes one segment, `{name*}` the rest of the path."""

    method: str
    path: str
    handler: Handler
    summary: str
    answer: str
    """The name of the answer's schema (see `openapi`)."""
    query: tuple[Parameter, ...] = ()
    body: str = ""
    """The name of the schema of the JSON that may come along."""
    content_type: str = "application/json"

    def match(self, path: str) -> dict[str, str] | None:
        """Give the path's parameters when it is this endpoint's path, else None."""
        wanted, given = self.path.strip("/").split("/"), path.strip("/").split("/")
        if wanted[-1].endswith("*}") and len(given) > len(wanted):
            given[len(wanted) - 1 :] = ["/".join(given[len(wanted) - 1 :])]
        if len(wanted) != len(given):
            return None
        arguments = {}
        for template, segment in zip(wanted, given, strict=True):
            if template.startswith("{") and segment:
                arguments[template.strip("{*}")] = segment
            elif template != segment:
                return None
        return arguments


def dispatcher(table: Sequence[Endpoint], view: DaemonView) -> Respond:
    """Make the function that answers a site's requests through its table."""

    async def respond(request: Request) -> Response:
        try:
            return await _dispatch(table, view, request)
        except NotFoundError as error:
            return error_response(404, str(error), error.remedy)
        except RefusedError as error:
            return error_response(409, str(error), error.remedy)
        except BadRequestError as error:
            return error_response(400, str(error))
        except Exception:
            _LOGGER.exception("%s %s failed", request.method, request.path)
            return error_response(500, "internal error", "the daemon's log has the details")

    return respond


async def _dispatch(table: Sequence[Endpoint], view: DaemonView, request: Request) -> Response:
    method = "GET" if request.method == "HEAD" else request.method
    found = [
        (endpoint, arguments) for endpoint in table if (arguments := endpoint.match(request.path)) is not None
    ]
    for endpoint, arguments in found:
        if endpoint.method == method:
            return await endpoint.handler(Call(view, arguments | _query(endpoint, request), request))
    if found:
        return _method_refused(request, [endpoint.method for endpoint, _ in found])
    return error_response(404, f"there is no {request.path}", _REMEDY)


def _query(endpoint: Endpoint, request: Request) -> dict[str, str]:
    known = {parameter.name: parameter for parameter in endpoint.query}
    for name, value in request.query.items():
        if name not in known:
            raise BadRequestError(
                f"{endpoint.path} has no parameter {name!r}; it knows: {', '.join(known) or 'none'}"
            )
        choices = known[name].choices
        if choices and value not in choices:
            raise BadRequestError(f"{name} is {value!r}, expected one of: {', '.join(choices)}")
    return dict(request.query)


def _method_refused(request: Request, methods: Sequence[str]) -> Response:
    refused = error_response(
        405, f"{request.method} is not for {request.path}", f"use {' or '.join(methods)}"
    )
    return Response(refused.body, refused.status, headers=(("Allow", ", ".join(methods)),))
