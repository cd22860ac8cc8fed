"""What all commands share: the global options, and how a failure is told."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from records import record

if TYPE_CHECKING:
    from bgpd.api.client import Client

DEFAULT_SOCKET = "/run/bgpd/bgpd.sock"


class Failure(click.ClickException):
    """Something did not work: ends the command with status 1, the text and the remedy on standard error."""

    exit_code = 1

    def __init__(self, text: str, remedy: str = "") -> None:
        super().__init__(text)
        self.remedy = remedy

    def show(self, file: Any = None) -> None:
        """Print the text, and the remedy on its own line."""
        click.echo(f"{click.style('Error:', fg='red')} {self.message}", file=file, err=file is None)
        if self.remedy:
            click.echo(f"  {self.remedy}", file=file, err=file is None)


@record
class State:
    """The global options."""

    socket: str
    datastore: str | None

    @contextmanager
    def daemon(self, timeout: float = 30.0) -> "Iterator[Client]":
        """Talk to the daemon, which has `timeout` seconds to answer; what it refuses ends the command."""
        from bgpd.api.client import Client, ClientError

        try:
            yield Client(self.socket, timeout)
        except ClientError as error:
            raise Failure(str(error), error.remedy) from error

    @property
    def datastore_url(self) -> str:
        """The datastore of --datastore, or of the environment as the daemon reads it."""
        from bgpd.datastore import datastore_url

        return self.datastore or datastore_url(os.environ)
