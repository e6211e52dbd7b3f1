"""A process that has imported the services and forks a real service process on order, ready in milliseconds.

A sweep over failpoints starts a process for each of them; importing would be most of its time. The forked process runs
the same command line as `python -m cec_credits work`, has its own environment, and can be killed like any other.

Orders are lines of JSON on standard input, each answered by a line: `{"start": …}` by a process number,
`{"poll": number}` by how that process ended (negative: by that signal), or null while it runs. When the input ends,
so do all that were forked.
"""

from __future__ import annotations

import ctypes
import importlib
import os
import signal
import sys
import threading
from typing import Any

import msgspec

from cec_chassis import failpoints

SERVICES = ("credits", "enrolment", "identity")
_PR_SET_PDEATHSIG = 1


class Start(msgspec.Struct):
    """Run `python -m cec_<service> <arguments>` with this environment and nothing else of ours."""

    service: str
    arguments: list[str]
    environment: dict[str, str]
    output: str


class Order(msgspec.Struct):
    start: Start | None = None
    poll: int | None = None


def main() -> None:
    commands = {name: _command_line(name) for name in SERVICES}
    assert threading.active_count() == 1, "a thread would be missing in what is forked"
    endings: dict[int, int] = {}
    for line in sys.stdin.buffer:
        order = msgspec.json.decode(line, type=Order)
        answer: int | None = None
        if order.start is not None:
            answer = os.fork()
            if answer == 0:
                _become(commands[order.start.service], order.start)
        elif order.poll is not None:
            answer = _ending(order.poll, endings)
        sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
        sys.stdout.buffer.flush()


def _command_line(service: str) -> Any:
    module = importlib.import_module(f"cec_{service}.__main__")
    return getattr(module, "cli", None) or module.app


def _ending(pid: int, endings: dict[int, int]) -> int | None:
    if pid not in endings:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended == 0:
            return None
        endings[pid] = os.waitstatus_to_exitcode(status)
    return endings[pid]


def _become(command_line: Any, start: Start) -> None:
    """In the forked process: never returns."""
    code = 70
    try:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        output = os.open(start.output, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.environ.clear()
        os.environ.update(start.environment)
        failpoints._armed = failpoints._parse(os.environ.get("CEC_FAILPOINT", ""))
        sys.argv = [f"cec_{start.service}", *start.arguments]
        command_line()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1 if end.code else 0
    except BaseException:  # noqa: BLE001 - told as the interpreter would; this process ends here
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
