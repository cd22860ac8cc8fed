"""Rules between the fields of one model, as data: CEL's job in Calico's own schemas."""

from collections.abc import Callable
from typing import Any

from bgpd.resources.problems import Severity
from bgpd.resources.values import Duration
from records import record


@record
class Rule:
    """Something that must hold for a model.

    `field` is the field (JSON name, relative to the model) a breach is reported at, `message` the text of the
    API's own rule, `remedy` the way out. `broken` returns something true in case of a breach; `{value}` in
    message and remedy stands for what it returned.

    A breach that is `tolerated` is refused when it is to be written, and a warning in what is stored already:
    not every way into the datastore refuses it, and Calico reads around it.
    """

    field: str
    message: str
    remedy: str
    broken: Callable[[Any], object]
    severity: Severity = "error"
    tolerated: bool = False


# RFC 7607: nobody may use AS 0.
NO_AS_HINT = ("AS 0 is reserved and counts as not set", "remove it or give another number")

# RFC 4724 section 3: Restart Time has 12 bits; 0 would mean that no route is ever kept.
RESTART_TIME_HINT = (
    "graceful restart keeps routes for 1 s to 4095 s",
    "less keeps none, more counts as 4095 s",
)


def restart_time_out_of_range(time: Duration | None) -> bool:
    """Tell whether a restart time does not fit into the capability."""
    return time is not None and not 1 <= time.seconds <= 4095
