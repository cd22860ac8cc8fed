"""What is wrong with a document: where, what, by which rule, and what to do about it."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from records import record

Severity = Literal["error", "warning"]
_SHOWN = 60
"""Characters of a value that a message repeats."""


@record
class Problem:
    """One problem of one resource.

    `path` is the field in Calico's JSON names (`spec.communities[0].value`), `value` what stood there,
    `rule` the rule that it breaks, `remedy` what to write in its place ("" when the rule says it all).
    """

    path: str
    rule: str
    value: object = None
    remedy: str = ""
    severity: Severity = "error"

    def __str__(self) -> str:
        text = f"{self.rule}; {self.remedy}" if self.remedy else self.rule
        place = f"{self.path} = {self.shown}" if self.path and self.shown else self.path
        return f"{place}: {text}" if place else text

    @property
    def shown(self) -> str:
        """The value as JSON writes it, cut where it is long; "" when it is no single value."""
        if not isinstance(self.value, (str, int, float)):
            return ""
        text = json.dumps(self.value, ensure_ascii=False)
        return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


class ResourceError(ValueError):
    """A document that is no valid resource: all its problems, not only the first.

    `where` is the file or key the document came from, `resource` its `Kind(name)` as far as it is known.
    """

    def __init__(self, problems: Sequence[Problem], where: str = "", resource: str = "") -> None:
        self.problems = tuple(problems)
        self.where = where
        self.resource = resource
        super().__init__("\n".join(self.lines()))

    def lines(self) -> list[str]:
        """One line per problem: `bgppeers.yaml: BGPPeer(rack-1) spec.peerIp: unknown field; ...`."""
        return [describe(self.where, self.resource, problem) for problem in self.problems]

    def faults(self) -> tuple["Fault", ...]:
        """Return the same in the form in which a datastore reports its content."""
        return tuple(Fault.of(self.where, self.resource, problem) for problem in self.problems)


def describe(where: str, resource: str, problem: Problem) -> str:
    """Put a problem behind the place it was found at."""
    subject = f"{resource} {problem}" if resource else str(problem)
    return f"{where}: {subject}" if where else subject


@record
class Fault:
    """A problem of the datastore's content as the daemon reports it in log, status and metric.

    `where` names the file or key, `line` counts from 1 and is 0 when unknown. An error keeps the last good
    version of the resource in force; a warning changes nothing.
    """

    where: str
    message: str
    resource: str = ""
    field: str = ""
    remedy: str = ""
    line: int = 0
    severity: Severity = "error"
    value: object = None

    def __str__(self) -> str:
        return describe(self.place, self.resource, self.problem)

    @property
    def place(self) -> str:
        """The file or key, with its line where that is known."""
        return f"{self.where}:{self.line}" if self.line else self.where

    @property
    def problem(self) -> Problem:
        """What is wrong, apart from where."""
        return Problem(self.field, self.message, self.value, self.remedy, self.severity)

    @classmethod
    def of(cls, where: str, resource: str, problem: Problem, line: int = 0) -> "Fault":
        """Make the fault that reports `problem` of `resource` at `where`."""
        return cls(
            where=where,
            message=problem.rule,
            resource=resource,
            field=problem.path,
            remedy=problem.remedy,
            line=line,
            severity=problem.severity,
            value=problem.value if problem.shown else None,
        )

    def at(self, line: int) -> "Fault":
        """Return the same fault at another line."""
        return replace(self, line=line)
