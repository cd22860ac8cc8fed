"""What the daemon knows of itself."""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bgpd.datastore import Datastore
from bgpd.intent import Intent
from bgpd.resources import Snapshot
from records import field, record

if TYPE_CHECKING:
    from bgpd.monitoring.bmp import BmpStation


@record(frozen=False, kw_only=True)
class DaemonState:
    """What the daemon knows of itself, written by it alone."""

    node: str
    datastore: Datastore
    started_at: float = field(default_factory=time.time)
    snapshot: Snapshot | None = None
    intent: Intent | None = None
    applied_at: float | None = None
    recovering: bool = False
    intent_seconds: float = 0.0
    loop_lag: float = 0.0
    draining: bool = False
    stations: "Sequence[BmpStation]" = ()
