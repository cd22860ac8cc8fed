from collections.abc import Iterator
from errno import EMSGSIZE, EPERM
from struct import pack

import pytest

from bgpd.kernel.codes import NLM_F_ACK, NLMSG_ERROR
from bgpd.kernel.messages import Message, messages
from bgpd.kernel.model import Refusal, Target
from bgpd.kernel.operations import CREATE, Operation
from bgpd.kernel.socket import Overrun
from bgpd.kernel.writer import Writer
from tests.bgpd.kernel.netlink_world import AF_INET, held, message


class AnsweringKernel:
    """Refuses the requests whose third address octet is in `refused`; acknowledges who asks for it."""

    def __init__(self, *refused: int, send_limit: int = 1 << 20) -> None:
        self.refused = [bytes((octet,)) for octet in refused]
        self.send_limit = send_limit
        self.sends: list[list[int]] = []
        self.answers: list[Message] = []

    def send(self, data: bytes) -> None:
        requests = list(messages(data))
        self.sends.append([request.sequence for request in requests])
        for request in requests:
            errno = EPERM if request.body[18:19] in self.refused else 0
            if errno or request.flags & NLM_F_ACK:
                body = pack("=i", -errno) + bytes(16) + request.body
                self.answers.append(message(NLMSG_ERROR, body, sequence=request.sequence))

    def receive(self, limit: int) -> Iterator[Message]:
        answers, self.answers = self.answers, []
        yield from answers


def network(last: int) -> bytes:
    return bytes((24, 10, 0, last))


def batch(*counts: int) -> list[Operation]:
    """Operations of so many prefixes, 10.0.0.0/24 and upwards in each."""
    target = Target(None, held())
    return [Operation(CREATE, target, [network(n) for n in range(count)]) for count in counts]


def test_errors_are_tied_to_their_operation_and_prefix() -> None:
    kernel = AnsweringKernel(1, 3)
    writer = Writer(kernel)
    no = Refusal(EPERM)
    assert writer.write(AF_INET, batch(4, 1, 2)) == {0: {network(1): no, network(3): no}, 2: {network(1): no}}
    assert writer.write(AF_INET, batch(1, 2)) == {1: {network(1): no}}
    assert kernel.sends == [[1, 1, 1, 1, 2, 3, 3, 4], [5, 6, 6, 7]]


def test_batch_too_long_for_one_send_is_parted_between_requests() -> None:
    kernel = AnsweringKernel(0, 6, send_limit=200)
    refusals = {network(0): Refusal(EPERM), network(6): Refusal(EPERM)}
    assert Writer(kernel).write(AF_INET, batch(7, 2)) == {0: refusals, 1: {network(0): Refusal(EPERM)}}
    assert [len(sent) for sent in kernel.sends] == [3, 3, 4]


def test_answers_of_others_and_of_the_past_are_passed_over() -> None:
    kernel = AnsweringKernel()
    kernel.answers.append(message(NLMSG_ERROR, pack("=i", -1) + bytes(16), sequence=77))
    assert Writer(kernel).write(AF_INET, batch(2)) == {}


def test_missing_acknowledgement_is_an_overrun(monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = AnsweringKernel()
    monkeypatch.setattr(kernel, "receive", lambda limit: iter(()))
    with pytest.raises(Overrun):
        Writer(kernel).write(AF_INET, batch(2))


def test_failed_send_refuses_all(monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = AnsweringKernel()

    def fail(data: bytes) -> None:
        raise OSError(EMSGSIZE, "Message too long")

    monkeypatch.setattr(kernel, "send", fail)
    refusal = Refusal(EMSGSIZE, "the send failed")
    refused = {network(0): refusal, network(1): refusal}
    assert Writer(kernel).write(AF_INET, batch(2)) == {0: refused}


def test_sequence_numbers_start_over_before_they_overflow() -> None:
    kernel = AnsweringKernel()
    writer = Writer(kernel)
    writer._sequence = (1 << 32) - 1
    writer.write(AF_INET, batch(3))
    assert kernel.sends == [[1, 1, 1, 2]]
