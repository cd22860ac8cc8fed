"""What one client of a BIRD control socket may say, and the answers."""

import asyncio
import itertools
import shlex
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence

from bgpd import __version__
from bgpd.api.bird import protocols, routes
from bgpd.api.bird.reply import Code, Line, encode, full_time, last, since
from bgpd.api.values import NotFoundError, PeerStatus, RefusedError, RouteQuery, SessionState, Verb
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
            pieces, end = await self._dispatch(_words(command))
            for piece in encode(pieces):
                yield piece
                await asyncio.sleep(0)
            yield end
        except AnswerError as error:
            yield last(error.code, str(error))

    async def _dispatch(self, words: Sequence[str]) -> tuple[Iterable[Iterable[Line]], bytes]:
        match words:
            case ["show", "status"]:
                return [self._status()], last(Code.STATUS, "Daemon is up and running")
            case ["show", "protocols", "all", *names]:
                await self._view.count()
                return _in_pieces(self._protocols(names, in_detail=True)), last(Code.OK)
            case ["show", "protocols", *names]:
                await self._view.count()
                return _in_pieces(self._protocols(names, in_detail=False)), last(Code.OK)
            case ["show", "route", *options]:
                return self._routes(options), last(Code.OK)
            case ["restrict"]:
                self._restricted = True
                return (), last(Code.RESTRICTED, "Access restricted")
            case [verb, name] if verb in _ORDERS:
                return [[await self._order(verb, name)]], last(Code.OK)
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
        chosen = [self._view.peer(self._named(name)) for name in names] or self._peers()
        return self._rows(chosen, now, in_detail=in_detail)

    def _rows(self, peers: Sequence[PeerStatus], now: float, *, in_detail: bool) -> Iterator[Line]:
        yield protocols.HEADING
        for peer in peers:
            yield protocols.row(peer, now)
            if in_detail:
                yield from protocols.details(peer)

    def _routes(self, options: Sequence[str]) -> Iterable[list[Line]]:
        query, primary = self._query(list(options))
        found = self._view.routes(query)
        chosen = ([route for route in piece if route["best"] or not primary] for piece in found)
        now, started = time.time(), self._view.status().started_at
        dates = {session.name: since(session.since, now) for session in self._sessions()}
        pieces = routes.rows(chosen, lambda source: dates.get(source, since(started, now)))
        if query.prefix is None:
            return pieces
        of_prefix = list(pieces)
        if not any(of_prefix):
            raise AnswerError(Code.NO_ROUTE, "Network not in table")
        return of_prefix

    def _query(self, options: list[str]) -> tuple[RouteQuery, bool]:
        """Read what follows `show route`: a prefix, `protocol NAME`, `export NAME`, `primary`."""
        found: dict[str, str] = {}
        primary = False
        while options:
            match options.pop(0):
                case "primary":
                    primary = True
                case "protocol" if options:
                    found["received_from"] = self._named(options.pop(0))
                case "export" if options:
                    found["advertised_to"] = self._named(options.pop(0))
                case text:
                    found["prefix"] = _prefix(text, self._family)
        return RouteQuery(family=self._family, **found), primary

    async def _order(self, verb: str, name: str) -> Line:
        if self._restricted:
            raise AnswerError(Code.REFUSED, "Access denied")
        order, code, word = _ORDERS[verb]
        try:
            await self._view.command(order, self._named(name))
        except (NotFoundError, RefusedError) as error:
            raise AnswerError(Code.REFUSED, str(error)) from error
        return code, f"{name}: {word}"

    def _peers(self) -> list[PeerStatus]:
        return [peer for peer in self._view.peers() if peer.family == self._family]

    def _sessions(self) -> list[SessionState]:
        return [session for session in self._view.sessions() if session.family == self._family]

    def _named(self, name: str) -> str:
        """Return the name of a session if there is one of it."""
        if all(session.name != name for session in self._sessions()):
            raise AnswerError(Code.NO_PROTOCOL, "No protocols match")
        return name


def _in_pieces(lines: Iterator[Line]) -> Iterator[list[Line]]:
    while piece := list(itertools.islice(lines, _SLICE)):
        yield piece


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
