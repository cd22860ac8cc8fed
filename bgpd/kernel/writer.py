"""Carries out operations: one send a batch, errors read back and tied to their operation."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Protocol

from bgpd.kernel.codes import NLMSG_ERROR
from bgpd.kernel.messages import Message, refusal
from bgpd.kernel.model import Refusal
from bgpd.kernel.operations import Operation, pack_operations
from bgpd.kernel.socket import Overrun

_READ_LIMIT: Final = 1 << 30
"""Octets: all there is; a batch is small enough that its answers fit the receive buffer."""
_SEQUENCES: Final = 1 << 32


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

    def write(self, address_family: int, operations: Sequence[Operation]) -> Mapping[int, Refusal]:
        """Carry out operations; return the refusals by position. Raises Overrun: the outcome is unknown."""
        first = self._sequence
        if first + len(operations) >= _SEQUENCES:
            first = 1
        data = pack_operations(address_family, operations, first)
        if len(data) > self._transport.send_limit and len(operations) > 1:
            return self._write_halves(address_family, operations)
        self._sequence = first + len(operations)
        try:
            self._transport.send(data)
        except OSError as error:
            return dict.fromkeys(range(len(operations)), Refusal(error.errno or 0, "the send failed"))
        return self._answers(first, len(operations))

    def _write_halves(self, address_family: int, operations: Sequence[Operation]) -> Mapping[int, Refusal]:
        middle = len(operations) // 2
        refusals = dict(self.write(address_family, operations[:middle]))
        second = self.write(address_family, operations[middle:])
        return refusals | {middle + position: refusal for position, refusal in second.items()}

    def _answers(self, first: int, count: int) -> Mapping[int, Refusal]:
        """Read errors, and the acknowledgement of the last request; without it all is in doubt."""
        refusals = {}
        acknowledged = False
        for message in self._transport.receive(_READ_LIMIT):
            position = message.sequence - first
            if message.kind != NLMSG_ERROR or not 0 <= position < count:
                continue
            answer = refusal(message)
            if answer.errno:
                refusals[position] = answer
            acknowledged |= position == count - 1
        if not acknowledged:
            raise Overrun
        return refusals
