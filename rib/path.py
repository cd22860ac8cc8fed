"""A path: one route of one source, shared by all prefixes it was announced for."""

from typing import Final

from rib.local import LocalRoute
from rib.next_hop import Resolution
from rib.source import DEFAULT_PREFERENCE, Source
from wire import PathAttributes, decode_usual

__all__ = ["DEFAULT_LOCAL_PREF", "Entry", "Key", "Path", "Terms", "Values", "candidates", "carries"]

DEFAULT_LOCAL_PREF: Final = 100
"""What a path without LOCAL_PREF counts as."""

Values = tuple[int | bytes | str, ...]
"""What steps of the decision process make of a path: lower wins."""

Key = tuple[Values, int, Values]
"""What the decision compares: the values of the steps before MED, MED, the values of those after it."""


class Terms:
    """All of a path but its attributes: what the routes of one source with one next hop mostly share."""

    __slots__ = (
        "eligible",
        "local",
        "next_hop",
        "path_id",
        "preference",
        "rejected",
        "resolution",
        "source",
        "unchanged",
    )

    def __init__(
        self,
        source: Source,
        next_hop: bytes,
        path_id: int = 0,
        *,
        resolution: Resolution | None = None,
        preference: int | None = None,
        rejected: str | None = None,
        unchanged: "Path | None" = None,
        local: LocalRoute | None = None,
    ) -> None:
        self.source = source
        self.next_hop = next_hop
        self.path_id = path_id
        """As received (RFC 7911); 0 without ADD-PATH."""
        self.resolution = resolution
        """How its next hop is reached; None: not at all, or a local path."""
        self.preference = DEFAULT_PREFERENCE[source.protocol] if preference is None else preference
        self.rejected = rejected
        """The rule or check that made it ineligible: it stays in the Adj-RIB-In and nowhere else."""
        self.unchanged = unchanged
        """The path before the last change on the way in: by a rule of BGP, or by the import policy."""
        self.local = local
        """The route of the node that it stands for, on local paths."""
        self.eligible = rejected is None and (resolution is not None or local is not None)
        """Whether it may become best: not rejected, next hop reachable (RFC 4271, section 9.1.2)."""

    @property
    def interface(self) -> str | None:
        """The interface that leads to its next hop, if known."""
        if self.local is not None:
            return self.local.interface
        return None if self.resolution is None else self.resolution.interface


class Path:
    """Attributes and their source, with what became of them on the way in.

    A path does not change: another attribute, preference or next hop makes another path. (Exceptions:
    `stale`, which decides nothing by itself, and the key of the decision, computed when first needed.) Hence
    tables, groups and the FIB compare paths by identity and remember old ones for what they were.

    A table has a path for each attribute set, so they are small: what paths share is in their `terms`, and
    usual attribute lists stay the octets they were until somebody asks for more.
    """

    __slots__ = ("held", "key", "stale", "terms")

    def __init__(self, terms: Terms, held: PathAttributes | bytes) -> None:
        self.terms = terms
        self.held = held
        """The attributes, or the octets of a usual list (`wire.decode_usual`)."""
        self.stale = False
        """Its source is to confirm it after a restart (RFC 4724) or during a refresh (RFC 7313)."""
        self.key: Key | None = None

    @property
    def source(self) -> Source:
        """Where it comes from."""
        return self.terms.source

    @property
    def attributes(self) -> PathAttributes:
        """Its path attributes."""
        held = self.held
        return decode_usual(held, self.terms.next_hop) if isinstance(held, bytes) else held

    @property
    def eligible(self) -> bool:
        """Whether it may become best."""
        return self.terms.eligible

    @property
    def path_id(self) -> int:
        """As received (RFC 7911); 0 without ADD-PATH."""
        return self.terms.path_id

    @property
    def resolution(self) -> Resolution | None:
        """How its next hop is reached."""
        return self.terms.resolution

    @property
    def preference(self) -> int:
        """Administrative preference."""
        return self.terms.preference

    @property
    def rejected(self) -> str | None:
        """What made it ineligible."""
        return self.terms.rejected

    @property
    def local(self) -> LocalRoute | None:
        """The route of the node that it stands for."""
        return self.terms.local

    @property
    def interface(self) -> str | None:
        """The interface that leads to its next hop, if known."""
        return self.terms.interface

    @property
    def metric(self) -> int | None:
        """Its metric in the kernel, where it came with one."""
        local = self.terms.local
        return None if local is None else local.metric

    @property
    def received(self) -> "Path":
        """The path as it was received."""
        path = self
        while path.terms.unchanged is not None:
            path = path.terms.unchanged
        return path

    def varied(
        self,
        *,
        attributes: PathAttributes | None = None,
        preference: int | None = None,
        rejected: str | None = None,
    ) -> "Path":
        """Return what a policy makes of this received path."""
        was = self.terms
        terms = Terms(
            was.source,
            was.next_hop,
            was.path_id,
            resolution=was.resolution,
            preference=was.preference if preference is None else preference,
            rejected=rejected,
            unchanged=self,
            local=was.local,
        )
        return Path(terms, self.held if attributes is None else attributes)

    def moved(self, source: Source) -> "Path":
        """Return the same path of another source: of the same peer, back in another AS or role."""
        was = self.terms
        terms = Terms(
            source,
            was.next_hop,
            was.path_id,
            resolution=was.resolution,
            preference=was.preference,
            rejected=was.rejected,
            unchanged=None if was.unchanged is None else was.unchanged.moved(source),
            local=was.local,
        )
        path = Path(terms, self.held)
        path.stale = self.stale
        return path

    def __repr__(self) -> str:
        return f"Path({self.source.name!r}, {self.attributes!r}, {self.path_id})"


Entry = Path | tuple[Path, ...]
"""What a table holds for a prefix: the only path, or several with the best first."""


def candidates(entry: Entry | None) -> tuple[Path, ...]:
    """Return the paths of a table's entry."""
    if entry is None:
        return ()
    return entry if type(entry) is tuple else (entry,)  # type: ignore[return-value]


def carries(communities: bytes, community: int) -> bool:
    """Whether a COMMUNITIES value holds a community (RFC 1997)."""
    if not communities:
        return False
    wanted = community.to_bytes(4, "big")
    if communities.find(wanted) < 0:
        return False
    return any(communities[start : start + 4] == wanted for start in range(0, len(communities), 4))
