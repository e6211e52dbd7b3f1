"""A server that several runs share: started by whoever needs it first, stopped when the last holder has ended.

Every test run (all its workers together) is one holder, named by its process. A keeper process owns the server,
looks after the holders and ends with the last of them, however they end. The server's data do not outlive it.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from cec_local.errors import LocalStackError
from cec_local.postgres import EmbeddedPostgres
from cec_local.process_table import ProcessId, identify
from cec_local.rabbitmq import EmbeddedRabbit

KINDS = ("postgres", "rabbitmq")
_START_SECONDS = 120.0
_LOOK_SECONDS = 0.2
_LEAVE_SECONDS = 10.0


@dataclass(frozen=True)
class _Files:
    directory: Path

    @property
    def ready(self) -> Path:
        return self.directory / "ready.json"

    @property
    def failed(self) -> Path:
        return self.directory / "failed"

    @property
    def holders(self) -> Path:
        return self.directory / "holders"

    @property
    def claim(self) -> Path:
        """Locked while somebody decides: to hold on, to start a keeper, to leave."""
        return self.directory / "claim.lock"

    @property
    def alive(self) -> Path:
        """Locked by the keeper as long as it lives."""
        return self.directory / "keeper.lock"


def acquire(kind: str, directory: Path, holder: int) -> dict[str, str]:
    """Hold the shared server of `kind` for process `holder` until that process ends or `release`s it.

    Returns its addresses: `url` of a PostgreSQL; `amqp_url` and `management_url` of a RabbitMQ.
    Raises `LocalStackError` when it cannot be started.
    """
    files = _prepared(directory)
    process = identify(holder)
    if process is None:
        raise LocalStackError(f"process {holder} has ended and cannot hold a server")
    with _locked(files.claim):
        (files.holders / str(process.pid)).write_text(str(process.started), encoding="ascii")
        addresses = _addresses(files)
        if addresses is not None:
            return addresses
        files.failed.unlink(missing_ok=True)
        with (directory / "keeper.log").open("ab") as log:
            keeper = subprocess.Popen(
                [sys.executable, "-m", "cec_local.shared_server", kind, str(directory)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return _await_ready(files, keeper)


def release(directory: Path, holder: int) -> None:
    """Let go of the server of `directory`; when nobody else holds it and it does not linger, wait until it is gone."""
    files = _Files(directory)
    (files.holders / str(holder)).unlink(missing_ok=True)
    deadline = time.monotonic() + _LEAVE_SECONDS
    while _keeper_lives(files) and not _held(files) and not _lingers(files) and time.monotonic() < deadline:
        time.sleep(_LOOK_SECONDS / 4)


def _await_ready(files: _Files, keeper: subprocess.Popen[bytes]) -> dict[str, str]:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        addresses = _addresses(files)
        if addresses is not None:
            keeper.returncode = 0  # it lives on without us: Popen shall not complain that nobody waited for it
            return addresses
        if keeper.poll() is not None:
            break
        time.sleep(_LOOK_SECONDS / 4)
    keeper.kill()
    keeper.wait()
    reason = files.failed.read_text(encoding="utf-8") if files.failed.exists() else f"see {files.directory}/keeper.log"
    raise LocalStackError(f"the shared {files.directory.name} did not start: {reason}")


def _addresses(files: _Files) -> dict[str, str] | None:
    if _keeper(files) is None:
        return None
    return dict(json.loads(files.ready.read_text(encoding="utf-8"))["addresses"])


def _keeper(files: _Files) -> ProcessId | None:
    with suppress(FileNotFoundError, json.JSONDecodeError):
        content = json.loads(files.ready.read_text(encoding="utf-8"))
        process = ProcessId(content["pid"], content["started"])
        if process.is_alive():
            return process
    return None


def _keeper_lives(files: _Files) -> bool:
    """Whether a keeper still has something to do, be it only to stop its server."""
    if not files.alive.exists():
        return False
    with files.alive.open("a", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _lingers(files: _Files) -> bool:
    with suppress(FileNotFoundError, json.JSONDecodeError, KeyError):
        return float(json.loads(files.ready.read_text(encoding="utf-8"))["linger"]) > 0
    return False


def _held(files: _Files) -> bool:
    for entry in files.holders.iterdir():
        with suppress(FileNotFoundError, ValueError):
            if ProcessId(int(entry.name), int(entry.read_text(encoding="ascii"))).is_alive():
                return True
            entry.unlink()
    return False


def _prepared(directory: Path) -> _Files:
    files = _Files(directory)
    files.holders.mkdir(parents=True, exist_ok=True)
    return files


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("a", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def keep(kind: str, directory: Path) -> None:
    """The keeper's life: wait for the one before, start, serve while held, stop. `CEC_TEST_LINGER` seconds longer."""
    files = _prepared(directory)
    linger = float(os.environ.get("CEC_TEST_LINGER", "0"))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with _locked(files.alive):
        data = directory / "server"
        shutil.rmtree(data, ignore_errors=True)
        server = EmbeddedPostgres(data) if kind == "postgres" else EmbeddedRabbit(data)
        try:
            server.start()
            _announce(files, server, linger)
            _serve(files, linger)
        except LocalStackError as error:
            files.failed.write_text(str(error), encoding="utf-8")
            raise
        finally:
            if isinstance(server, EmbeddedRabbit):
                server.stop(graceful=False)  # its data are thrown away
            else:
                server.kill()
            shutil.rmtree(data, ignore_errors=True)


def _announce(files: _Files, server: EmbeddedPostgres | EmbeddedRabbit, linger: float) -> None:
    if isinstance(server, EmbeddedRabbit):
        addresses = {"amqp_url": server.amqp_url(), "management_url": server.management_url}
    else:
        addresses = {"url": server.url}
    me = identify(os.getpid())
    assert me is not None
    scratch = files.ready.with_suffix(".new")
    scratch.touch(mode=0o600)
    content = {"pid": me.pid, "started": me.started, "linger": linger, "addresses": addresses}
    scratch.write_text(json.dumps(content) + "\n", encoding="utf-8")
    scratch.replace(files.ready)


def _serve(files: _Files, linger: float) -> None:
    unheld_since: float | None = None
    while True:
        time.sleep(_LOOK_SECONDS)
        if _held(files):
            unheld_since = None
            continue
        unheld_since = unheld_since or time.monotonic()
        if time.monotonic() - unheld_since < linger:
            continue
        with _locked(files.claim):
            if not _held(files):  # from here on a newcomer starts a keeper of its own, which waits for our end
                files.ready.unlink(missing_ok=True)
                return


if __name__ == "__main__":
    keep(sys.argv[1], Path(sys.argv[2]))
