"""What the API may ask of the daemon; server, metrics and tests see nothing else of it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from bgpd.api.values import (
    CommandResult,
    DaemonStatus,
    Document,
    ExplainDocument,
    Health,
    Origination,
    PeerStatus,
    RouteQuery,
    SessionState,
    Verb,
)


class EventRecord(Protocol):
    """Something that happened: `sequence` counts from 1, `kind` is a word such as "session"."""

    @property
    def sequence(self) -> int:
        """Position in the log, from 1."""

    @property
    def time(self) -> float:
        """Seconds since the epoch."""

    @property
    def kind(self) -> str:
        """One word, such as "session"."""

    @property
    def peer(self) -> str | None:
        """The session it is about."""

    @property
    def message(self) -> str:
        """What happened, as a sentence."""

    @property
    def fields(self) -> Mapping[str, object]:
        """What a program may want to know."""


class EventSource(Protocol):
    """A bounded ring of events; a follower reads `since` its last sequence number, then waits."""

    def since(self, sequence: int = 0) -> Sequence[EventRecord]:
        """Give the kept events after `sequence`, oldest first."""

    async def wait(self) -> None:
        """Return after the next event."""


class DaemonView(Protocol):
    """The daemon as the API sees it. Calls are made on the event loop's thread; none may block."""

    @property
    def events(self) -> EventSource:
        """What happened and happens."""

    def status(self) -> DaemonStatus:
        """Give the state of the daemon as a whole."""

    def sessions(self) -> Sequence[SessionState]:
        """Give every configured session, by name."""

    async def count(self, peer: str | None = None) -> None:
        """Count the routes of all sessions, or of one: `peers` and `peer` are quick then, and of now.

        The event loop runs in between: a million routes take a second.
        """

    def peers(self) -> Sequence[PeerStatus]:
        """Give every configured session with all that is known of it, by name."""

    def peer(self, name: str) -> PeerStatus:
        """Give one of the sessions, by its name; raises NotFoundError."""

    def topology(self) -> Document:
        """Give the whole cluster as a small graph (`bgpd.intent.overview`)."""

    def routes(self, query: RouteQuery) -> Iterator[Sequence[Document]]:
        """Give the routes of the query, lazily, as `documents.route_document` makes them from rib's rows.

        They come in pieces of some milliseconds' work, which may be empty. The event loop runs between them,
        so the iterator must survive changes of the table. The query makes sense: prefix in canonical form and
        of the family, peers that exist.
        """

    def explain(self, prefix: str) -> ExplainDocument:
        """Tell the story of one prefix, given in canonical form."""

    async def command(self, verb: Verb, peer: str | None = None, message: str = "") -> CommandResult:
        """Carry out an order; raises NotFoundError or RefusedError. `message` goes out per RFC 9003."""

    def originations(self) -> Sequence[Origination]:
        """Give the routes that programs asked for, by prefix."""

    def originate(self, origination: Origination) -> None:
        """Originate a route; raises RefusedError when somebody else does."""

    def withdraw(self, prefix: str) -> None:
        """Originate a route, given in canonical form, no longer; raises NotFoundError."""

    def mrt_table(self) -> Iterator[bytes]:
        """Give all routes received as an MRT file, in pieces; raises NotFoundError before there are any.

        As with `routes`, the event loop runs between the pieces.
        """

    def health(self) -> Health:
        """Say whether the daemon's loop and rooms work (a failing probe restarts it)."""

    def readiness(self) -> Health:
        """Say whether the node may be relied on for routing yet."""
