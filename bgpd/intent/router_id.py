"""The BGP Identifier of a node (calico-reference.md, section 14.2; RFC 6286)."""

import hashlib

from bgpd.intent.context import Context
from wire import Family, parse_address

_ZERO = bytes(4)


def compute_router_id(context: Context) -> bytes:
    """Return CALICO_ROUTER_ID (an address, or "hash"), else the node's IPv4 address, else the hash."""
    wanted = context.cluster.environment.router_id
    if wanted == "hash":
        return hash_of(context.node.name)
    literal = _identifier(wanted)
    if literal:
        return literal
    if wanted:
        context.report(
            f"Node/{context.node.name}",
            f"CALICO_ROUTER_ID={wanted} is no BGP Identifier and is not used",
            'set it to a dotted quad other than 0.0.0.0, or to "hash"',
        )
    address = context.node.addresses.get(Family.IPV4_UNICAST)
    return parse_address(address) if address else hash_of(context.node.name)


def hash_of(node: str) -> bytes:
    """Return the first four octets of SHA-256 of the name, below the multicast range."""
    first, *rest = hashlib.sha256(node.encode()).digest()[:4]
    identifier = bytes((first - 32 if first > 223 else first, *rest))
    return identifier if identifier != _ZERO else b"\0\0\0\1"


def _identifier(text: str) -> bytes | None:
    try:
        address = parse_address(text)
    except ValueError:
        return None
    return address if len(address) == 4 and address != _ZERO else None
