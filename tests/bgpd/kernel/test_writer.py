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
        self.refused = refused
        self.send_limit = send_limit
        self.sends: list[list[int]] = []
        self.answers: list[Message] = []

    def send(self, data: bytes) -> None:
        requests = list(messages(data))
        self.sends.append([request.sequence for request in requests])
        for request in requests:
            errno = EPERM if request.body[18] in self.refused else 0
            if errno or request.flags & NLM_F_ACK:
                body = pack("=i", -errno) + bytes(16)
                self.answers.append(message(NLMSG_ERROR, body, sequence=request.sequence))

    def receive(self, limit: int) -> Iterator[Message]:
        answers, self.answers = self.answers, []
        yield from answers


def batch(count: int) -> list[Operation]:
    return [Operation(CREATE, bytes((24, 10, 0, n)), Target(None, held())) for n in range(count)]


def test_errors_are_tied_to_their_operation_across_batches() -> None:
    kernel = AnsweringKernel(1, 3)
    writer = Writer(kernel)
    assert writer.write(AF_INET, batch(5)) == {1: Refusal(EPERM), 3: Refusal(EPERM)}
    assert writer.write(AF_INET, batch(4)) == {1: Refusal(EPERM), 3: Refusal(EPERM)}
    assert kernel.sends == [[1, 2, 3, 4, 5], [6, 7, 8, 9]]


def test_batch_too_long_for_one_send_goes_in_halves() -> None:
    kernel = AnsweringKernel(0, 6, send_limit=200)
    assert Writer(kernel).write(AF_INET, batch(7)) == {0: Refusal(EPERM), 6: Refusal(EPERM)}
    assert [len(sent) for sent in kernel.sends] == [3, 2, 2]


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
    refusals = Writer(kernel).write(AF_INET, batch(2))
    assert {position: refusal.errno for position, refusal in refusals.items()} == {0: EMSGSIZE, 1: EMSGSIZE}


def test_sequence_numbers_start_over_before_they_overflow() -> None:
    kernel = AnsweringKernel()
    writer = Writer(kernel)
    writer._sequence = (1 << 32) - 2
    writer.write(AF_INET, batch(3))
    assert kernel.sends == [[1, 2, 3]]
