"""What a Tab offers: kinds, names of resources and sessions. Whoever does not answer at once is left out."""

import asyncio
from collections.abc import Callable, Iterable

import click
from click.shell_completion import CompletionItem

from bgpd.cli.state import DEFAULT_SOCKET, State

_PATIENCE = 1.0
"""Seconds: who presses Tab waits no longer."""

Completer = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]
Words = Iterable[tuple[str, str]]
"""Words with what is told beside them, or ""."""


def kinds(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the kinds, by a short name only where it is a short name that is begun."""
    from bgpd.resources import KINDS

    begun = incomplete.lower()
    plurals = [info.plural for info in KINDS.values() if info.plural.startswith(begun)]
    aliases = (alias for info in KINDS.values() for alias in (info.kind.lower(), *info.aliases))
    return [CompletionItem(word) for word in plurals or aliases if word.startswith(begun)]


def _completer(find: Callable[[State, click.Context], Words]) -> Completer:
    """Make of a function that finds words one that offers those that fit; what fails offers nothing."""

    def offer(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
        options = context.find_root().params
        state = State(options.get("socket") or DEFAULT_SOCKET, options.get("datastore"))
        try:
            words = find(state, context)
        except (click.ClickException, TimeoutError):
            return []
        return [
            CompletionItem(word, help=hint or None) for word, hint in words if word.startswith(incomplete)
        ]

    return offer


def _names(state: State, context: click.Context) -> Words:
    given = context.params.get("names") or ()
    names = _stored(state, str(context.params.get("kind")), context.params.get("namespace"))
    return [(name, "") for name in names if name not in given]


def _nodes(state: State, _context: click.Context) -> Words:
    return [(name, "") for name in _stored(state, "node", None)]


def _stored(state: State, kind: str, namespace: str | None) -> list[str]:
    from bgpd.cli.store import kind_named, with_datastore

    model = kind_named(kind).model
    found = with_datastore(state, lambda store: asyncio.wait_for(store.list(model), _PATIENCE))
    return [one.name for one in found if namespace in {None, one.metadata.namespace}]


def _sessions(state: State, _context: click.Context) -> Words:
    with state.daemon(_PATIENCE) as daemon:
        return [(peer["name"], f"{peer['peer_ip']} {peer['state']}") for peer in daemon.get("/v1/peers")]


names = _completer(_names)
"""Offer the names of the kind that is given, but for those given already."""
nodes = _completer(_nodes)
"""Offer the names of the Node resources."""
sessions = _completer(_sessions)
"""Offer the sessions of the running daemon."""
