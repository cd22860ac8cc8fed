"""The OPEN that we send (RFC 4271, section 4.2; RFC 5492)."""

import functools
from collections.abc import Iterator
from typing import NamedTuple

import wire
from fsm.parameters import SessionParameters

_IPV6_AFI = 2
_REMEMBERED = 256
"""Offers kept: the clients of a reflector have but a few different sessions between them."""


class Offer(NamedTuple):
    """Our OPEN, and the message that it makes."""

    open: wire.Open
    message: bytes


@functools.lru_cache(_REMEMBERED)
def make_offer(parameters: SessionParameters, *, returning: bool, plain: bool) -> Offer:
    """Return what `make_open` does and its octets, made once for all sessions with equal parameters."""
    message = make_open(parameters, returning=returning, plain=plain)
    return Offer(message, wire.encode_open(message))


def make_open(parameters: SessionParameters, *, returning: bool, plain: bool = False) -> wire.Open:
    """Return our OPEN.

    `returning`: this process had the session Established before, so that nothing restarted and forwarding
    never stopped. `plain`: without capabilities, for a peer that refused them (RFC 5492, section 3).
    """
    capabilities = () if plain else tuple(_capabilities(parameters, returning=returning))
    return wire.Open(parameters.local_as, parameters.hold_time, parameters.bgp_identifier, capabilities)


def _capabilities(parameters: SessionParameters, *, returning: bool) -> Iterator[wire.Capability]:
    """Yield the capabilities by their code."""
    families = _ordered(parameters.families)
    forwarding = parameters.families if returning else parameters.forwarding_preserved
    yield from (wire.Multiprotocol(family) for family in families)
    yield wire.RouteRefreshCapability()
    if parameters.extended_next_hop:
        pairs = ((family, _IPV6_AFI) for family in _ordered(parameters.extended_next_hop))
        yield wire.ExtendedNextHop(tuple(pairs))
    if parameters.extended_message:
        yield wire.ExtendedMessage()
    if parameters.role is not None and not parameters.internal:
        yield wire.Role(parameters.role)
    if parameters.graceful_restart_time is not None:
        yield wire.GracefulRestart(
            restart_time=parameters.graceful_restart_time,
            restarting=parameters.restarting and not returning,
            notification=True,
            families=tuple((family, family in forwarding) for family in families),
        )
    yield wire.FourOctetAs(parameters.local_as)
    if add_path := parameters.add_path_receive | parameters.add_path_send:
        yield wire.AddPath(tuple(_directions(parameters, family) for family in _ordered(add_path)))
    yield wire.EnhancedRouteRefresh()
    if parameters.graceful_restart_time is not None and parameters.long_lived_stale_time is not None:
        # Without a stale time the capability is empty: aware of LLGR_STALE, but nothing to keep.
        kept = families if parameters.long_lived_stale_time else []
        stale = ((family, family in forwarding, parameters.long_lived_stale_time) for family in kept)
        yield wire.LongLivedGracefulRestart(tuple(stale))
    if parameters.host_name:
        yield wire.Fqdn(parameters.host_name)


def _directions(parameters: SessionParameters, family: wire.Family) -> tuple[wire.Family, bool, bool]:
    return family, family in parameters.add_path_receive, family in parameters.add_path_send


def _ordered(families: frozenset[wire.Family]) -> list[wire.Family]:
    return sorted(families, key=lambda family: family.value)
