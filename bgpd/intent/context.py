"""What the steps of one computation share: the cluster, the node, and the problems found on the way."""

from bgpd.intent.environment import Compat
from bgpd.intent.facts import Cluster, NodeFacts
from bgpd.intent.model import Problem
from bgpd.resources.problems import Severity
from records import field, record


@record(eq=False, slots=False)
class Context:
    """One node in its cluster. `problems` grows while the intent is computed."""

    cluster: Cluster
    node: NodeFacts
    problems: dict[Problem, None] = field(default_factory=dict)
    """An ordered set: the same problem met twice is reported once."""

    def report(
        self,
        resource: str,
        message: str,
        remedy: str,
        session: str | None = None,
        severity: Severity = "error",
    ) -> None:
        """Note a problem; whatever has it is left out or off, the rest goes on (section 17, Q14)."""
        problem = Problem(
            resource=resource, message=message, remedy=remedy, session=session, severity=severity
        )
        self.problems[problem] = None

    def warn(self, resource: str, message: str, remedy: str, session: str | None = None) -> None:
        """Note something that works and is probably not meant."""
        self.report(resource, message, remedy, session, "warning")

    def wants(self, compat: Compat) -> bool:
        """Tell whether BGPD_COMPAT asks for this behaviour."""
        return compat in self.cluster.environment.compat
