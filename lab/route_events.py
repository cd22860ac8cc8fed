"""What a kernel tells of its routes while something happens: every addition, change and removal."""

import ipaddress
import socket
import struct
from typing import Final, Self

from lab.netns import Namespace
from lab.routes import PROTOCOL_BGP, PROTOCOL_BIRD

_GROUPS: Final = 0x40 | 0x400
"""RTMGRP_IPV4_ROUTE and RTMGRP_IPV6_ROUTE of linux/rtnetlink.h."""

_PROTOCOLS: Final = {PROTOCOL_BGP, PROTOCOL_BIRD}
_VERBS: Final = {24: "new", 25: "gone"}  # RTM_NEWROUTE, RTM_DELROUTE
_HEADER: Final = struct.Struct("=IHHII")  # nlmsghdr: length, type, flags, sequence number, port
_ROUTE: Final = struct.Struct("=BBBBBBBBI")  # rtmsg: family, length, ..., the protocol as the sixth
_ATTRIBUTE: Final = struct.Struct("=HH")  # rtattr: length, type
_RTA_DST: Final = 1
_ROOM: Final = 1 << 20


class RouteEvents:
    """Listens to the kernel of a namespace from its making on."""

    def __init__(self, namespace: Namespace) -> None:
        self._name = namespace.name
        self._socket = namespace.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _ROOM)
        self._socket.bind((0, _GROUPS))
        self._socket.setblocking(False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._socket.close()

    def seen(self) -> list[str]:
        """Tell what happened to routes of routing daemons; raises OSError when it was too much to keep."""
        events: list[str] = []
        while True:
            try:
                data = self._socket.recv(_ROOM)
            except BlockingIOError:
                return events
            events += [f"{self._name}: {event}" for event in _read(data)]


def _read(data: bytes) -> list[str]:
    events: list[str] = []
    while data:
        length, kind, *_ = _HEADER.unpack_from(data)
        family, prefix_length, _, _, _, protocol, *_ = _ROUTE.unpack_from(data, _HEADER.size)
        if kind in _VERBS and protocol in _PROTOCOLS:
            destination = _destination(family, data[_HEADER.size + _ROUTE.size : length])
            events.append(f"{_VERBS[kind]} {destination}/{prefix_length}")
        data = data[_aligned(length) :]
    return events


def _destination(family: int, attributes: bytes) -> str:
    while attributes:
        length, kind = _ATTRIBUTE.unpack_from(attributes)
        if kind == _RTA_DST:
            return str(ipaddress.ip_address(attributes[_ATTRIBUTE.size : length]))
        attributes = attributes[_aligned(length) :]
    return "0.0.0.0" if family == socket.AF_INET else "::"  # noqa: S104 - the default route


def _aligned(length: int) -> int:
    return (length + 3) & ~3
