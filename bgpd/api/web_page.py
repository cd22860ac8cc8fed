"""The web page on the metrics address: static files, and the documents they read. Read-only."""

from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path

from bgpd.api.endpoints import Call, Endpoint
from bgpd.api.handlers import API
from bgpd.api.http import Response

_DIRECTORY = Path(__file__).with_name("web")
_FILES = (
    ("/", "index.html", "text/html; charset=utf-8"),
    ("/page.css", "page.css", "text/css; charset=utf-8"),
    ("/page.js", "page.js", "text/javascript; charset=utf-8"),
    ("/topology.js", "topology.js", "text/javascript; charset=utf-8"),
)
_HEADERS = (
    # Nothing but the page's own files runs or is loaded, whatever a peer or a resource is called.
    ("Content-Security-Policy", "default-src 'self'; img-src data:; frame-ancestors 'none'"),
    ("X-Content-Type-Options", "nosniff"),
    ("Cache-Control", "no-cache"),
)
_READ = ("/v1/status", "/v1/topology", "/v1/peers", "/v1/routes", "/v1/events")
_ENDLESS = "follow"
"""The parameter that is not offered here: whoever can reach the address could use up its connections."""


async def get_file(name: str, content_type: str, _call: Call) -> Response:
    """GET one of the page's files."""
    return Response(_content(name), content_type=content_type, headers=_HEADERS)


@lru_cache
def _content(name: str) -> bytes:
    return (_DIRECTORY / name).read_bytes()


PAGE: tuple[Endpoint, ...] = (
    *(
        Endpoint("GET", path, partial(get_file, name, kind), "The web page.", "Page", content_type=kind)
        for path, name, kind in _FILES
    ),
    *(
        replace(endpoint, query=tuple(one for one in endpoint.query if one.name != _ENDLESS))
        for endpoint in API
        if endpoint.method == "GET" and endpoint.path in _READ
    ),
)
"""What the metrics address answers for the web page."""
