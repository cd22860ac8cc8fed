"""Generated tables, the same in every run: what peers announce, ready to be encoded."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

Prefix = bytes
"""Length octet and address octets, as in the NLRI field (RFC 4271, section 4.3)."""

_SEED: Final = 4271

_LENGTHS: Final = {24: 62, 23: 10, 22: 11, 21: 5, 20: 4, 19: 3, 18: 2, 17: 1, 16: 2}
"""Prefix lengths of the default-free zone and their shares in percent, roughly those of the IPv4 table."""

_LENGTHS_IPV6: Final = {48: 47, 44: 10, 40: 10, 36: 7, 32: 20, 29: 6}

_FIRST_OCTETS: Final = tuple(n for n in range(1, 224) if n not in {10, 100, 127, 169, 172, 192, 198, 203})
"""Without networks that speakers refuse or that the benchmark itself uses."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Prefixes that share a path: one UPDATE."""

    as_path: tuple[int, ...]
    communities: tuple[int, ...]
    prefixes: tuple[Prefix, ...]


def internet(count: int, *, ipv6: bool = False, paths: int = 0) -> list[Batch]:
    """Return a table like the default-free zone's: about seven prefixes share an attribute set.

    `paths` tells apart what several feeds say about the same prefixes: other AS paths, other sharing.
    """
    generator = random.Random(_SEED)
    prefixes = _internet_prefixes(count, generator, ipv6=ipv6)
    attributes = random.Random(_SEED + 1 + paths)
    batches = []
    start = 0
    while start < count:
        size = min(int(attributes.paretovariate(0.95)), 220)
        batches.append(_batch(attributes, tuple(prefixes[start : start + size])))
        start += size
    return batches


def _internet_prefixes(count: int, generator: random.Random, *, ipv6: bool) -> list[Prefix]:
    shares = _LENGTHS_IPV6 if ipv6 else _LENGTHS
    lengths = generator.choices(list(shares), list(shares.values()), k=2 * count)
    found: dict[Prefix, None] = {}
    for length in lengths:
        found[_random_prefix(generator, length, ipv6=ipv6)] = None
        if len(found) == count:
            break
    if len(found) < count:  # the short lengths run out: the rest is as long as prefixes get
        longest = max(shares)
        while len(found) < count:
            found[_random_prefix(generator, longest, ipv6=ipv6)] = None
    return list(found)


def _random_prefix(generator: random.Random, length: int, *, ipv6: bool) -> Prefix:
    size = (length + 7) // 8
    first = b"\x20" if ipv6 else bytes((_FIRST_OCTETS[int(generator.random() * len(_FIRST_OCTETS))],))
    rest = generator.getrandbits(8 * (size - 1)) >> -length % 8 << -length % 8
    return bytes((length,)) + first + rest.to_bytes(size - 1, "big")


def _batch(generator: random.Random, prefixes: tuple[Prefix, ...]) -> Batch:
    hops = generator.choices((2, 3, 4, 5, 6, 8), (8, 25, 32, 20, 10, 5))[0]
    as_path = tuple(generator.randrange(1000, 60000) for _ in range(hops - 1))
    communities = tuple(generator.getrandbits(32) for _ in range(generator.choice((0, 0, 1, 2, 3, 6))))
    return Batch(as_path, tuple(sorted(community & 0xEFFFFFFF for community in communities)), prefixes)


def blocks(first: int, count: int) -> list[Prefix]:
    """Return /26 blocks as Calico's IPAM gives to nodes, from 100.64.0.0 on and then upwards."""
    base = 100 << 24 | 64 << 16
    return [
        bytes((26,)) + (base + (number << 6)).to_bytes(4, "big") for number in range(first, first + count)
    ]


def cluster(count: int, *, per_batch: int = 500) -> list[Batch]:
    """Return /26 blocks that share few paths: what a node of a cluster learns."""
    everything = blocks(0, count)
    return [
        Batch((), (), tuple(everything[start : start + per_batch])) for start in range(0, count, per_batch)
    ]


def prefixes_of(batches: list[Batch]) -> Iterator[Prefix]:
    """Yield all prefixes of a table."""
    for batch in batches:
        yield from batch.prefixes
