"""`show route`: routes as rows of BIRD's table."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from bgpd.api.bird.reply import Code, Line
from bgpd.api.values import Document

_SOURCES = {"static": "static1", "direct": "direct1", "kernel": "kernel1"}
_ORIGINS = {"IGP": "i", "EGP": "e", "INCOMPLETE": "?"}


def rows(pieces: Iterable[Iterable[Document]], since: Callable[[str], str]) -> Iterator[list[Line]]:
    """Yield a row per path, without the prefix where it is the last row's. `since` dates a source."""
    before = None
    for routes in pieces:
        lines: list[Line] = []
        for route in routes:
            prefix = route["prefix"]
            lines.append((Code.ROUTE, _row(route, "" if prefix == before else prefix, since)))
            before = prefix
        yield lines


def _row(route: Document, prefix: str, since: Callable[[str], str]) -> str:
    source: str = _SOURCES.get(route["protocol"]) or route["from"]
    best = " *" if route["best"] else ""
    return f"{prefix:<18} {_way(route)} [{source} {since(source)}]{best} {_rank(route)}"


def _way(route: Mapping[str, object]) -> str:
    """Say where packets go. A peer's route without a known way out is unreachable."""
    kind, interface, gateways = route["kind"], route["interface"], route["next_hop"]
    if kind != "unicast":
        return str(kind)
    if gateways and interface:
        return f"via {gateways[0]} on {interface}"  # type: ignore[index] # a list of texts, by its document
    return f"dev {interface}" if interface else "unreachable"


def _rank(route: Document) -> str:
    if route["protocol"] != "bgp":
        return f"({route['preference']})"
    as_path = [part for part in route["as_path"] if isinstance(part, int)]
    origin = _ORIGINS.get(str(route["origin"]).upper(), "?")
    return f"({route['preference']}) [{f'AS{as_path[-1]}' if as_path else ''}{origin}]"
