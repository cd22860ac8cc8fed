"""What a change does to nodes and their sessions, one by one: the parts that a plan is made of."""

from typing import Literal

from bgpd.intent.diff import Effect
from bgpd.intent.model import SessionIntent
from records import record

Action = Literal["add", "remove", "reset", "change"]
ACTIONS: tuple[Action, ...] = ("add", "remove", "reset", "change")
"""What may happen to a session; `change` is one without a reset."""


@record(kw_only=True)
class SessionStep:
    """What happens to one session of a node, or to `count` sessions with peers that are alike."""

    action: Action
    session: SessionIntent
    """As it will be; of a removed session as it was."""
    changed: tuple[str, ...] = ()
    """The fields that differ."""
    effect: Effect | None = None
    count: int = 1


@record(kw_only=True)
class NodePlan:
    """What happens to a node, or to each of several nodes that are alike."""

    nodes: tuple[str, ...]
    steps: tuple[SessionStep, ...] = ()
    changed: tuple[str, ...] = ()
    """Fields of the node itself that differ."""
    originates: tuple[str, ...] = ()
    """Prefixes the nodes newly originate."""
    withdraws: tuple[str, ...] = ()
    """Prefixes the nodes originate no longer."""
    gains: tuple[str, ...] = ()
    """Routes of other nodes that each of these gets and did not."""
    loses: tuple[str, ...] = ()

    def sessions(self, action: Action) -> int:
        """Count the sessions of one node that see an action."""
        return sum(step.count for step in self.steps if step.action == action)
