"""One child process: started with a log and a pid file, stopped with everything below it, never left behind.

The kernel itself tells a child when its starter dies (`setpriv --pdeathsig`), so even `kill -9` of the supervisor
leaves nothing running; who does not end within two seconds of that is killed (`death_watch`). That signal follows the
*thread* that started the child; hence one thread that lives as long as this interpreter starts all of them.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from cec_local.death_watch import DeathWatch
from cec_local.errors import MissingToolError, ProcessDiedError
from cec_local.process_table import ProcessId, await_end, identify, kill_tree, with_descendants

_SPAWNER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="cec-spawner")
_DEATH_WATCH = DeathWatch()
_LOG_LIMIT = 20 * 1024 * 1024
_POLL_SECONDS = 0.02


class ChildProcess:
    """A program that this process owns. `start()`, then `stop()` or `kill()`; it can be started again afterwards.

    `death_signal` is what the kernel sends to the child when this process dies. `privileges` are further options
    of `setpriv` (who the child runs as).
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        log: Path,
        pid_file: Path,
        environment: Mapping[str, str] | None = None,
        death_signal: signal.Signals = signal.SIGTERM,
        privileges: Sequence[str] = (),
    ) -> None:
        self.name = name
        self._command = list(command)
        self._log = log
        self._pid_file = pid_file
        self._environment = dict(environment) if environment is not None else None
        self._death_signal = death_signal
        self._privileges = list(privileges)
        self._process: subprocess.Popen[bytes] | None = None
        self._log_start = 0

    @property
    def pid(self) -> int | None:
        """The number of the running process, or None."""
        return self._process.pid if self._process is not None and self.is_running() else None

    @property
    def log(self) -> Path:
        """Where it writes."""
        return self._log

    @property
    def returncode(self) -> int | None:
        """How it ended (negative: by that signal), or None while it runs or was never started."""
        return self._process.poll() if self._process is not None else None

    def is_running(self) -> bool:
        """Whether the child lives now."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the child, after ending what an earlier owner of the same pid file may have left."""
        end_leftover(self._pid_file)
        if self._process is not None:
            self._process.wait()
        self._log.parent.mkdir(parents=True, exist_ok=True)
        if self._log.exists() and self._log.stat().st_size > _LOG_LIMIT:
            self._log.replace(self._log.with_suffix(".log.1"))
        with self._log.open("ab") as log:
            self._log_start = log.tell()
            self._process = _SPAWNER.submit(self._spawn, log.fileno()).result()
        process = identify(self._process.pid)
        if process is not None:
            _DEATH_WATCH.add(process)
            _write_pid_file(self._pid_file, process, self._death_signal)

    def _spawn(self, log: int) -> subprocess.Popen[bytes]:
        launcher = [_setpriv(), *self._privileges, "--pdeathsig", self._death_signal.name.removeprefix("SIG"), "--"]
        return subprocess.Popen(
            [*launcher, *self._command],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=self._environment,
            start_new_session=True,  # Ctrl-C at the terminal reaches the supervisor alone, which stops in order
        )

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal to the child alone, if it runs."""
        if self._process is not None:
            self._process.send_signal(number)

    def stop(self, grace: float = 10.0, first: signal.Signals = signal.SIGTERM) -> None:
        """Ask the child to end by signal `first`; after `grace` seconds end it and its descendants by SIGKILL."""
        if self._process is None:
            return
        root = identify(self._process.pid) if self.is_running() else None
        if root is not None:
            family = with_descendants(root)
            self._process.send_signal(first)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(grace)
            for process in family:
                kill_tree(process)
        self._forget()

    def kill(self) -> None:
        """End the child and all its descendants by SIGKILL, as a crash would."""
        if self._process is not None and (root := identify(self._process.pid)) is not None and self.is_running():
            kill_tree(root)
        self._forget()

    def _forget(self) -> None:
        if self._process is not None:
            self._process.wait()
        self._pid_file.unlink(missing_ok=True)

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait until the child ends; its code, or None when `timeout` seconds passed before."""
        if self._process is None:
            return None
        with suppress(subprocess.TimeoutExpired):
            return self._process.wait(timeout)
        return None

    def log_tail(self, lines: int = 20) -> str:
        """The last lines that the child wrote since it was last started."""
        with suppress(FileNotFoundError), self._log.open("rb") as log:
            log.seek(self._log_start)
            return "\n".join(log.read().decode("utf-8", "replace").splitlines()[-lines:])
        return ""

    def died(self) -> ProcessDiedError:
        """The error that says how this child ended (or that it was not ready in time), with the end of its log."""
        return ProcessDiedError(self.name, self.returncode, self.log_tail())


def end_leftover(pid_file: Path) -> bool:
    """End the process that `pid_file` still names, if it lives; True when there was one.

    Meant for the owner of the folder the file is in (see `StackLock`): whoever left it is gone.
    """
    leftover, ending = _read_pid_file(pid_file)
    pid_file.unlink(missing_ok=True)
    if leftover is None or not leftover.is_alive():
        return False
    family = with_descendants(leftover)
    with suppress(ProcessLookupError):
        os.kill(leftover.pid, ending)
    # Its starter's death has usually begun the ending already; give it the time to close its files.
    await_end(family, 10.0)
    for process in family:
        kill_tree(process)
    return True


def sleep_a_little() -> None:
    """The pause of every loop here that waits for a process to get ready."""
    time.sleep(_POLL_SECONDS)


def _setpriv() -> str:
    program = shutil.which("setpriv")
    if program is None:
        raise MissingToolError("setpriv is missing: install the package util-linux (part of every Debian system)")
    return program


def _write_pid_file(path: Path, process: ProcessId, ending: signal.Signals) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"pid": process.pid, "started": process.started, "ending": int(ending)}
    path.write_text(json.dumps(content), encoding="utf-8")


def _read_pid_file(path: Path) -> tuple[ProcessId | None, signal.Signals]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        process = ProcessId(pid=int(content["pid"]), started=int(content["started"]))
        return process, signal.Signals(content["ending"])
    except (FileNotFoundError, json.JSONDecodeError, KeyError):
        return None, signal.SIGTERM
