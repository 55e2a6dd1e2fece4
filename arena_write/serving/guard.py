"""Runs a command until its own standard input ends, and then ends all that came of it.

A script of its own, started by path, so that it needs nothing but Python. Whoever starts it holds the other end of its
standard input and never writes: when that process closes it, or dies of whatever (`kill -9` included), the kernel ends
the input, and the guard ends the command's whole process group, first with SIGTERM and, after a while, with SIGKILL. A
server may have many processes of its own, hold gigabytes of a GPU and be deaf to signals; none of it stays.

It does so from a process of its own, whose exit code the first one passes on: Ray kills the children of an actor that
ends, and must not get hold of the guard.

    python guard.py LOG SECONDS COMMAND [ARGUMENT ...]
"""

import contextlib
import os
import select
import signal
import subprocess
import sys
import time

_LOOK_SECONDS = 0.1


def main() -> int:
    """Run the command; return its exit code, or 128 and the number of the signal that ended it."""
    log, patience, *command = sys.argv[1:]
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    if guard := os.fork():
        return _shell_code(os.waitstatus_to_exitcode(os.waitpid(guard, 0)[1]))
    with open(log, "ab", buffering=0) as output:  # noqa: PTH123 - nothing is imported that need not be
        try:
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_mind_signals,
            )
        except OSError as error:
            output.write(f"{command[0]} cannot be run: {error.strerror}\n".encode())
            return 127
    while child.poll() is None:
        readable, _, _ = select.select([0], [], [], _LOOK_SECONDS)
        if readable and not os.read(0, 4096):
            break
    _end_group(child, float(patience))
    return _shell_code(child.wait())


def _shell_code(code: int) -> int:
    return code if code >= 0 else 128 - code


def _mind_signals() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def _end_group(child: "subprocess.Popen[bytes]", patience: float) -> None:
    """End the child and all processes of its group; what outlives its parent has no other name left."""
    end = time.monotonic() + patience
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGTERM)
        while time.monotonic() < end:
            child.poll()
            os.killpg(child.pid, 0)
            time.sleep(_LOOK_SECONDS)
        os.killpg(child.pid, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
