"""Numbers of rtnetlink, as in linux/netlink.h, rtnetlink.h, if_link.h and if_addr.h (UAPI).

Plain integers under the kernel's own names: these are the words of `man 7 rtnetlink`.
"""

from typing import Final

# netlink.h: message types, header flags, attribute flags
NLMSG_NOOP: Final = 1
NLMSG_ERROR: Final = 2
NLMSG_DONE: Final = 3
NLM_F_REQUEST: Final = 0x01
NLM_F_ACK: Final = 0x04
NLM_F_DUMP_INTR: Final = 0x10
NLM_F_CAPPED: Final = 0x100
NLM_F_ACK_TLVS: Final = 0x200
NLM_F_REPLACE: Final = 0x100
NLM_F_EXCL: Final = 0x200
NLM_F_CREATE: Final = 0x400
NLM_F_DUMP: Final = 0x300
NLMSGERR_ATTR_MSG: Final = 1
NLA_TYPE_MASK: Final = 0x3FFF

# netlink.h: socket options (level SOL_NETLINK)
SOL_NETLINK: Final = 270
NETLINK_EXT_ACK: Final = 11
NETLINK_GET_STRICT_CHK: Final = 12

# rtnetlink.h: message types and multicast groups (bit masks of bind)
RTM_NEWLINK: Final = 16
RTM_DELLINK: Final = 17
RTM_GETLINK: Final = 18
RTM_NEWADDR: Final = 20
RTM_DELADDR: Final = 21
RTM_GETADDR: Final = 22
RTM_NEWROUTE: Final = 24
RTM_DELROUTE: Final = 25
RTM_GETROUTE: Final = 26
RTMGRP_LINK: Final = 0x1
RTMGRP_IPV4_IFADDR: Final = 0x10
RTMGRP_IPV4_ROUTE: Final = 0x40
RTMGRP_IPV6_IFADDR: Final = 0x100
RTMGRP_IPV6_ROUTE: Final = 0x400

# rtnetlink.h: struct rtmsg and its attributes
RT_TABLE_MAIN: Final = 254
RT_SCOPE_UNIVERSE: Final = 0
RT_SCOPE_LINK: Final = 253
RT_SCOPE_NOWHERE: Final = 255
RTM_F_CLONED: Final = 0x200
RTNH_F_ONLINK: Final = 4
RTA_DST: Final = 1
RTA_IIF: Final = 3
RTA_OIF: Final = 4
RTA_GATEWAY: Final = 5
RTA_PRIORITY: Final = 6
RTA_PREFSRC: Final = 7
RTA_MULTIPATH: Final = 9
RTA_TABLE: Final = 15
RTA_VIA: Final = 18

# rtnetlink.h: who installed a route
RTPROT_UNSPEC: Final = 0
RTPROT_KERNEL: Final = 2
RTPROT_BGP: Final = 186
"""What marks bgpd's routes: the kernel's constant for BGP daemons."""
PROTOCOL_NAMES: Final = {
    0: "unspec",
    1: "redirect",
    2: "kernel",
    3: "boot",
    4: "static",
    9: "ra",
    11: "zebra",
    12: "bird",
    16: "dhcp",
    18: "keepalived",
    80: "felix",
    186: "bgp",
    187: "isis",
    188: "ospf",
}
"""As `ip route` prints them; 80 is what Calico's Felix uses by default."""

# rtnetlink.h: route types (RTN_*), under the names `ip route` uses
ROUTE_KINDS: Final = {1: "unicast", 6: "blackhole", 7: "unreachable", 8: "prohibit"}
KIND_CODES: Final = {kind: code for code, kind in ROUTE_KINDS.items()}

# if.h, if_link.h, if_addr.h
IFF_UP: Final = 0x1
IFF_RUNNING: Final = 0x40
IFLA_IFNAME: Final = 3
IFLA_EXT_MASK: Final = 29
RTEXT_FILTER_SKIP_STATS: Final = 8
IFA_ADDRESS: Final = 1
IFA_LOCAL: Final = 2


def protocol_name(protocol: int) -> str:
    """Name a protocol as `ip route` prints it: "static", or the number itself."""
    return PROTOCOL_NAMES.get(protocol, str(protocol))
