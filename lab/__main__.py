"""`python -m lab demo | up | shell NAMESPACE [COMMAND...] | ping NAMESPACE ADDRESS | lossless [CASE...]`."""

import argparse
import contextlib
import signal
import sys
from types import FrameType

from rich.console import Console

from lab.demo import demo
from lab.lossless.run import NAMES, lossless
from lab.netns import unavailable
from lab.ping import ping
from lab.play import play, play_bare
from lab.rack import SIZE
from lab.shell import NoLabError, enter, find
from lab.tor import bird_path
from lab.userns import become_administrator

_REMEDY = """\
A lab needs network namespaces. Run it as root (sudo make demo), or let users have their own:
  sysctl -w kernel.unprivileged_userns_clone=1              (Debian, where that exists)
  sysctl -w kernel.apparmor_restrict_unprivileged_userns=0  (Ubuntu, where that exists)
"""


def main() -> int:
    """Run the command; returns the exit status: 0 well, 1 something did not come up, 2 usage, 130 Ctrl-C."""
    options = _options()
    console = Console()
    if options.command in _VISITS:
        return _visit(console, options)
    if not _may_build(console):
        return 1
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        if options.command == "lossless":
            return lossless(console, options.cases, rate=options.rate, compare=options.bird)
        if options.command == "up" and (options.empty or options.mesh):
            return play_bare(console, options.router, size=options.nodes, empty=options.empty)
        return {"demo": demo, "up": play}[options.command](console, options.router)
    except KeyboardInterrupt:
        console.print("\nInterrupted; everything is gone again.")
        return 130


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m lab", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in (("demo", "play the demo and end"), ("up", "keep the lab running")):
        command = commands.add_parser(name, help=text)
        default = "bird" if bird_path() else "bgpd"
        command.add_argument(
            "--router", choices=("bgpd", "bird"), default=default, help="top of rack: %(default)s"
        )
    bare = command.add_mutually_exclusive_group()
    bare.add_argument("--empty", action="store_true", help="without resources: the daemons wait for them")
    bare.add_argument("--mesh", action="store_true", help="without the BGPPeer of the router")
    command.add_argument("--nodes", type=int, default=SIZE, help="of --empty and --mesh, %(default)s")
    proof = commands.add_parser("lossless", help="count the packets lost while everything changes")
    proof.add_argument("cases", nargs="*", metavar="case", help=f"all, or some of {', '.join(NAMES)}")
    proof.add_argument("--bird", action="store_true", help="the cases that BIRD 2 has, too, to compare")
    proof.add_argument("--rate", type=float, default=1000, help="packets a second each way, %(default)s")
    shell = commands.add_parser("shell", help="a shell or command in a namespace of the running lab")
    shell.add_argument("namespace")
    shell.add_argument("words", nargs=argparse.REMAINDER, metavar="command")
    pinged = commands.add_parser("ping", help="three echo requests from a namespace of the running lab")
    pinged.add_argument("namespace")
    pinged.add_argument("address")
    return parser.parse_args()


def _visit(console: Console, options: argparse.Namespace) -> int:
    try:
        return _VISITS[options.command](console, options)
    except (NoLabError, OSError) as error:
        console.print(f"[red]{error}[/red]")
        return 1


def _shell(_console: Console, options: argparse.Namespace) -> int:
    enter(options.namespace, options.words)


def _ping(console: Console, options: argparse.Namespace) -> int:
    _directory, namespace = find(options.namespace)
    loss = ping(namespace, options.address)
    console.print(str(loss))
    return 0 if loss.lost == 0 else 1


_VISITS = {"shell": _shell, "ping": _ping}


def _may_build(console: Console) -> bool:
    with contextlib.suppress(OSError):
        become_administrator()
    if reason := unavailable():
        console.print(f"[red]{reason}[/red]\n{_REMEDY}", highlight=False)
    return reason is None


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
