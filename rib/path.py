"""A path: one route of one source, shared by all prefixes it was announced for."""

from typing import Final

from rib.local import LocalRoute
from rib.next_hop import Resolution
from rib.source import DEFAULT_PREFERENCE, Source
from wire import PathAttributes

__all__ = ["DEFAULT_LOCAL_PREF", "Entry", "Key", "Path", "candidates", "carries"]

DEFAULT_LOCAL_PREF: Final = 100
"""What a path without LOCAL_PREF counts as."""

Key = tuple[int | bytes | str, ...]
"""What the decision compares: lower wins."""


class Path:
    """Attributes and their source, with what became of them on the way in.

    A path does not change: another attribute, preference or next hop makes another path. (Exceptions:
    `stale`, which decides nothing by itself, and the keys of the decision, computed when first needed.) Hence
    tables, groups and the FIB compare paths by identity and remember old ones for what they were.
    """

    __slots__ = (
        "attributes",
        "eligible",
        "late_key",
        "local",
        "path_id",
        "preference",
        "rank_key",
        "rejected",
        "resolution",
        "source",
        "stale",
        "unchanged",
    )

    def __init__(
        self,
        source: Source,
        attributes: PathAttributes,
        path_id: int = 0,
        *,
        resolution: Resolution | None = None,
        preference: int | None = None,
        rejected: str | None = None,
        unchanged: "Path | None" = None,
        local: LocalRoute | None = None,
    ) -> None:
        self.source = source
        self.attributes = attributes
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
        self.stale = False
        """Its source is to confirm it after a restart (RFC 4724) or during a refresh (RFC 7313)."""
        self.rank_key: Key | None = None
        self.late_key: Key | None = None

    @property
    def received(self) -> "Path":
        """The path as it was received."""
        path = self
        while path.unchanged is not None:
            path = path.unchanged
        return path

    @property
    def interface(self) -> str | None:
        """The interface that leads to its next hop, if known."""
        if self.local is not None:
            return self.local.interface
        return None if self.resolution is None else self.resolution.interface

    @property
    def metric(self) -> int | None:
        """Its metric in the kernel, where it came with one."""
        return None if self.local is None else self.local.metric

    def varied(
        self,
        *,
        attributes: PathAttributes | None = None,
        preference: int | None = None,
        rejected: str | None = None,
    ) -> "Path":
        """Return what a policy makes of this received path."""
        return Path(
            self.source,
            self.attributes if attributes is None else attributes,
            self.path_id,
            resolution=self.resolution,
            preference=self.preference if preference is None else preference,
            rejected=rejected,
            unchanged=self,
            local=self.local,
        )

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
