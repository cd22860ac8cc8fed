"""What one client of a BIRD control socket may say, and the answers."""

import asyncio
import itertools
import shlex
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence

from bgpd import __version__
from bgpd.api.bird import protocols, routes
from bgpd.api.bird.reply import Code, Line, encode, full_time, last, since
from bgpd.api.values import NotFoundError, PeerStatus, RefusedError, RouteQuery, Verb
from bgpd.api.view import DaemonView
from wire import format_prefix, parse_prefix

VERSION = f"BIRD v{__version__} (bgpd)"
GREETING = last(Code.WELCOME, f"{VERSION} ready.")

_SLICE = 200
"""Lines written between two turns of the event loop."""

_ORDERS = {
    "enable": (Verb.START, Code.ENABLED, "enabled"),
    "disable": (Verb.SHUTDOWN, Code.DISABLED, "disabled"),
    "restart": (Verb.RESET, Code.RESTARTED, "restarted"),
    "reload": (Verb.REFRESH, Code.RELOADING, "reloading"),
}
_KNOWN = "show protocols, show protocols all, show status, show route, enable, disable, restart, reload"


class AnswerError(Exception):
    """The command gets a refusal; `code` says of which kind."""

    def __init__(self, code: Code, text: str) -> None:
        super().__init__(text)
        self.code = code


class Dialogue:
    """One connection to the socket of one family ("ipv4" on bird.ctl, "ipv6" on bird6.ctl)."""

    def __init__(self, view: DaemonView, family: str) -> None:
        self._view = view
        self._family = family
        self._restricted = False

    async def answer(self, command: str) -> AsyncIterator[bytes]:
        """Answer one line, in pieces; other work runs between them."""
        try:
            lines, end = await self._dispatch(_words(command))
            pieces = encode(lines)
            while piece := b"".join(itertools.islice(pieces, _SLICE)):
                yield piece
                await asyncio.sleep(0)
            yield end
        except AnswerError as error:
            yield last(error.code, str(error))

    async def _dispatch(self, words: Sequence[str]) -> tuple[Iterable[Line], bytes]:
        match words:
            case ["show", "status"]:
                return self._status(), last(Code.STATUS, "Daemon is up and running")
            case ["show", "protocols", "all", *names]:
                return self._protocols(names, in_detail=True), last(Code.OK)
            case ["show", "protocols", *names]:
                return self._protocols(names, in_detail=False), last(Code.OK)
            case ["show", "route", *options]:
                return self._routes(options), last(Code.OK)
            case ["restrict"]:
                self._restricted = True
                return (), last(Code.RESTRICTED, "Access restricted")
            case [verb, name] if verb in _ORDERS:
                return await self._order(verb, name), last(Code.OK)
            case _:
                raise AnswerError(Code.SYNTAX_ERROR, f"syntax error: bgpd knows {_KNOWN}")

    def _status(self) -> Iterator[Line]:
        status = self._view.status()
        yield Code.VERSION, VERSION
        yield Code.UPTIME, f"Router ID is {status.router_id or '0.0.0.0'}"  # noqa: S104 - shown, not bound to
        yield Code.UPTIME, f"Current server time is {full_time(time.time())}"
        yield Code.UPTIME, f"Last reboot on {full_time(status.started_at)}"
        yield Code.UPTIME, f"Last reconfiguration on {full_time(status.applied_at or status.started_at)}"
        if status.recovering:
            yield Code.RECOVERING, "Graceful restart recovery in progress"

    def _protocols(self, names: Sequence[str], *, in_detail: bool) -> Iterator[Line]:
        now = time.time()
        if not names and not in_detail:
            return protocols.rows(self._peers(), self._view.status().started_at, now)
        chosen = [self._peer(name) for name in names] or self._peers()
        return self._rows(chosen, now, in_detail=in_detail)

    def _rows(self, peers: Sequence[PeerStatus], now: float, *, in_detail: bool) -> Iterator[Line]:
        yield protocols.HEADING
        for peer in peers:
            yield protocols.row(peer, now)
            if in_detail:
                yield from protocols.details(peer)

    def _routes(self, options: Sequence[str]) -> Iterator[Line]:
        query, primary = self._query(list(options))
        found = self._view.routes(query)
        chosen = (route for route in found if route["best"]) if primary else found
        now, started = time.time(), self._view.status().started_at
        dates = {peer.name: since(peer.since, now) for peer in self._peers()}
        lines = routes.rows(chosen, lambda source: dates.get(source, since(started, now)))
        first = next(lines, None)
        if first is None and query.prefix is not None:
            raise AnswerError(Code.NO_ROUTE, "Network not in table")
        return itertools.chain(() if first is None else (first,), lines)

    def _query(self, options: list[str]) -> tuple[RouteQuery, bool]:
        """Read what follows `show route`: a prefix, `protocol NAME`, `export NAME`, `primary`."""
        found: dict[str, str] = {}
        primary = False
        while options:
            match options.pop(0):
                case "primary":
                    primary = True
                case "protocol" if options:
                    found["received_from"] = self._peer(options.pop(0)).name
                case "export" if options:
                    found["advertised_to"] = self._peer(options.pop(0)).name
                case text:
                    found["prefix"] = _prefix(text, self._family)
        return RouteQuery(family=self._family, **found), primary

    async def _order(self, verb: str, name: str) -> Iterator[Line]:
        if self._restricted:
            raise AnswerError(Code.REFUSED, "Access denied")
        order, code, word = _ORDERS[verb]
        try:
            await self._view.command(order, self._peer(name).name)
        except (NotFoundError, RefusedError) as error:
            raise AnswerError(Code.REFUSED, str(error)) from error
        return iter([(code, f"{name}: {word}")])

    def _peers(self) -> list[PeerStatus]:
        return [peer for peer in self._view.peers() if peer.family == self._family]

    def _peer(self, name: str) -> PeerStatus:
        for peer in self._peers():
            if peer.name == name:
                return peer
        raise AnswerError(Code.NO_PROTOCOL, "No protocols match")


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError as error:
        raise AnswerError(Code.SYNTAX_ERROR, f"syntax error: {error}") from error


def _prefix(text: str, family: str) -> str:
    try:
        found, prefix = parse_prefix(text)
    except ValueError as error:
        raise AnswerError(Code.SYNTAX_ERROR, f"syntax error: {error}") from error
    if found.short != family:
        raise AnswerError(Code.SYNTAX_ERROR, f"syntax error: {text} is not {family}")
    return format_prefix(found, prefix)
