"""`python -m cec_local run | demo | stop | status`: the local stack from the command line (see the Makefile)."""

from __future__ import annotations

import argparse
import asyncio
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from rich.console import Console

from cec_local.board import show_board
from cec_local.demo.walk import walk
from cec_local.errors import LocalStackError, ProcessDiedError
from cec_local.paths import local_directory
from cec_local.processes import ChildProcess
from cec_local.progress import Progress
from cec_local.stack import Stack
from cec_local.stack_lock import StackLock
from cec_local.tell import tell

_INTERRUPTED = 130
_NOTHING_RUNS = 3
_NOTHING = "沒有執行中的系統 / nothing runs here"
_LOOK_SECONDS = 0.5
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

console = Console()


def run() -> int:
    """Start everything, stay up until Ctrl-C; the data stay for the next start.

    When a server, the gateway or a service ends by itself, everything is stopped and that one is named: to start it
    again would hide from a developer what has just happened, and the log of it would be hard to find.
    """
    directory = local_directory() / "run"
    with _only_one("run") as lock:
        stack = Stack(directory, durable=True, progress=Progress(console))
        with _running(stack):
            _fill_with_demo(stack, directory / "demo-done")
            lock.announce(stack.gateway.url, str(stack.directory))
            show_board(stack, console)
            _stay_up(stack)
    return 0


def demo() -> int:
    """Start everything anew, walk the main job, stop everything. Exit code 0 when every number is as expected."""
    directory = local_directory() / "demo"
    with _only_one("demo") as lock:
        shutil.rmtree(directory, ignore_errors=True)
        stack = Stack(directory, progress=Progress(console))
        with _running(stack):
            lock.announce(stack.gateway.url, str(stack.directory))
            code = asyncio.run(walk(stack.gateway.url, stack, console))
            if code != 0:
                console.print(f"[red]✗[/red] 示範結果不符 / the demo's numbers differ; logs: {stack.log_directory}")
    return code


def stop() -> int:
    """Stop the stack that runs in this checkout."""
    stopped = StackLock(local_directory()).stop_running()
    console.print(f"已停止 / stopped: {stopped}" if stopped else _NOTHING, highlight=False)
    return 0


def status() -> int:
    """Say what runs in this checkout; exit code 3 when nothing does."""
    running = StackLock(local_directory()).running()
    console.print(str(running) if running else _NOTHING, highlight=False)
    return 0 if running else _NOTHING_RUNS


@contextmanager
def _only_one(what: str) -> Iterator[StackLock]:
    lock = StackLock(local_directory())
    lock.take(what)
    try:
        yield lock
    finally:
        lock.release()


@contextmanager
def _running(stack: Stack) -> Iterator[None]:
    """The stack, up for as long as the block lasts; SIGTERM and a closed terminal end it as Ctrl-C does.

    SIGINT is taken back as well: a shell that is no terminal starts what goes to the background with it ignored.
    """
    for number in _ENDING:
        signal.signal(number, _interrupt)
    try:
        stack.start()
        yield
    finally:
        for number in _ENDING:
            signal.signal(number, signal.SIG_IGN)  # being stopped already; every step of it has an end
        console.print("停止中 / stopping …")
        started = time.monotonic()
        stack.stop()
        console.print(f"[green]✓[/green] 全部停止 / all stopped [dim]{time.monotonic() - started:.1f} s[/dim]")


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _fill_with_demo(stack: Stack, done: Path) -> None:
    """On the first start the demo's walk is done once, so that there are accounts and something to look at."""
    if done.exists():
        return
    console.print("首次啟動:建立示範資料 / first start: walking the demo to have something to look at")
    if asyncio.run(walk(stack.gateway.url, stack, console)) == 0:
        done.touch()
    else:
        console.print("[yellow]![/yellow] 示範資料不完整 / the demo's data are incomplete")


def _stay_up(stack: Stack) -> None:
    try:
        while not (dead := stack.dead()):
            time.sleep(_LOOK_SECONDS)
    except KeyboardInterrupt:
        return
    raise _UnexpectedEnd(dead[0])


class _UnexpectedEnd(LocalStackError):
    """What was to stay up did not. The one named first is the cause, the others may have followed it."""

    def __init__(self, child: ChildProcess) -> None:
        died = child.died()
        self.log_tail = died.log_tail
        super().__init__(f"{died}; 全部停止 / so everything was stopped. 紀錄 / log: {child.log}")


def _parsed(arguments: Sequence[str] | None) -> Callable[[], int]:
    parser = argparse.ArgumentParser(prog="python -m cec_local", description="The local stack of this checkout.")
    commands = parser.add_subparsers(required=True, metavar="command", dest="command")
    for command in (run, demo, stop, status):
        described = (command.__doc__ or "").strip().splitlines()[0]
        commands.add_parser(command.__name__, help=described).set_defaults(call=command)
    telling = commands.add_parser("tell", help="Give a command to one service of the stack that runs.")
    telling.add_argument("service")
    telling.add_argument("words", nargs=argparse.REMAINDER)
    parsed = parser.parse_args(arguments)
    if parsed.command == "tell":
        return lambda: tell(StackLock(local_directory()), parsed.service, parsed.words)
    call: Callable[[], int] = parsed.call
    return call


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line. What cannot work ends with one line and code 1; Ctrl-C before everything is up with 130."""
    try:
        return _parsed(arguments)()
    except KeyboardInterrupt:
        return _INTERRUPTED
    except (ProcessDiedError, _UnexpectedEnd) as error:
        console.print("最後紀錄 / the end of its log:", highlight=False)
        console.print(error.log_tail, highlight=False, markup=False, soft_wrap=True)
        console.print(f"[red]✗[/red] {error}", highlight=False, soft_wrap=True)
    except LocalStackError as error:
        console.print(f"[red]✗[/red] {error}", highlight=False, soft_wrap=True)
    return 1


if __name__ == "__main__":
    sys.exit(main())
