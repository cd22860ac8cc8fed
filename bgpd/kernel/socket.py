"""A NETLINK_ROUTE socket that never blocks."""

import socket
from array import array
from collections.abc import Iterator
from errno import EAGAIN, EINTR, ENOBUFS
from struct import Struct, pack
from typing import Final

from bgpd.kernel.codes import NETLINK_EXT_ACK, NETLINK_GET_STRICT_CHK, SOL_NETLINK
from bgpd.kernel.messages import Message, messages

_BUFFER: Final = 8 << 20
"""Octets asked for each way: 8 MiB hold some 7,000 notifications or refusals until the loop comes round."""
_REFUSAL_COST: Final = 2048
"""Octets of the receive buffer that one refusal may take, sk_buff and all."""
_DATAGRAM: Final = 64 << 10
_SO_SNDBUFFORCE: Final = 32
_SO_RCVBUFFORCE: Final = 33
_SO_ATTACH_FILTER: Final = 26

_INSTRUCTION: Final = Struct("=HBBI")
"""struct sock_filter: code, jump if true, jump if false, operand."""
_LOAD_WORD: Final = 0x20
_JUMP_IF_EQUAL: Final = 0x15
_RETURN: Final = 0x06
_PORT_OFFSET: Final = 12


class Overrun(Exception):  # noqa: N818 -- it is what happened, not whose fault it was
    """Messages were lost (ENOBUFS): what this socket told no longer adds up, dump again."""


class NetlinkSocket:
    """Sends requests, receives messages; `groups` is a mask of RTMGRP_* to be notified about.

    Raises OSError when the kernel gives no such socket.
    """

    def __init__(self, groups: int = 0) -> None:
        self._socket = socket.socket(
            socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC, 0
        )
        try:
            for option in (NETLINK_EXT_ACK, NETLINK_GET_STRICT_CHK):
                self._socket.setsockopt(SOL_NETLINK, option, 1)
            self._enlarge(_SO_SNDBUFFORCE, socket.SO_SNDBUF)
            self._enlarge(_SO_RCVBUFFORCE, socket.SO_RCVBUF)
            self._socket.bind((0, groups))
        except OSError:
            self._socket.close()
            raise

    def _enlarge(self, force: int, option: int) -> None:
        """Past net.core.*mem_max where CAP_NET_ADMIN allows it, else up to it."""
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, force, _BUFFER)
        except PermissionError:
            self._socket.setsockopt(socket.SOL_SOCKET, option, _BUFFER)

    @property
    def port(self) -> int:
        """What the kernel calls this socket: the port of its requests and their notifications."""
        address: tuple[int, int] = self._socket.getsockname()
        return address[0]

    @property
    def batch_limit(self) -> int:
        """How many requests may be sent at once so that, all refused, the answers still fit."""
        return max(1, self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) // _REFUSAL_COST)

    @property
    def send_limit(self) -> int:
        """How many octets one send may have."""
        return self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) // 2

    def fileno(self) -> int:
        """For the event loop."""
        return self._socket.fileno()

    def ignore(self, port: int) -> None:
        """Have the kernel drop notifications of changes that the socket with this port made.

        A program of classic BPF over the message header; its loads are in network order, nlmsg_pid is not.
        """
        swapped = int.from_bytes(pack("=I", port), "big")
        program = b"".join(
            _INSTRUCTION.pack(*step)
            for step in (
                (_LOAD_WORD, 0, 0, _PORT_OFFSET),
                (_JUMP_IF_EQUAL, 0, 1, swapped),
                (_RETURN, 0, 0, 0),
                (_RETURN, 0, 0, 0xFFFFFFFF),
            )
        )
        self._attach(program)

    def _attach(self, program: bytes) -> None:
        """Pass struct sock_fprog, which points to the program; an array tells where it is, without ctypes."""
        code = array("B", program)
        address, octets = code.buffer_info()
        self._socket.setsockopt(
            socket.SOL_SOCKET, _SO_ATTACH_FILTER, pack("@HP", octets // _INSTRUCTION.size, address)
        )

    def send(self, data: bytes) -> None:
        """Hand requests to the kernel, which works them off before this returns. Raises OSError."""
        self._socket.send(data)

    def receive(self, limit: int) -> Iterator[Message]:
        """Read what has arrived, until `limit` octets are read. Raises Overrun, or OSError."""
        while limit > 0:
            try:
                datagram = self._receive(_DATAGRAM)
            except OSError as error:
                if error.errno in (EAGAIN, EINTR):
                    return
                if error.errno == ENOBUFS:
                    raise Overrun from error
                raise
            limit -= len(datagram)
            yield from messages(datagram)

    def _receive(self, size: int) -> bytes:
        return self._socket.recv(size)

    def close(self) -> None:
        """Give the socket back."""
        self._socket.close()
