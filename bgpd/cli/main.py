"""The command `bgpctl`: global options and the table of commands, each imported when it is used."""

import gc
import os
import sys
from importlib import import_module

import click
from click.shell_completion import CompletionItem

from bgpd.cli.state import DEFAULT_SOCKET, State

# section -> command -> (module of bgpd.cli, one line of help). Help is kept here so that `bgpctl --help` and
# shell completion import nothing; a test compares it with the commands' own.
COMMANDS: dict[str, dict[str, tuple[str, str]]] = {
    "Resources, like calicoctl": {
        "get": ("get", "Show resources of a kind."),
        "apply": ("write", "Create or update resources from files."),
        "create": ("write", "Create resources from files."),
        "replace": ("write", "Replace resources by those in files."),
        "patch": ("edit", "Change some fields of a resource."),
        "delete": ("write", "Delete resources by name or from files."),
        "label": ("edit", "Set or remove a label of a resource."),
        "datastore": ("datastore", "Move resources between datastores."),
        "validate": ("validate", "Check files of resources without writing."),
        "node": ("node", "Look at this node as calicoctl does."),
        "version": ("version", "Show the versions of bgpctl and the daemon."),
    },
    "The running daemon": {
        "peers": ("peers", "Show sessions, or one in detail."),
        "routes": ("routes", "Show routes."),
        "explain": ("explain", "Tell why a prefix is routed as it is."),
        "events": ("events", "Show what happened."),
        "session": ("session", "Reset, refresh, shut down or start a session."),
        "originate": ("originate", "Announce a prefix through the daemon."),
        "mrt": ("mrt", "Write routes as MRT files (RFC 6396)."),
        "drain": ("session", "Take this node out of the traffic before maintenance."),
        "undrain": ("session", "Bring a drained node back."),
    },
    "From the datastore alone": {
        "topology": ("topology", "Show which sessions nodes should have."),
        "plan": ("plan", "Tell what a change would do to the cluster."),
        "policy": ("policy", "Ask the policies of a node about routes."),
    },
    "And": {
        "completion": ("completion", "Print the shell's completion script."),
    },
}
_FLAT = {name: row for section in COMMANDS.values() for name, row in section.items()}

_EXAMPLES = """\
\b
Examples:
  bgpctl node status                        the sessions of this node, as calicoctl shows them
  bgpctl peers --watch                      the same in detail, refreshed
  bgpctl explain 10.1.2.0/26                why traffic for this prefix goes where it goes
  bgpctl apply -f bgppeer.yaml              create or update what the file holds
  bgpctl plan -f bgppeer.yaml               what that would do to every node, before it is done
  bgpctl topology --node n1                 what n1 should do, computed from the datastore
"""

EPILOG = """\
\b
Exit status: 0 done, 1 failed, 2 wrong usage; `plan` has its own.
"""


class LazyGroup(click.Group):
    """The group of all commands; knows their names and help without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Give the commands in the order of the table."""
        return list(_FLAT)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Import the command's module."""
        if cmd_name not in _FLAT:
            return None
        module = import_module(f"bgpd.cli.{_FLAT[cmd_name][0]}")
        command = getattr(module, cmd_name)
        assert isinstance(command, click.Command)  # noqa: S101 - a slip in the table, found by its test
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; of one that does not exist, tell which it may have meant."""
        if args[0] not in _FLAT:
            from difflib import get_close_matches

            if near := get_close_matches(args[0], _FLAT):
                raise click.UsageError(f"No such command {args[0]!r}; did you mean {' or '.join(near)}?", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """Write the commands by section."""
        for title, section in COMMANDS.items():
            with formatter.section(title):
                formatter.write_dl([(name, text) for name, (_, text) in section.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete a command's name from the table, so that a Tab imports nothing."""
        names = [
            CompletionItem(name, help=text)
            for name, (_, text) in _FLAT.items()
            if name.startswith(incomplete)
        ]
        return names + click.Command.shell_complete(self, ctx, incomplete)


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=EPILOG,
    help=f"""\
Look at and steer bgpd, the BGP speaker of this node.

{_EXAMPLES}""",
)
@click.option(
    "--socket",
    envvar="BGPD_SOCKET",
    default=DEFAULT_SOCKET,
    show_default=True,
    show_envvar=True,
    metavar="PATH",
    help="The daemon's Unix socket.",
)
@click.option(
    "--datastore",
    envvar="BGPD_DATASTORE",
    show_envvar=True,
    metavar="URL",
    help="Where resources are: file:///dir, etcd://host:port, kubernetes://context.",
)
@click.pass_context
def bgpctl(context: click.Context, socket: str, datastore: str | None) -> None:
    """Keep the global options for the commands."""
    context.obj = State(socket, datastore)
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        context.color = False


def main() -> None:
    """Run bgpctl; never shows a traceback to a user."""
    # A command is short and makes many values and few cycles: looking for those costs more than keeping them.
    gc.set_threshold(100_000, 50, 100)
    try:
        bgpctl.main(prog_name="bgpctl")
    except Exception as error:
        if os.environ.get("BGPCTL_DEBUG"):
            raise
        if "_BGPCTL_COMPLETE" in os.environ:  # a shell asks, in the middle of somebody's line
            sys.exit(1)
        click.echo(f"bgpctl: internal error: {type(error).__name__}: {error}", err=True)
        click.echo("  BGPCTL_DEBUG=1 shows where; please report it", err=True)
        sys.exit(1)
