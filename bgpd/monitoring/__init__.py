"""What peers sent, for those who watch from outside: BMP (RFC 7854) and MRT (RFC 6396)."""

from bgpd.monitoring.monitor import Monitor
from bgpd.monitoring.mrt_table import TableDump
from bgpd.monitoring.session import Transition, WatchedSession

__all__ = ["Monitor", "TableDump", "Transition", "WatchedSession"]
