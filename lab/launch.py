"""Become a command inside a network namespace: `python -m lab.launch LAB DESCRIPTOR COMMAND...`.

LAB is the process id of the lab: the command dies with it, even when it is killed. DESCRIPTOR is the
namespace, inherited. This is a process of its own because preexec_fn is not safe beside threads.
"""

import os
import signal
import sys

from lab.syscalls import CLONE_NEWNET, die_with_parent, setns


def main(arguments: list[str]) -> None:
    """Enter the namespace and replace this process by the command."""
    lab, descriptor, *command = arguments
    die_with_parent(signal.SIGKILL)
    if os.getppid() != int(lab):  # it ended before we asked to die with it
        sys.exit(1)
    setns(int(descriptor), CLONE_NEWNET)
    os.close(int(descriptor))
    os.environ.pop("PYTHONPATH", None)  # it led to this module and means nothing to the command
    os.execvp(command[0], command)  # noqa: S606 - no shell is the point


if __name__ == "__main__":
    main(sys.argv[1:])
