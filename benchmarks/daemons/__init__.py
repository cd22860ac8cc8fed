"""The daemons that are compared, one module each."""

from typing import Final

from benchmarks.daemons.base import Daemon, Peering, Setup
from benchmarks.daemons.bird import Bird
from benchmarks.daemons.frr import Frr
from benchmarks.daemons.gobgp import GoBgp
from benchmarks.daemons.openbgpd import OpenBgpd
from benchmarks.daemons.ours import Ours

__all__ = ["DAEMONS", "OURS", "Daemon", "Peering", "Setup"]

OURS: Final = Ours.name

DAEMONS: Final[dict[str, type[Daemon]]] = {
    daemon.name: daemon for daemon in (Ours, Bird, Frr, OpenBgpd, GoBgp)
}
"""By the name that reports use; ours comes first."""
