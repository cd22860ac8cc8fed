"""Rules between the fields of one model, as data: CEL's job in Calico's own schemas."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bgpd.resources.problems import Severity


@dataclass(frozen=True, slots=True)
class Rule:
    """Something that must hold for a model.

    `field` is the field (JSON name, relative to the model) the breach is reported at, `message` the text of
    the API's own rule, `remedy` the way out, `broken` tells a breach.
    """

    field: str
    message: str
    remedy: str
    broken: Callable[[Any], bool]
    severity: Severity = "error"
