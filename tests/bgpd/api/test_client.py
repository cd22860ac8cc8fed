import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bgpd.api.client import Client, ClientError, escaped


def test_a_daemon_that_does_not_run(tmp_path: Path) -> None:
    with pytest.raises(ClientError, match="bgpd does not run here: there is no") as caught:
        Client(str(tmp_path / "none")).get("/v1/status")
    assert "systemctl status bgpd" in caught.value.remedy


def test_a_daemon_that_died(tmp_path: Path) -> None:
    path = str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(path)
    with pytest.raises(ClientError, match="nobody answers"):
        Client(path).get("/v1/status")


def test_a_socket_that_is_not_for_us(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("bgpd.api.client._UnixConnection.connect", refuse)
    with pytest.raises(ClientError, match="you may not use /run/x") as caught:
        Client("/run/x").get("/v1/status")
    assert "group bgpd" in caught.value.remedy


@pytest.fixture
def answering(tmp_path: Path) -> Iterator[tuple[str, list[bytes]]]:
    """A server that gives one prepared answer to one request."""
    answers: list[bytes] = []
    path = str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(answers[0])

        thread = threading.Thread(target=serve)
        thread.start()
        yield path, answers
        thread.join(5)


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (b"", "broke off"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n[", "broke off"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n[1,", "broke off"),
        (b"HTTP/1.1 502 Bad\r\nContent-Length: 5\r\n\r\nproxy", "HTTP status 502: proxy"),
        (b"HTTP/1.1 400 Bad\r\nContent-Length: 2\r\n\r\n[]", r"HTTP status 400: \[\]"),
    ],
)
def test_answers_that_are_none(answering: tuple[str, list[bytes]], answer: bytes, text: str) -> None:
    path, answers = answering
    answers.append(answer)
    with pytest.raises(ClientError, match=text):
        Client(path).get("/v1/status")


def test_a_daemon_that_is_too_busy(tmp_path: Path) -> None:
    path = str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()
        with pytest.raises(ClientError, match="did not answer"):
            Client(path, timeout=0.05).get("/v1/status")


@pytest.mark.parametrize(
    ("segment", "quoted"),
    [("10.0.0.0/8", "10.0.0.0/8"), ("fd00::/64", "fd00::/64"), ("a b?c", "a%20b%3Fc")],
)
def test_names_in_paths(segment: str, quoted: str) -> None:
    assert escaped(segment) == quoted
