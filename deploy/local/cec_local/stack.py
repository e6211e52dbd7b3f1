"""The whole system on one machine: servers, six services, gateway; started in order, stopped in order."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import httpx

from cec_local import services, subscribers
from cec_local.databases import provision
from cec_local.gateway import SIGN_IN_RATE, EmbeddedGateway
from cec_local.mailbox import Mailbox
from cec_local.ports import LOOPBACK, LOOPBACK_NAME, PortBook
from cec_local.processes import ChildProcess, sleep_a_little
from cec_local.progress import Progress
from cec_local.secret_files import SecretFiles
from cec_local.servers import postgres_source, rabbit_source
from cec_local.services import ADMINISTRATOR, SERVICES
from cec_local.tell import remember_environment

_MIGRATE_SECONDS = 120.0
_READY_SECONDS = 90.0
_STOP_SECONDS = 25.0


class Stack:
    """One running system below `directory`; its state is `log/`, `secrets/`, `ports.json` and the servers' data.

    `durable` keeps the data safe for the next start; without it everything is quicker and meant to be thrown away.
    `settings` are further environment variables for every service. `names` are the services to run.
    Raises `LocalStackError` from `start()` with a one-line reason; whatever ran by then is stopped again.
    """

    def __init__(
        self,
        directory: Path,
        *,
        durable: bool = False,
        progress: Progress | None = None,
        settings: Mapping[str, str] | None = None,
        names: Iterable[str] = SERVICES,
        sign_in_rate: str = SIGN_IN_RATE,
    ) -> None:
        self.directory = directory.resolve()
        self.log_directory = self.directory / "log"
        self.secrets = SecretFiles(self.directory / "secrets")
        self.administrator = (ADMINISTRATOR, self.secrets.read("administrator-password"))
        """Name and password of the first system administrator."""
        self.demo_password = self.secrets.read("demo-password")
        """The password of every account that the demo opens."""
        self.names = tuple(names)
        self.services: dict[str, ChildProcess] = {}
        self._progress = progress or Progress()
        self._settings = dict(settings or {})
        self._ports = PortBook(self.directory / "ports.json").get_many(*SERVICES)
        self.postgres = postgres_source(
            self.directory / "postgres", self.log_directory / "postgres.log", durable=durable
        )
        self.rabbit = rabbit_source(self.directory / "rabbitmq", self.log_directory / "rabbitmq.log", durable=durable)
        self.gateway = EmbeddedGateway(
            self.directory / "gateway",
            self._ports,
            sign_in_rate=sign_in_rate,
            log=self.log_directory / "gateway.log",
        )
        self.mailbox = Mailbox(
            self.directory / "mail",
            PortBook(self.directory / "ports.json").get("mailbox"),
            log_directory=self.log_directory,
            run_directory=self.directory / "run",
        )
        self.database_urls: dict[str, str] = {}

    async def add_subscriber(self, name: str) -> tuple[str, str]:
        """An account for another system on the public exchange: its broker address and its queue."""
        public = self.rabbit.addresses().public
        return await subscribers.add_subscriber(name, public_url=public, admin=self.rabbit.admin, secrets=self.secrets)

    def service_url(self, name: str) -> str:
        """The address of one service itself, behind the gateway."""
        return f"http://{LOOPBACK}:{self._ports[name]}"

    def start(self) -> None:
        """Everything, in order. Returns when the gateway and every service behind it answer."""
        try:
            self._start_servers()
            self.mailbox.start()
            self._migrate()
            for name in self.names:
                remember_environment(self.directory / "run", name, self._environment(name))
                self.services[name] = self.spawn(name, "all")
            for name in self.names:
                with self._progress.step(f"服務 / service {name}"):
                    self.wait_until_ready(name)
            with self._progress.step("閘道 / gateway nginx"):
                self.gateway.start()
        except BaseException:
            self.stop()
            raise

    def spawn(self, name: str, command: str, settings: Mapping[str, str] | None = None) -> ChildProcess:
        """Start a process of service `name`: `all`, or `serve`, `work`, `relay` apart. The caller stops what it spawns.

        `settings` are further environment variables, such as a failpoint.
        """
        child = services.process(
            name,
            command,
            self._environment(name) | dict(settings or {}),
            log_directory=self.log_directory,
            run_directory=self.directory / "run",
        )
        child.start()
        return child

    def wait_until_ready(self, name: str) -> None:
        """Wait until service `name` says that it and what it depends on are ready."""
        child = self.services[name]
        url = f"{self.service_url(name)}/health/ready"
        with httpx.Client(timeout=5.0, trust_env=False) as client:
            self._await(child, lambda: client.get(url).is_success, _READY_SECONDS)

    def dead(self) -> list[ChildProcess]:
        """What has ended by itself, causes before effects: servers, gateway, services."""
        sources = (self.postgres, self.rabbit, self.gateway)
        children = [child for source in sources for child in source.processes()] + list(self.services.values())
        children.append(self.mailbox.process)
        return [child for child in children if not child.is_running()]

    def stop(self) -> None:
        """Everything, in the opposite order; safe to call at any moment and again."""
        self.gateway.stop()
        children = list(self.services.values())
        with ThreadPoolExecutor(max_workers=max(len(children), 1)) as threads:  # all at once: each may finish its work
            for child in children:
                threads.submit(child.stop, grace=_STOP_SECONDS)
        self.services.clear()
        self.mailbox.stop()
        with ThreadPoolExecutor(max_workers=2) as threads:
            threads.submit(self.rabbit.stop)
            threads.submit(self.postgres.stop)

    def _start_servers(self) -> None:
        def start_postgres() -> None:
            with self._progress.step("資料庫 / PostgreSQL"):
                self.postgres.start()
                self.database_urls = provision(self.postgres.url, self.names, self.secrets)

        def start_rabbit() -> None:
            with self._progress.step("訊息 / RabbitMQ"):
                self.rabbit.start()

        with ThreadPoolExecutor(max_workers=2) as threads:
            started = [threads.submit(start_postgres), threads.submit(start_rabbit)]
        for future in started:
            future.result()

    def _migrate(self) -> None:
        with self._progress.step(f"資料表與佇列 / tables and queues of {len(self.names)} services"):
            children = {name: self.spawn(name, "migrate") for name in self.names}
            try:
                for child in children.values():
                    if child.wait(_MIGRATE_SECONDS) != 0:
                        raise child.died()
            finally:
                for child in children.values():
                    child.stop()

    def _environment(self, name: str) -> dict[str, str]:
        given = services.environment(
            name,
            port=self._ports[name],
            database_url=self.database_urls[name],
            broker=self.rabbit.addresses(),
            secrets=self.secrets,
        )
        if name == "identity":
            given |= self.mailbox.environment()
            given["CEC_PORTAL_URL"] = self.gateway.url  # in links of mails, and who we are to applications
            given["CEC_PASSKEY_DOMAIN"] = LOOPBACK_NAME
            given["CEC_PASSKEY_ORIGINS"] = self.gateway.origin
        if name in {"activities", "credits"}:  # of calendar feeds, and where the QR codes of documents lead
            given["CEC_PUBLIC_ADDRESS"] = self.gateway.url
        return given | self._settings

    def _await(self, child: ChildProcess, ready: Callable[[], bool], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while True:
            with suppress(httpx.TransportError):
                if ready():
                    return
            if not child.is_running() or time.monotonic() > deadline:
                raise child.died()
            sleep_a_little()
