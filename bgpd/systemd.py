"""The notify protocol of systemd (sd_notify(3)): ready, status, stopping, watchdog."""

import os
import socket
from collections.abc import Mapping


class Notifier:
    """Sends state to the service manager; does nothing outside systemd."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        address = environment.get("NOTIFY_SOCKET", "")
        # A leading "@" stands for the abstract namespace (unix(7)).
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self._watchdog_usec = int(environment.get("WATCHDOG_USEC") or 0)

    @property
    def watchdog_interval(self) -> float | None:
        """Seconds between two pings, half of what the unit allows; None without a watchdog."""
        return self._watchdog_usec / 2_000_000 or None

    def notify(self, *assignments: str) -> None:
        """Send assignments such as `READY=1`; a manager that is gone is not our fault."""
        if not self._address:
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
            try:
                sender.sendto("\n".join(assignments).encode(), self._address)
            except OSError:
                return
