"""What a policy is made of: rules with conditions, operations and a verdict. Values without behaviour."""

from enum import Enum

from records import record
from rib.prefix_match import PrefixMatch
from rib.source import Protocol

__all__ = [
    "AddCommunity",
    "AddLargeCommunity",
    "Operation",
    "PrependAsPath",
    "Rule",
    "SetLocalPref",
    "SetMetric",
    "SetPreference",
    "SetTunnel",
    "Verdict",
]


class Verdict(Enum):
    """What happens to a route that a rule matches."""

    ACCEPT = "accept"
    REJECT = "reject"
    CONTINUE = "continue"
    """The rule's operations are done and the next rule is tried."""


@record
class AddCommunity:
    """Adds one community (RFC 1997), 32 bits, unless the route carries it."""

    value: int


@record
class AddLargeCommunity:
    """Adds one large community (RFC 8092) of three 32-bit parts, unless the route carries it."""

    value: tuple[int, int, int]


@record
class PrependAsPath:
    """Puts these ASes in front of the AS_PATH, so that it starts with them in this order."""

    ases: tuple[int, ...]


@record
class SetLocalPref:
    """Sets LOCAL_PREF."""

    value: int


@record
class SetMetric:
    """Sets the metric that the route has or gets in the kernel."""

    value: int


@record
class SetPreference:
    """Sets the administrative preference, the first criterion of the decision process."""

    value: int


@record
class SetTunnel:
    """Sends a kernel route through a tunnel device; `onlink`: its gateway needs no connected network."""

    interface: str
    onlink: bool = True


Operation = (
    AddCommunity | AddLargeCommunity | PrependAsPath | SetLocalPref | SetMetric | SetPreference | SetTunnel
)


@record(kw_only=True)
class Rule:
    """Conditions that must all hold, operations in order, a verdict. Without conditions it always matches."""

    name: str
    """What operators know it by: `BGPFilter/x exportV4[0]`, `IPPool/p disableBGPExport`."""
    verdict: Verdict
    prefixes: tuple[PrefixMatch, ...] = ()
    """At least one of them holds."""
    protocols: frozenset[Protocol] | None = None
    interfaces: tuple[str, ...] = ()
    """Globs (`*`, `?`) of which one matches the outgoing interface; false for a route without one."""
    learned: bool | None = None
    """True: learned by BGP; False: not."""
    communities: tuple[int, ...] = ()
    """All are present (RFC 1997)."""
    large_communities: tuple[tuple[int, int, int], ...] = ()
    """All are present (RFC 8092)."""
    as_path_prefix: tuple[int, ...] = ()
    """The AS_PATH starts with these ASes."""
    local_pref: int | None = None
    local_pref_above: int | None = None
    """LOCAL_PREF is greater than this."""
    metric_below: int | None = None
    """The kernel metric is present and lower than this."""
    next_hop_in: tuple[PrefixMatch, ...] = ()
    """At least one holds for the host prefix of the BGP next hop."""
    next_hops: frozenset[bytes] | None = None
    """The BGP next hop is one of these addresses (4 or 16 octets)."""
    operations: tuple[Operation, ...] = ()
