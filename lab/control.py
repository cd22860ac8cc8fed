"""Questions to a running bgpd over its Unix socket, cheap enough to be asked many times a second."""

import http.client
import json
import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlencode


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=5)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def get(path: Path, resource: str, **query: str) -> Any:
    """Return the answer to GET of a resource; None when nobody listens or the answer is an error."""
    connection = _UnixConnection(path)
    try:
        connection.request("GET", f"{resource}?{urlencode(query)}" if query else resource)
        answer = connection.getresponse()
        return json.load(answer) if answer.status == http.HTTPStatus.OK else None
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
