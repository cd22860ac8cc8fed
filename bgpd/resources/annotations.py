"""bgpd's extensions to Calico's API: the `bgpd.io/` annotations (docs/reference)."""

import re
from collections.abc import Callable, Iterator
from typing import Any, Literal, NamedTuple

from bgpd.resources.addresses import canonical_cidr
from bgpd.resources.meta import Resource
from bgpd.resources.problems import Problem
from bgpd.resources.values import Duration, RuleError, parse_duration

PREFIX = "bgpd.io/"
Direction = Literal["send", "receive"]

_BFD = re.compile(r"(\S+?)\s*x\s*([0-9]{1,3})")
_FLAGS = {"true": True, "false": False}
_FAMILIES = ("ipv4-unicast", "ipv6-unicast")
ROLES = ("provider", "route-server", "route-server-client", "customer", "peer")
"""Names of the BGP roles in the order of their numbers (RFC 9234, section 4.1)."""
_BOTH: frozenset[Direction] = frozenset({"send", "receive"})
_ADD_PATHS: dict[str, frozenset[Direction]] = {
    "true": _BOTH,
    "both": _BOTH,
    "send,receive": _BOTH,
    "receive,send": _BOTH,
    "send": frozenset({"send"}),
    "receive": frozenset({"receive"}),
    "false": frozenset(),
}


class Bfd(NamedTuple):
    """RFC 5880 timing: transmit and receive interval in milliseconds, detection multiplier."""

    interval: int = 300
    multiplier: int = 3


class MaxPrefixes(NamedTuple):
    """How many prefixes a peer may announce, and what happens beyond: a warning, or a stop for some seconds.

    `restart_after` None means that the session stays down until an operator starts it.
    """

    limit: int
    warn_only: bool = False
    restart_after: int | None = None


class Role(NamedTuple):
    """Our BGP role towards an external peer; `strict`: a peer that tells none is refused (RFC 9234)."""

    name: str
    strict: bool = False


class Extensions(NamedTuple):
    """The annotations of one resource, read. What is not set is None, False or empty.

    `hold_time` is in seconds, `families` holds "ipv4-unicast" and "ipv6-unicast", `add_paths` the directions.
    """

    passive: bool = False
    hold_time: int | None = None
    bfd: Bfd | None = None
    max_prefixes: MaxPrefixes | None = None
    listen_range: str | None = None
    families: tuple[str, ...] = ()
    add_paths: frozenset[Direction] = frozenset()
    graceful_shutdown: bool = False
    role: Role | None = None


def _flag(text: str) -> bool:
    if text not in _FLAGS:
        raise RuleError("not a flag", 'write "true" or "false"')
    return _FLAGS[text]


def _hold_time(text: str) -> int:
    seconds = Duration.read(text).seconds
    if seconds == 0 or 3 <= seconds <= 65535:  # RFC 4271 section 4.2
        return seconds
    raise RuleError("unacceptable hold time", 'write "0s" (no keepalives) or "3s" to "65535s"')


def _bfd(text: str) -> Bfd | None:
    if text in _FLAGS:
        return Bfd() if _FLAGS[text] else None
    match = _BFD.fullmatch(text)
    interval = round(parse_duration(match[1]) * 1000) if match else 0
    if match and 10 <= interval <= 60000 and 1 <= int(match[2]) <= 255:
        return Bfd(interval, int(match[2]))
    raise RuleError("not a BFD timing", 'write "true", or interval and multiplier like "300ms x3"')


def _max_prefixes(text: str) -> MaxPrefixes:
    limit, _, action = (part.strip() for part in text.partition(","))
    if not (limit.isascii() and limit.isdigit() and 1 <= len(limit) <= 9):
        raise RuleError("not a number of prefixes", 'write it like "1000", "1000,warn" or "1000,restart=5m"')
    if action.startswith("restart="):
        return MaxPrefixes(int(limit), restart_after=max(1, Duration.read(action[8:]).seconds))
    if action not in {"", "warn"}:
        raise RuleError("unknown action beyond the limit", 'write "warn" or "restart=5m" after the comma')
    return MaxPrefixes(int(limit), warn_only=action == "warn")


