"""Orders that outlast the daemon: that the node is drained, and the permanent routes.

They are kept in one small file of the state directory, readable by its owner alone. Its name is made of the
socket's, which tells the daemons of one machine apart. A file that is of no use is told of and not obeyed.
"""

import hashlib
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bgpd.datastore.writer import write_atomically
from bgpd.events import EventLog

_OWNER_ONLY = 0o600


class StandingOrders:
    """What was ordered for good, as of the last order; nothing here raises for the state of the disk."""

    def __init__(self, directory: Path, socket: str, events: EventLog) -> None:
        self.path = directory / f"orders-{hashlib.sha256(socket.encode()).hexdigest()[:16]}.json"
        self._events = events
        self.draining = False
        self.originations: Sequence[dict[str, Any]] = ()
        """Bodies of `POST /v1/originate`."""
        self._read()

    def keep(
        self, *, draining: bool | None = None, originations: Sequence[dict[str, Any]] | None = None
    ) -> None:
        """Keep what changes; where nothing stands any more no file stays."""
        if draining is not None:
            self.draining = draining
        if originations is not None:
            self.originations = originations
        try:
            self._write()
        except OSError as error:
            text = f"{self.path}: orders will not outlast a restart: {error.strerror}"
            self._events.record("order", text, level=logging.WARNING)

    def _write(self) -> None:
        if not (self.draining or self.originations):
            self.path.unlink(missing_ok=True)
            return
        document = {"draining": self.draining, "originations": list(self.originations)}
        write_atomically(self.path, json.dumps(document, indent=2) + "\n", _OWNER_ONLY)

    def _read(self) -> None:
        try:
            document = json.loads(self.path.read_text(encoding="utf-8"))
            draining, originations = document["draining"], list(document["originations"])
        except FileNotFoundError:
            return
        except (OSError, ValueError, LookupError, TypeError) as error:
            self._events.record(
                "order", f"{self.path}: no orders read: {error}; delete it", level=logging.WARNING
            )
            return
        self.draining, self.originations = draining is True, originations
