"""Carries out operations: one send a batch, errors read back and tied to their operation."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Protocol

from bgpd.kernel.codes import NLMSG_ERROR
from bgpd.kernel.messages import Message, refusal
from bgpd.kernel.model import Refusal
from bgpd.kernel.operations import Operation, Refusals, pack_barrier, pack_operation, refused_prefix
from bgpd.kernel.socket import Overrun
from wire import Prefix

_READ_LIMIT: Final = 1 << 30
"""Octets: all there is; a batch is small enough that its answers fit the receive buffer."""
_SEQUENCES: Final = 1 << 32
_REQUEST_BODY_AT: Final = 4 + 16
"""An error has its code, then the request: header and body (struct nlmsgerr)."""


class Transport(Protocol):
    """What the writer needs of a NetlinkSocket."""

    @property
    def send_limit(self) -> int:
        """How many octets one send may have."""

    def send(self, data: bytes) -> None:
        """Hand requests to the kernel, which works them off before this returns."""

    def receive(self, limit: int) -> Iterable[Message]:
        """Read what has arrived; raises Overrun."""


class Writer:
    """Numbers requests and matches answers to them."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._sequence = 1

    def write(self, address_family: int, operations: Sequence[Operation]) -> Refusals:
        """Carry out operations; return what was refused. Raises Overrun: the outcome is unknown."""
        first, count = self._sequence, len(operations)
        if first + count >= _SEQUENCES:
            first = 1
        self._sequence = first + count + 1
        records = [
            part
            for sequence, operation in enumerate(operations, first)
            for part in pack_operation(address_family, operation, sequence)
        ]
        barrier = pack_barrier(first + count)
        try:
            for data in _sends([*records, (len(barrier), barrier)], self._transport.send_limit):
                self._transport.send(data)
        except OSError as error:
            failed = Refusal(error.errno or 0, "the send failed")
            return {at: dict.fromkeys(each.prefixes, failed) for at, each in enumerate(operations)}
        return self._answers(first, count)

    def _answers(self, first: int, count: int) -> Refusals:
        """Read errors, and the acknowledgement of the barrier; without it all is in doubt."""
        refusals: dict[int, dict[Prefix, Refusal]] = {}
        acknowledged = False
        for message in self._transport.receive(_READ_LIMIT):
            position = message.sequence - first
            if message.kind != NLMSG_ERROR or not 0 <= position <= count:
                continue
            if position == count:
                acknowledged = True
            else:
                prefix = refused_prefix(message.body[_REQUEST_BODY_AT:])
                refusals.setdefault(position, {})[prefix] = refusal(message)
        if not acknowledged:
            raise Overrun
        return refusals


def _sends(records: Iterable[tuple[int, bytes | bytearray]], limit: int) -> Iterator[bytes]:
    """Put together what is sent at once, up to `limit` octets; `records` are of the size that goes before."""
    parts: list[bytes | bytearray] = []
    room = limit
    for size, data in records:
        whole = max(limit // size, 1) * size
        for start in range(0, len(data), whole):
            part = data[start : start + whole]
            if len(part) > room and parts:
                yield b"".join(parts)
                parts, room = [], limit
            parts.append(part)
            room -= len(part)
    yield b"".join(parts)
