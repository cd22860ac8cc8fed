"""What is wrong with a document: where, what, by which rule, and what to do about it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
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
        return f"{self.path}: {text}" if self.path else text


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


def describe(where: str, resource: str, problem: Problem) -> str:
    """Put a problem behind the place it was found at."""
    subject = f"{resource} {problem}" if resource else str(problem)
    return f"{where}: {subject}" if where else subject


@dataclass(frozen=True, slots=True)
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

    def __str__(self) -> str:
        where = f"{self.where}:{self.line}" if self.line else self.where
        problem = Problem(self.field, self.message, remedy=self.remedy)
        return describe(where, self.resource, problem)

    @classmethod
    def of(cls, where: str, resource: str, problem: Problem, line: int = 0) -> "Fault":
        """Make the fault that reports `problem` of `resource` at `where`."""
        return cls(where, problem.rule, resource, problem.path, problem.remedy, line, problem.severity)

    def at(self, line: int) -> "Fault":
        """Return the same fault at another line."""
        return replace(self, line=line)
