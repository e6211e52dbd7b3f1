"""A private RabbitMQ node: Debian's rabbitmq-server with its own name server, ports, cookie, data and logs."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

from cec_local.errors import LocalStackError, MissingToolError
from cec_local.ports import LOOPBACK, PortBook, accepts_connections
from cec_local.processes import ChildProcess, sleep_a_little
from cec_local.rabbitmq_admin import EVERYTHING, RabbitAdmin
from cec_local.rabbitmq_home import link_home
from cec_local.secret_files import SecretFiles

INTERNAL_VHOST = "cec"
PUBLIC_VHOST = "cec-public"
ADMINISTRATOR = "cec-admin"
SERVICES_USER = "cec-services"
YOUNG_QUEUE_SECONDS = 1.5
_NODE = f"cec@{LOOPBACK}"  # a number, so that no name has to be looked up
_START_SECONDS = 90.0
_STOP_SECONDS = 20.0
_LOOPBACK_ONLY = "-kernel inet_dist_use_interface {127,0,0,1}"

_CONFIGURATION = """\
listeners.tcp.1 = {loopback}:{amqp}
management.tcp.ip = {loopback}
management.tcp.port = {management}
load_definitions = {definitions}
log.console = true
log.console.level = info
log.file = false
"""
# Counts of quorum queues are refreshed at this pace; tests and gauges look at them.
_ADVANCED = "[{rabbit, [{quorum_tick_interval, 1000}]}].\n"


class EmbeddedRabbit:
    """One RabbitMQ node of our own below `directory`: data, log, cookie, ports, passwords.

    It has two virtual hosts, `cec` and `cec-public`, and two accounts: the administrator's and the services'.
    Address and passwords stay the same over restarts. `start()` takes about 5 s on two cores.
    Raises `LocalStackError` with a one-line reason when it cannot start.
    """

    def __init__(self, directory: Path, *, log: Path | None = None, name: str = "rabbitmq") -> None:
        self._directory = directory.resolve()
        self._directory.mkdir(parents=True, exist_ok=True)
        self._name = name
        self._log = log or self._directory / "rabbitmq.log"
        self._secrets = SecretFiles(self._directory / "secrets")
        self._ports: dict[str, int] = {}
        self._node: ChildProcess | None = None
        self._names: ChildProcess | None = None
        self._admin: RabbitAdmin | None = None

    @property
    def admin(self) -> RabbitAdmin:
        """The node's management interface, as its administrator."""
        if self._admin is None:
            self._admin = RabbitAdmin(self.management_url)
        return self._admin

    @property
    def management_url(self) -> str:
        """`http://cec-admin:…@127.0.0.1:port`."""
        return (
            f"http://{ADMINISTRATOR}:{quote(self._secrets.read(ADMINISTRATOR))}@{LOOPBACK}:{self._port('management')}"
        )

    @property
    def pid(self) -> int | None:
        """The number of the node's process, or None while it does not run."""
        return self._node.pid if self._node is not None else None

    @property
    def amqp_port(self) -> int:
        """The AMQP port on 127.0.0.1."""
        return self._port("amqp")

    def amqp_url(self, vhost: str = INTERNAL_VHOST) -> str:
        """The services' address of one virtual host."""
        password = quote(self._secrets.read(SERVICES_USER))
        return f"amqp://{SERVICES_USER}:{password}@{LOOPBACK}:{self.amqp_port}/{quote(vhost, safe='')}"

    def create_vhost(self, vhost: str) -> str:
        """Make a virtual host in which the services' account may do everything; returns its address."""
        self.admin.create_vhost(vhost)
        self.admin.set_permissions(SERVICES_USER, vhost)
        return self.amqp_url(vhost)

    def start(self) -> None:
        """Start the node (after ending what a crash left) and wait until it takes connections."""
        if not self._ports:
            self._ports = PortBook(self._directory / "ports.json").get_many(
                "amqp", "management", "distribution", "epmd"
            )
        self._start_name_server()
        self._node = self._node or self._prepare_node()
        self._node.start()
        deadline = time.monotonic() + _START_SECONDS
        while not (accepts_connections(self._port("management")) and self.admin.is_ready(self.amqp_port)):
            if not self._node.is_running() or time.monotonic() > deadline:
                error = self._node.died()
                self.stop(graceful=False)
                raise error
            sleep_a_little()

    def stop(self, *, graceful: bool = True) -> None:
        """Stop the node and its name server.

        A graceful stop takes 6 s: the node closes its files at once and then waits on a timer of its own.
        """
        if self._node is not None:
            if graceful:
                self._node.stop(grace=_STOP_SECONDS)
            else:
                self._node.kill()
        if self._names is not None:
            self._names.stop()

    def kill(self) -> None:
        """Crash the node by SIGKILL. What it confirmed comes back at the next `start()`.

        Except what is in a quorum queue younger than `YOUNG_QUEUE_SECONDS`: RabbitMQ 3.10 loses such a queue's
        registration with all it holds, and the queue then has no leader until it is deleted.
        """
        if self._node is not None:
            self._node.kill()

    def processes(self) -> list[ChildProcess]:
        """What has to live for this broker to answer: the node and Erlang's name server."""
        return [child for child in (self._node, self._names) if child is not None]

    def restart(self) -> None:
        """`kill()` and `start()`, at the same address: what a broker that fell over looks like to its clients."""
        self.kill()
        self.start()

    def pause(self) -> None:
        """Freeze the node: connections stay open and nothing answers, until `resume()`."""
        if self._node is not None:
            self._node.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a frozen node go on."""
        if self._node is not None:
            self._node.send_signal(signal.SIGCONT)

    def cut_connections(self, vhost: str) -> None:
        """Close every AMQP connection into `vhost`, as an operator would (0.3 s)."""
        self.ctl("close_all_connections", "--vhost", vhost, "cut by the test")

    def ctl(self, *arguments: str) -> str:
        """What `rabbitmqctl ARGUMENTS` prints (takes over a second; the running node only)."""
        command = [str(self._directory / "home" / "sbin" / "rabbitmqctl"), "--quiet", "--node", _NODE, *arguments]
        result = subprocess.run(
            command, env=self._environment(), capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
        )
        if result.returncode != 0:
            raise LocalStackError(f"rabbitmqctl {' '.join(arguments)}: {(result.stderr or result.stdout).strip()}")
        return result.stdout

    def log_tail(self) -> str:
        """The last lines of the node's log since it was last started."""
        return self._node.log_tail() if self._node is not None else ""

    def _port(self, name: str) -> int:
        if not self._ports:
            raise LocalStackError(f"{self._name} was not started yet, so it has no address")
        return self._ports[name]

    def _start_name_server(self) -> None:
        """Erlang's name server, our own: the machine's may belong to another user, and theirs would outlive us."""
        if self._names is not None and self._names.is_running():
            return
        program = shutil.which("epmd")
        if program is None:
            raise MissingToolError("epmd is missing: install Debian's package erlang-base, or set CEC_AMQP_URL")
        port = self._port("epmd")
        self._names = ChildProcess(
            f"{self._name}-names",
            [program, "-port", str(port), "-address", LOOPBACK],
            log=self._log.with_name("epmd.log"),
            pid_file=self._directory / "epmd.pid.json",
        )
        self._names.start()
        deadline = time.monotonic() + _STOP_SECONDS
        while not accepts_connections(port):
            if not self._names.is_running() or time.monotonic() > deadline:
                raise self._names.died()
            sleep_a_little()

    def _prepare_node(self) -> ChildProcess:
        home = link_home(self._directory / "home")
        definitions = self._secrets.write("definitions.json", json.dumps(self._definitions()))
        configuration = _CONFIGURATION.format(loopback=LOOPBACK, definitions=definitions, **self._ports)
        (self._directory / "rabbitmq.conf").write_text(configuration, encoding="utf-8")
        (self._directory / "advanced.config").write_text(_ADVANCED, encoding="utf-8")
        (self._directory / "enabled_plugins").write_text("[rabbitmq_management].\n", encoding="utf-8")
        (self._directory / "environment").touch()
        cookie = self._directory / ".erlang.cookie"
        if not cookie.exists():
            descriptor = os.open(cookie, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(secrets.token_hex(32))
        return ChildProcess(
            self._name,
            [str(home / "sbin" / "rabbitmq-server")],
            log=self._log,
            pid_file=self._directory / "pid.json",
            environment=self._environment(),
        )

    def _environment(self) -> dict[str, str]:
        own = self._directory
        return {
            "PATH": os.environ.get("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"),
            "LANG": "C.UTF-8",
            "HOME": str(own),  # where Erlang looks for the cookie
            "ERL_CRASH_DUMP": str(own / "erl_crash.dump"),
            "RABBITMQ_NODENAME": _NODE,
            "RABBITMQ_USE_LONGNAME": "true",
            "RABBITMQ_CONF_ENV_FILE": str(own / "environment"),
            "RABBITMQ_CONFIG_FILE": str(own / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(own / "advanced.config"),
            "RABBITMQ_GENERATED_CONFIG_DIR": str(own / "generated"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(own / "enabled_plugins"),
            "RABBITMQ_PLUGINS_DIR": str(own / "home" / "plugins"),
            "RABBITMQ_MNESIA_BASE": str(own / "data"),
            "RABBITMQ_LOG_BASE": str(own / "log"),
            "RABBITMQ_DIST_PORT": str(self._port("distribution")),
            "ERL_EPMD_PORT": str(self._port("epmd")),
            "ERL_EPMD_ADDRESS": LOOPBACK,
            # "Allow input" makes the start script become the node instead of its parent; -noinput takes it back.
            "RABBITMQ_ALLOW_INPUT": "1",
            "RABBITMQ_SERVER_START_ARGS": "-noinput +B i",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": f"-start_epmd false {_LOOPBACK_ONLY}",
            "RABBITMQ_CTL_ERL_ARGS": f"-start_epmd false {_LOOPBACK_ONLY}",
        }

    def _definitions(self) -> dict[str, object]:
        accounts = {ADMINISTRATOR: "administrator", SERVICES_USER: ""}
        vhosts = (INTERNAL_VHOST, PUBLIC_VHOST)
        everything = {"configure": EVERYTHING, "write": EVERYTHING, "read": EVERYTHING}
        return {
            "vhosts": [{"name": vhost} for vhost in vhosts],
            "users": [
                {
                    "name": user,
                    "password_hash": _password_hash(self._secrets.read(user)),
                    "hashing_algorithm": "rabbit_password_hashing_sha256",
                    "tags": tags,
                }
                for user, tags in accounts.items()
            ],
            "permissions": [{"user": user, "vhost": vhost, **everything} for user in accounts for vhost in vhosts],
        }


def _password_hash(password: str) -> str:
    """A password as RabbitMQ keeps it: base64 of a 4-byte salt and the SHA-256 of salt and password."""
    salt = secrets.token_bytes(4)
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode("ascii")