def _families(text: str) -> tuple[str, ...]:
    families = [part.strip() for part in text.split(",")]
    if not set(families) <= set(_FAMILIES) or len(set(families)) < len(families):
        raise RuleError("not a list of address families", 'write "ipv4-unicast,ipv6-unicast" or one of them')
    return tuple(family for family in _FAMILIES if family in families)


def _role(text: str) -> Role:
    name, _, manner = (part.strip() for part in text.partition(","))
    if name not in ROLES or manner not in {"", "strict"}:
        raise RuleError("not a BGP role", f'write one of {", ".join(ROLES)}; ",strict" after it insists')
    return Role(name, strict=manner == "strict")


def _add_paths(text: str) -> frozenset[Direction]:
    compact = text.replace(" ", "")
    if compact not in _ADD_PATHS:
        raise RuleError("not a direction", 'write "true", "send", "receive" or "false"')
    return _ADD_PATHS[compact]


class Annotation(NamedTuple):
    """One extension: its field of Extensions, how it is read, the kinds it may stand on, and its meaning."""

    field: str
    read: Callable[[str], Any]
    kinds: tuple[str, ...]
    meaning: str


_SESSIONS = ("BGPPeer", "BGPConfiguration")
ANNOTATIONS: dict[str, Annotation] = {
    "bgpd.io/passive": Annotation("passive", _flag, ("BGPPeer",), "wait for the peer to connect"),
    "bgpd.io/hold-time": Annotation(
        "hold_time", _hold_time, _SESSIONS, "hold time to propose, RFC 4271 section 4.2"
    ),
    "bgpd.io/bfd": Annotation("bfd", _bfd, _SESSIONS, "watch the peer with BFD, RFC 5882"),
    "bgpd.io/max-prefixes": Annotation(
        "max_prefixes", _max_prefixes, _SESSIONS, "limit of accepted prefixes"
    ),
    "bgpd.io/listen-range": Annotation(
        "listen_range", canonical_cidr, ("BGPPeer",), "accept any peer of this range, in place of peerIP"
    ),
    "bgpd.io/families": Annotation("families", _families, _SESSIONS, "address families of one session"),
    "bgpd.io/add-paths": Annotation("add_paths", _add_paths, _SESSIONS, "ADD-PATH directions, RFC 7911"),
    "bgpd.io/graceful-shutdown": Annotation(
        "graceful_shutdown", _flag, (*_SESSIONS, "Node"), "mark routes with GRACEFUL_SHUTDOWN, RFC 8326"
    ),
    "bgpd.io/role": Annotation("role", _role, ("BGPPeer",), "this side's role to external peers, RFC 9234"),
}


def extensions(resource: Resource) -> Extensions:
    """Read the `bgpd.io/` annotations of a resource that parse_resource accepted."""
    return Extensions(
        **{
            annotation.field: annotation.read(resource.metadata.annotations[name])
            for name, annotation in ANNOTATIONS.items()
            if name in resource.metadata.annotations and resource.kind in annotation.kinds
        }
    )


def annotation_problems(resource: Resource) -> Iterator[Problem]:
    """Report bad values as errors; unknown and misplaced `bgpd.io/` annotations as warnings."""
    for name, text in sorted(resource.metadata.annotations.items()):
        if not name.startswith(PREFIX):
            continue
        path = f"metadata.annotations[{name}]"
        annotation = ANNOTATIONS.get(name)
        if annotation is None:
            yield Problem(path, "unknown annotation", text, _near_miss(name), "warning")
        elif resource.kind not in annotation.kinds:
            places = " or ".join(annotation.kinds)
            yield Problem(
                path, f"has no meaning on a {resource.kind}", text, f"put it on a {places}", "warning"
            )
        else:
            yield from _bad_value(path, annotation, text)


def _bad_value(path: str, annotation: Annotation, text: str) -> Iterator[Problem]:
    try:
        annotation.read(text)
    except RuleError as error:
        yield Problem(path, error.rule, text, error.remedy)


def _near_miss(name: str) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, ANNOTATIONS, 1, 0.75)
    return f"did you mean {close[0]}?" if close else f"known: {', '.join(ANNOTATIONS)}"
