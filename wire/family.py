"""Address families: the pair of AFI and SAFI that says what an NLRI field holds (RFC 4760)."""

import enum
from typing import Final, NamedTuple


class Family(enum.Enum):
    """A family whose routes this speaker carries."""

    IPV4_UNICAST = (1, 1)
    IPV6_UNICAST = (2, 1)

    def __init__(self, afi: int, safi: int) -> None:
        self.afi: Final = afi
        self.safi: Final = safi
        self.bits: Final = 32 if afi == 1 else 128
        self.short: Final = "ipv4" if afi == 1 else "ipv6"

    # Members are singletons and key hot dictionaries: identity hashes several times faster than the name.
    __hash__ = object.__hash__

    def __str__(self) -> str:
        return f"{self.short}-unicast"


class ForeignFamily(NamedTuple):
    """A family that a peer named and this speaker does not carry."""

    afi: int
    safi: int

    def __str__(self) -> str:
        return f"afi {self.afi} safi {self.safi}"


AnyFamily = Family | ForeignFamily
"""What a capability or a ROUTE-REFRESH may name; both kinds have `afi` and `safi`."""

_KNOWN: Final = {(family.afi, family.safi): family for family in Family}


def family_of(afi: int, safi: int) -> AnyFamily:
    """Return the member of `Family` for this pair, or a `ForeignFamily` that keeps it."""
    return _KNOWN.get((afi, safi)) or ForeignFamily(afi, safi)
