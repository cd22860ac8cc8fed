"""`make lab`: the demo's cluster, kept running until Ctrl-C or the end of input."""

import contextlib
import sys

from rich.console import Console

from bgpd.api.client import ClientError
from lab.daemon import BIN
from lab.demo import bring_up
from lab.rack import Rack
from lab.shell import open_doors
from lab.show import LabError, Show
from lab.topology import Lab

_HINTS = """\
[bold]Ask a node[/bold] (n1, n2, n3), from another terminal in this directory:
  {bin}/bgpctl --socket {directory}/n1.sock node status
  {bin}/bgpctl --socket {directory}/n1.sock routes
  {bin}/bgpctl --socket {directory}/n1.sock explain 10.244.2.0/26
  {bin}/bgpctl --socket {directory}/n1.sock events --follow

[bold]Edit the cluster[/bold], and watch the sessions follow:
  {bin}/bgpctl --datastore file://{directory}/resources get bgppeers -o wide
  {bin}/bgpctl --datastore file://{directory}/resources patch bgpconfiguration default \\
    -p '{{"spec": {{"nodeToNodeMeshEnabled": false}}}}'

[bold]Open a shell[/bold] in a namespace ({namespaces}), where bgpctl needs no options:
  {bin}/python -m lab shell n1

[bold]Send packets[/bold]:
  {bin}/python -m lab ping pod1 10.244.2.2
  {bin}/python -m lab ping pod2 172.20.0.10

Logs are in {directory}. [bold]Ctrl-C or Ctrl-D ends the lab.[/bold]
"""

_BARE_HINTS = """\
{size} nodes, n1 to n{size}, run bgpd {state}:
  {bin}/python -m lab shell n1

[bold]Ctrl-C or Ctrl-D ends the lab.[/bold]
"""
_EMPTY = "and wait for resources; docs/getting-started.md goes on from here"
_MESH = "in a full mesh, and a router waits for them; docs/howto/ goes on from here"


def play(console: Console, speaker: str) -> int:
    """Keep the lab until there is no more input; returns the exit status."""
    with Lab() as lab:
        show = Show(lab, console)
        try:
            rack = bring_up(show, lab, speaker)
        except (LabError, ClientError) as error:
            show.failure(error)
            return 1
        open_doors(lab)
        console.print(_hints(rack), highlight=False, soft_wrap=True)
        _wait_for_the_end()
    return 0


def play_bare(console: Console, speaker: str, *, size: int, empty: bool) -> int:
    """Keep a lab that nobody has made a rack of: nodes in a mesh or, if `empty`, without resources."""
    with Lab() as lab:
        rack = Rack(lab, speaker, size, peering=False)
        if empty:
            rack.cluster.resources.clear()
        rack.start()
        open_doors(lab)
        hints = _BARE_HINTS.format(bin=BIN, size=size, state=_EMPTY if empty else _MESH)
        console.print(hints, highlight=False, soft_wrap=True)
        _wait_for_the_end()
    return 0


def _wait_for_the_end() -> None:
    with contextlib.suppress(KeyboardInterrupt):  # the way to end it
        sys.stdin.read()


def _hints(rack: Rack) -> str:
    lab = rack.lab
    return _HINTS.format(bin=BIN, directory=lab.directory, namespaces=" ".join(lab.namespaces))
