"""Identity's worker dies by `kill -9` between claiming a mail and writing down that it was sent: none is lost."""

from __future__ import annotations

import signal

import pytest
from tests.support.eventually import eventually
from tests.support.mail_server import MailServer, mail_server
from tests.support.stack import PostgresServer
from tests.system.faults.processes import ServiceProcess, Zygote

from cec_chassis.clock import SystemClock
from cec_chassis.database import Database
from cec_identity.mail.domain import Mail
from cec_identity.mail.queue_mail import queue_mail

pytestmark = pytest.mark.system

VALUES = {"person_name": "林技師", "account_name": "lin-ji-shi", "new_email_masked": "l***@example.org"}


def start(zygote: Zygote, url: str, server: MailServer, failpoint: str = "") -> ServiceProcess:
    """A worker that gives a mail up to others after a few seconds."""
    environment = {
        "CEC_SERVICE_DATABASE_URL": url,
        "CEC_AMQP_URL": "amqp://127.0.0.1:1/",
        "CEC_SECRET_KEY": "a secret key of thirty-two bytes or more",
        "CEC_NATIONAL_ID_INDEX_KEY": "an index key of thirty-two bytes or more",
        "CEC_SMTP_HOST": server.host,
        "CEC_SMTP_PORT": str(server.port),
        "CEC_SMTP_TIMEOUT_SECONDS": "0.1",
        "CEC_FAILPOINT": failpoint,
    }
    return zygote.start("identity", ["work"], environment)


@pytest.mark.parametrize(("failpoint", "copies"), [("mail.after_claim", 1), ("mail.after_send", 2)])
async def test_a_mail_outlives_the_worker_that_was_sending_it(
    zygote: Zygote, postgres_server: PostgresServer, failpoint: str, copies: int
) -> None:
    url = await postgres_server.make_database("identity")
    database = Database(url, SystemClock())
    with mail_server() as server:
        async with database.transaction() as tx:
            await queue_mail(tx, Mail(template="email_changed", to="lin@example.org", values=VALUES))
        dying = start(zygote, url, server, f"{failpoint}:1:exit137")
        assert await dying.end() == -signal.SIGKILL

        next_one = start(zygote, url, server)

        async def delivered() -> bool:
            async with database.reading() as tx:
                return bool(await tx.scalar("SELECT count(*) FROM mails WHERE state = 'delivered'"))

        await eventually(delivered, within=60, what="another worker delivers it")
        # Sent and not written down: it arrives again, and whoever reads it twice sees that it is one mail.
        assert len(server.arrived) == copies
        assert len({mail["Message-ID"] for mail in server.arrived}) == 1
        await next_one.stop()
    await database.close()
    await postgres_server.drop_database(url)
