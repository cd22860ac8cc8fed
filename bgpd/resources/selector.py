"""Calico's selector language: which labels match (calico-reference.md section 3).

A selector is parsed once into a tree of small predicates and then asked about label maps::

    parse_selector("rack == 'rack-1' && !has(cordoned)").matches({"rack": "rack-1"})
"""

from functools import lru_cache
from typing import Annotated

from pydantic import Field

from bgpd.resources.selector_grammar import Labels, Predicate, SelectorError, parse
from bgpd.resources.values import validated
from records import field, record

__all__ = ["Selector", "SelectorError", "SelectorText", "parse_selector"]


@record
class Selector:
    """A parsed selector; equal when its text is."""

    text: str
    _predicate: Predicate = field(compare=False, repr=False)
    labels: frozenset[str] = field(compare=False, repr=False)
    """The labels it looks at: label maps that agree in them are selected alike."""

    def matches(self, labels: Labels) -> bool:
        """Tell whether a label map is selected."""
        return self._predicate(labels)

    def __str__(self) -> str:
        return self.text


@lru_cache(maxsize=1024)
def parse_selector(text: str) -> Selector:
    """Parse a selector; the empty one matches everything. Raises SelectorError."""
    return Selector(text, *parse(text))


def _parses(text: str) -> str:
    parse_selector(text)
    return text


SelectorText = Annotated[str, Field(max_length=1024), validated(_parses)]
