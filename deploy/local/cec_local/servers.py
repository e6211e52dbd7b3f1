"""Where PostgreSQL and RabbitMQ of a stack come from: private ones, or those that the environment names."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from aio_pika.exceptions import AMQPError

from cec_chassis.bus.connection import connect
from cec_local.databases import run_async
from cec_local.errors import LocalStackError
from cec_local.postgres import EmbeddedPostgres
from cec_local.processes import ChildProcess
from cec_local.rabbitmq import INTERNAL_VHOST, PUBLIC_VHOST, EmbeddedRabbit
from cec_local.rabbitmq_admin import RabbitAdmin
from cec_local.services import Broker


class PostgresSource(Protocol):
    """A PostgreSQL server in which the stack may make databases."""

    @property
    def url(self) -> str:
        """Of an account that may create roles and databases; known after `start()`."""
        ...

    def start(self) -> None:
        """Make it answer."""
        ...

    def processes(self) -> list[ChildProcess]:
        """Those of ours that have to live for it to answer."""
        ...

    def stop(self) -> None:
        """The stack needs it no more."""
        ...


class RabbitSource(Protocol):
    """A RabbitMQ with the two virtual hosts."""

    def addresses(self) -> Broker:
        """The services' addresses; known after `start()`."""
        ...

    @property
    def admin(self) -> RabbitAdmin:
        """Its management interface; known after `start()`."""
        ...

    def start(self) -> None:
        """Make it answer."""
        ...

    def processes(self) -> list[ChildProcess]:
        """Those of ours that have to live for it to answer."""
        ...

    def stop(self) -> None:
        """The stack needs it no more."""
        ...


class GivenPostgres:
    """The server that `CEC_POSTGRES_URL` names; it is neither started nor stopped."""

    def __init__(self, url: str) -> None:
        self.url = url

    def start(self) -> None:
        """It runs already."""

    def processes(self) -> list[ChildProcess]:
        """It runs elsewhere."""
        return []

    def stop(self) -> None:
        """It is not ours."""


class GivenRabbit:
    """The broker that `CEC_AMQP_URL` names; the public virtual host is `CEC_AMQP_PUBLIC_URL` or `<vhost>-public`.

    Both virtual hosts must exist. Accounts for outside subscribers are made through `CEC_RABBITMQ_MANAGEMENT_URL`,
    by default port 15672 of the same host with the same account.
    """

    def __init__(self, internal: str) -> None:
        parts = urlsplit(internal)
        public = parts._replace(path=f"{parts.path.rstrip('/') or '/cec'}-public").geturl()
        self._broker = Broker(internal, os.environ.get("CEC_AMQP_PUBLIC_URL", public))
        account, _, place = parts.netloc.rpartition("@")
        management = f"http://{account or 'guest:guest'}@{place.partition(':')[0]}:15672"
        self.admin = RabbitAdmin(os.environ.get("CEC_RABBITMQ_MANAGEMENT_URL", management))

    def addresses(self) -> Broker:
        """As the environment says."""
        return self._broker

    def start(self) -> None:
        """It runs already; here it is seen to let us in. Raises LocalStackError."""
        run_async(_try_broker("CEC_AMQP_URL", self._broker.internal))
        run_async(_try_broker("CEC_AMQP_PUBLIC_URL", self._broker.public))

    def processes(self) -> list[ChildProcess]:
        """It runs elsewhere."""
        return []

    def stop(self) -> None:
        """It is not ours."""


async def _try_broker(variable: str, url: str) -> None:
    try:
        connection = await connect(url, "cec local stack")
    except (OSError, TimeoutError, ValueError, AMQPError) as error:
        place = urlsplit(url)
        where = f"{place.netloc.rpartition('@')[2] or 'an address without a host'}{place.path}"
        raise LocalStackError(
            f"RabbitMQ at {where} ({variable}) refuses us: {str(error) or type(error).__name__}; both virtual hosts must exist"
        ) from error
    await connection.close()


class OwnRabbit:
    """A private node with the virtual hosts `cec` and `cec-public`."""

    def __init__(self, node: EmbeddedRabbit, *, graceful: bool) -> None:
        self.node = node
        self._graceful = graceful

    @property
    def admin(self) -> RabbitAdmin:
        """As its administrator."""
        return self.node.admin

    def addresses(self) -> Broker:
        """As the services' account."""
        return Broker(self.node.amqp_url(INTERNAL_VHOST), self.node.amqp_url(PUBLIC_VHOST))

    def start(self) -> None:
        """Boot it: 3 to 5 s."""
        self.node.start()

    def processes(self) -> list[ChildProcess]:
        """The node and its name server."""
        return self.node.processes()

    def stop(self) -> None:
        """Down it: 6 s when its data are to be kept, else at once."""
        self.node.stop(graceful=self._graceful)


def postgres_source(directory: Path, log: Path, *, durable: bool) -> PostgresSource:
    """The server of `CEC_POSTGRES_URL`, or a private one below `directory`."""
    given = os.environ.get("CEC_POSTGRES_URL")
    return GivenPostgres(given) if given else EmbeddedPostgres(directory, durable=durable, log=log)


def rabbit_source(directory: Path, log: Path, *, durable: bool) -> RabbitSource:
    """The broker of `CEC_AMQP_URL`, or a private one below `directory`."""
    given = os.environ.get("CEC_AMQP_URL")
    return GivenRabbit(given) if given else OwnRabbit(EmbeddedRabbit(directory, log=log), graceful=durable)
