"""BGP roles: a route that went down or sideways once goes down from there on (RFC 9234, section 5)."""

from typing import Final

from wire import BgpRole

__all__ = ["is_leaked", "marks_arrivals", "marks_departures", "sends_marked"]

_FROM_BELOW: Final = frozenset({BgpRole.PROVIDER, BgpRole.ROUTE_SERVER})
"""Our roles towards customers and clients of a route server, who may send us no marked route."""

_FROM_ABOVE_OR_BESIDE: Final = frozenset({BgpRole.CUSTOMER, BgpRole.PEER, BgpRole.ROUTE_SERVER_CLIENT})
"""Our roles towards providers, peers and route servers: what they send is for our customers alone."""

_TO_BELOW_OR_BESIDE: Final = frozenset({BgpRole.PROVIDER, BgpRole.PEER, BgpRole.ROUTE_SERVER})


def is_leaked(role: int | None, only_to_customer: int, peer_as: int) -> bool:
    """Whether a marked route that arrives took a way it must not take; `role` is ours."""
    return role in _FROM_BELOW or (role == BgpRole.PEER and only_to_customer != peer_as)


def marks_arrivals(role: int | None) -> bool:
    """Whether a route that arrives without OTC gets it, with the peer's AS."""
    return role in _FROM_ABOVE_OR_BESIDE


def sends_marked(role: int | None) -> bool:
    """Whether a route with OTC may be sent: not to providers, peers and route servers."""
    return role not in _FROM_ABOVE_OR_BESIDE


def marks_departures(role: int | None) -> bool:
    """Whether a route without OTC gets it on the way out, with our AS."""
    return role in _TO_BELOW_OR_BESIDE
