"""The site for those who watch: metrics and probes for machines, a page for people. Read-only."""

import asyncio

from bgpd.api.endpoints import Call, Endpoint
from bgpd.api.http import Response
from bgpd.api.metric_table import Readings
from bgpd.api.values import Health
from bgpd.api.web_page import PAGE

TEXT = "text/plain; charset=utf-8"


async def get_metrics(call: Call) -> Response:
    """GET /metrics."""
    # prometheus_client takes a while to import; a daemon that is never scraped never pays.
    from bgpd.api.metrics import exposition

    await call.view.count()
    readings = Readings(call.view.status(), call.view.peers())
    # Thousands of sessions take a tenth of a second to render, which no KEEPALIVE shall wait for.
    body, content_type = await asyncio.to_thread(exposition, readings, call.request.headers.get("accept", ""))
    return Response(body, content_type=content_type)


async def get_health(call: Call) -> Response:
    """GET /healthz."""
    return _probe(call.view.health())


async def get_readiness(call: Call) -> Response:
    """GET /readyz."""
    return _probe(call.view.readiness())


def _probe(health: Health) -> Response:
    return Response(health.text.encode() + b"\n", 200 if health.ok else 503, TEXT)


METRICS_SITE: tuple[Endpoint, ...] = (
    Endpoint("GET", "/metrics", get_metrics, "Prometheus metrics.", "Metrics", content_type=TEXT),
    Endpoint("GET", "/healthz", get_health, "Liveness: 200, or 503 and why.", "Health", content_type=TEXT),
    Endpoint("GET", "/readyz", get_readiness, "Readiness: 200, or 503 and why.", "Health", content_type=TEXT),
    *PAGE,
)
"""Everything the metrics address answers."""
