"""`/v1/mrt/table`: the whole table as an MRT file (RFC 6396)."""

import asyncio
from collections.abc import AsyncGenerator, Iterator

from bgpd.api.endpoints import Call, Endpoint
from bgpd.api.http import Response

_OCTETS = "application/octet-stream"


async def get_table(call: Call) -> Response:
    """GET /v1/mrt/table."""
    return Response(_pieces(call.view.mrt_table()), content_type=_OCTETS)


async def _pieces(pieces: Iterator[bytes]) -> AsyncGenerator[bytes, None]:
    """Give the file piece by piece; other work runs between them."""
    for piece in pieces:
        yield piece
        await asyncio.sleep(0)


MRT: tuple[Endpoint, ...] = (
    Endpoint(
        "GET",
        "/v1/mrt/table",
        get_table,
        "All routes received, as a TABLE_DUMP_V2 file.",
        "Octets",
        content_type=_OCTETS,
    ),
)
"""The endpoints of MRT."""
