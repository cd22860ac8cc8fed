"""One resource in two places of the input: an error, as it is in a directory of files.

Whichever of them were used, the other one would be read and have no effect.
"""

from collections.abc import Hashable

from bgpd.resources import Fault


class Duplicates:
    """Knows what has been met, and where."""

    def __init__(self) -> None:
        self._first: dict[Hashable, Fault] = {}

    def meet(self, identity: Hashable, resource: str, where: str, line: int) -> Fault | None:
        """Take note of a resource; return what is wrong when it was met before."""
        here = Fault(where, "", resource, "metadata.name", "remove one", line)
        first = self._first.setdefault(identity, here)
        if first is here:
            return None
        text = f"stands twice, first at {first.place}"
        return Fault(where, text, resource, "metadata.name", "remove one", line)
