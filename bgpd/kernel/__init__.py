"""Netlink: interfaces, addresses and learned routes in; the Loc-RIB's routes out.

    rib.FibChange -> fib_sync -> operations -> writer -> kernel (RTM_NEWROUTE, RTM_DELROUTE)
    rib.NextHopRoute, rib.LocalRoute <- report <- view <- decode <- monitor <- kernel (dumps, notifications)

Only `socket` does I/O and only `driver` knows the event loop; the rest takes values and the time.
"""

from bgpd.kernel.kernel import Kernel
from bgpd.kernel.model import FailureRow, KernelChange, KernelStatus

__all__ = ["FailureRow", "Kernel", "KernelChange", "KernelStatus"]
