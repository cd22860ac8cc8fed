"""`bgpctl policy check`: what a session's policy, or the kernel's, makes of given routes.

Requests are documents {family, direction, session, route}, answers {accept, rule, changes}. The policies and
their evaluator are the daemon's own.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from bgpd.intent.model import Intent, SessionIntent
from rib.policy import Policy, PolicyRoute, SetTunnel, evaluate
from rib.source import DEFAULT_PREFERENCE, Protocol
from wire import Family, PathAttributes, Prefix, parse_address, parse_prefix, prepend_as_path

DEFAULT_LOCAL_PREF = 100
"""What a route without LOCAL_PREF counts as, and gets when it is received (section 5.8)."""

_FAMILIES = {family.short: family for family in Family}
_PROTOCOLS = {
    "static": Protocol.STATIC,
    "device": Protocol.DIRECT,
    "inherit": Protocol.KERNEL,
    "bgp": Protocol.BGP,
}
_NO_SESSION = {"accept": False, "rule": "no such session", "changes": {}}


class PolicyRequestError(ValueError):
    """A request that cannot be understood; the text names its position, the field and its choices."""


def policy_check(intent: Intent, requests: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Answer each request in order. Raises PolicyRequestError for the first one that is malformed."""
    sessions = {session.name: session for session in intent.sessions}
    answers = []
    for index, request in enumerate(requests):
        try:
            answers.append(_answer(intent, sessions, request))
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise PolicyRequestError(f"request {index}: {_describe(error)}") from error
    return answers


def _describe(error: Exception) -> str:
    return f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else str(error)


def _answer(
    intent: Intent, sessions: Mapping[str, SessionIntent], request: Mapping[str, Any]
) -> dict[str, Any]:
    family = _choice("family", request["family"], _FAMILIES)
    route = _read_route(family, request["route"])
    direction = request["direction"]
    if direction == "kernel":
        return _outcome(intent.kernel_policies.get(family), route, route)
    session = sessions.get(request["session"])
    if session is None:
        return dict(_NO_SESSION)
    policies = _choice(
        "direction", direction, {"export": session.export_policy, "import": session.import_policy}
    )
    prepared = _prepare_export(session, route) if direction == "export" else route
    return _outcome(policies.get(family), route, prepared)


def _outcome(policy: Policy | None, given: PolicyRoute, prepared: PolicyRoute) -> dict[str, Any]:
    if policy is None:
        return {"accept": False, "rule": "family not carried", "changes": {}}
    outcome = evaluate(policy, prepared)
    changes = _changes(given, outcome.route) if outcome.accept else {}
    if outcome.accept and _rules_out_tunnel(policy, outcome.rule):
        changes["tunnel"] = ""
    return {"accept": outcome.accept, "rule": outcome.rule, "changes": changes}


def _rules_out_tunnel(policy: Policy, name: str) -> bool:
    """Tell whether the rule looked at the next hop and sent the route outside of the tunnel (CrossSubnet)."""
    return any(rule.next_hop_in and not rule.operations for rule in policy.rules if rule.name == name)


def _prepare_export(session: SessionIntent, route: PolicyRoute) -> PolicyRoute:
    """Towards another AS ours is in front of the path before the policy looks at it (section 5.7)."""
    if session.is_ibgp:
        return route
    path = prepend_as_path(route.attributes.as_path, [session.local_as])
    return route.replace(attributes=route.attributes.replace(as_path=path))


def _read_route(family: Family, document: Mapping[str, Any]) -> PolicyRoute:
    protocol = _choice("source", document["source"], _PROTOCOLS)
    return PolicyRoute(
        prefix=_prefix(family, document["net"]),
        attributes=PathAttributes(
            origin=0,
            as_path=prepend_as_path(b"", document.get("as_path") or ()),
            next_hop=parse_address(document["next_hop"]) if document.get("next_hop") else b"",
            local_pref=_local_pref(protocol, document.get("local_pref")),
            communities=_join(document.get("communities") or (), 2),
            large_communities=_join(document.get("large_communities") or (), 4),
        ),
        protocol=protocol,
        interface=document.get("ifname"),
        metric=document.get("metric"),
        preference=DEFAULT_PREFERENCE[protocol],
    )


def _local_pref(protocol: Protocol, given: int | None) -> int | None:
    return DEFAULT_LOCAL_PREF if given is None and protocol is Protocol.BGP else given


def _prefix(family: Family, text: str) -> Prefix:
    found, prefix = parse_prefix(text)
    if found is not family:
        raise ValueError(f"net {text} is not {family.short}")
    return prefix


def _join(values: Iterable[Iterable[int]], width: int) -> bytes:
    return b"".join(part.to_bytes(width, "big") for value in values for part in value)


def _choice(field: str, value: Any, choices: Mapping[str, Any]) -> Any:
    if value not in choices:
        raise ValueError(f"{field} is {value!r}, give one of: {', '.join(choices)}")
    return choices[value]


_READERS: Mapping[str, Callable[[PolicyRoute], Any]] = {
    "metric": lambda route: route.metric,
    "local_pref": lambda route: route.attributes.local_pref,
    "preference": lambda route: route.preference,
    "as_path": lambda route: route.attributes.describe()["as_path"],
    "communities": lambda route: [[c >> 16, c & 0xFFFF] for c in route.attributes.community_list],
    "large_communities": lambda route: [list(c) for c in route.attributes.large_community_list],
    "tunnel": lambda route: _tunnel(route.tunnel),
}


def _tunnel(tunnel: SetTunnel | None) -> str | None:
    return tunnel.interface if tunnel else None


def _changes(before: PolicyRoute, after: PolicyRoute) -> dict[str, Any]:
    """Return the attributes that differ, with their new values."""
    return {name: read(after) for name, read in _READERS.items() if read(after) != read(before)}
