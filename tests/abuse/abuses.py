"""What a peer, or a stranger, can do to a daemon without any right to."""

import contextlib
import os
import socket
import struct
import time
from collections.abc import Callable

import wire
from lab.wait import wait_until
from tests.abuse.arena import IPV4, STRANGER, Arena, Drain, Line, announcement, as_of, opening, prefixes

SLOW, BYTEWISE, HASTY, HALF_OPEN, REFRESHING, FLAPPING, CLUMSY = range(211, 218)

ABORT = struct.pack("ii", 1, 0)
"""struct linger: close sends a reset."""


def slow_reader(arena: Arena, scale: int) -> None:
    """One takes nothing while others announce much; afterwards it is sent the present state."""
    rounds, table = 40 * scale, prefixes(1000)
    sent_before = arena.sent(SLOW, "update")
    with (
        arena.session(FLAPPING) as source,
        Drain(source),
        arena.line(SLOW, receive_buffer=4096).establish() as slow,
    ):
        for community in range(1, rounds + 1):
            updates = [
                announcement(FLAPPING, [one], community=community << 16 | n) for n, one in enumerate(table)
            ]
            source.send(b"".join(updates))
            slow.send(wire.encode_keepalive())
        _read_until_all_have(slow, len(table), rounds)
        # Most of the history was never queued for it.
        assert arena.sent(SLOW, "update") - sent_before < rounds * len(table)


def _read_until_all_have(slow: Line, count: int, last_round: int) -> None:
    seen: dict[bytes, int] = {}
    codec = wire.Codec(families=frozenset({IPV4}), four_octet_as=True, ibgp=False)
    deadline = time.monotonic() + 60
    while {value >> 16 for value in seen.values()} != {last_round} or len(seen) < count:
        assert time.monotonic() < deadline
        frame = slow.receive()
        assert frame is not None
        if frame[0] == wire.MessageType.UPDATE:
            for announced in codec.decode_update(frame[1]).announced:
                seen |= dict.fromkeys(announced.prefixes, announced.attributes.community_list[0])
        elif frame[0] == wire.MessageType.KEEPALIVE:
            slow.send(wire.encode_keepalive())


def one_octet_segments(arena: Arena, scale: int) -> None:
    """One sends each octet in a segment of its own."""
    prefix = prefixes(1, second=130)
    data = opening(BYTEWISE) + wire.encode_keepalive() + announcement(BYTEWISE, prefix) * scale
    with arena.line(BYTEWISE) as line:
        for octet in data:
            line.send(bytes([octet]))
        text = wire.format_prefix(IPV4, prefix[0])
        wait_until(lambda: arena.daemon.best(text), f"route to {text}, octet by octet")


def rapid_connects(arena: Arena, scale: int) -> None:
    """A thousand connections come and go, of a peer and of a stranger, closed and reset."""
    for number in range(1000 * scale):
        with arena.line(HASTY if number % 2 else STRANGER) as line:
            if number % 3:
                line.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)


def half_open_sessions(arena: Arena, scale: int) -> None:
    """Connections that never say a word do not keep their own peer out."""
    with contextlib.ExitStack() as silent:
        for number in range(50 * scale):
            silent.enter_context(arena.line(HALF_OPEN if number % 2 else STRANGER))
        with arena.session(HALF_OPEN):
            assert arena.state(HALF_OPEN)["state"] in {"OpenConfirm", "Established"}


def flood_of_refreshes(arena: Arena, scale: int) -> None:
    """One asks for all routes, again and again, before it has them."""
    with arena.session(FLAPPING) as source, arena.session(REFRESHING) as line, Drain(line):
        source.send(announcement(FLAPPING, prefixes(5000)))
        request = wire.RouteRefresh(IPV4).encode()
        for _ in range(20 * scale):
            line.send(request * 500)
        wait_until(
            lambda: arena.received(REFRESHING, "refresh") >= 10_000 * scale,
            "all requests are read",
            seconds=60,
        )


def flapping_prefix(arena: Arena, scale: int) -> None:
    """One announces and withdraws the same prefix without end."""
    prefix = prefixes(1, second=131)
    flap = b"".join([announcement(FLAPPING, prefix), *wire.pack_withdrawals(IPV4, prefix)])
    with arena.session(FLAPPING) as line, Drain(line):
        for _ in range(20 * scale):
            line.send(flap * 500)
        line.send(announcement(FLAPPING, prefix, community=7))
        text = wire.format_prefix(IPV4, prefix[0])
        wait_until(
            lambda: (arena.daemon.best(text) or {}).get("communities") == ["0:7"], "the last word", seconds=60
        )


def flood_of_bad_opens(arena: Arena, scale: int) -> None:
    """One opens with everything but an OPEN."""
    good = opening(CLUMSY)
    wrong_as = wire.encode_open(wire.Open(as_of(CLUMSY) + 1, 90, bytes([10, 9, 9, 9]), ()))
    bad = [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\xff" * 64,
        wrong_as,
        good[:19] + b"\x03" + good[20:],
        good[:22] + b"\0\1" + good[24:],
        good[:24] + bytes(4) + good[28:],
        good[:-3],
        wire.encode_keepalive(),
        os.urandom(200),
    ]
    for number in range(200 * scale):
        with contextlib.suppress(OSError), arena.line(CLUMSY) as line:
            line.send(bad[number % len(bad)])


ABUSES: tuple[Callable[[Arena, int], None], ...] = (
    slow_reader,
    one_octet_segments,
    rapid_connects,
    half_open_sessions,
    flood_of_refreshes,
    flapping_prefix,
    flood_of_bad_opens,
)
