"""What to tell the operator about a route the kernel refused: the reason in words, and what helps."""

import errno
import os
from typing import Final

from bgpd.kernel.model import Refusal

_PRIVILEGE: Final = (
    "give bgpd CAP_NET_ADMIN (AmbientCapabilities=CAP_NET_ADMIN in its unit) or run it as root"
)
_OFF_LINK: Final = "the gateway is on no connected network: check the addresses of this node's interfaces"
_REMEDIES: Final = {
    errno.EPERM: _PRIVILEGE,
    errno.EACCES: _PRIVILEGE,
    errno.EEXIST: "remove that route, or give it another metric; bgpd never replaces what it did not install",
    errno.ENETUNREACH: _OFF_LINK,
    errno.EHOSTUNREACH: _OFF_LINK,
    errno.EINVAL: "the gateway or the preferred source is not usable on this node: check its addresses",
    errno.ENETDOWN: "bring the interface up",
    errno.ENODEV: "the interface is missing: check what should have created it",
    errno.EBUSY: "find the program that changes it: `ip monitor route` names the protocol of each change",
    errno.ENOBUFS: "the kernel is short of memory for routes",
    errno.ENOMEM: "the kernel is short of memory for routes",
    errno.ENOSPC: "raise net.ipv6.route.max_size",
}


def explain_refusal(refusal: Refusal) -> tuple[str, str]:
    """Put a refusal into words: (reason, remedy). The remedy is "" where we know none."""
    words = os.strerror(refusal.errno)
    reason = f"{refusal.text} ({words})" if refusal.text else words
    return reason, _REMEDIES.get(refusal.errno, "")
