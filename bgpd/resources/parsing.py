"""From a document (what YAML or JSON gave) to a resource, with every problem found on the way."""

from typing import Any

from bgpd.resources.meta import Resource
from bgpd.resources.problems import Problem


def expand(document: object) -> list[object]:
    """Return the documents of a list (`kind: ...List` with items, or a bare sequence), else the document."""
    return [document]


def parse_resource(document: object, where: str = "") -> Resource:
    """Make a resource of a document. Raises ResourceError with all problems."""
    raise NotImplementedError


def warnings(resource: Resource) -> tuple[Problem, ...]:
    """Return what is valid and yet probably not meant (severity "warning")."""
    return ()
