"""Mail from the queue to a real mail server: written once, in time, in order, and nothing of it kept too long."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from tests.component.identity.conftest import Identity
from tests.component.identity.mails import LINK, VALUES, a_secret_one, delivery, queued, settings_of, state
from tests.support.mail_server import MailServer, text_of

from cec_chassis.service import Runtime
from cec_identity.accounts.profile import Language
from cec_identity.mail.deliver_mails import deliver_mails
from cec_identity.mail.domain import Mail
from cec_identity.mail.look_after_mails import mails as mails_gauge
from cec_identity.mail.look_after_mails import measure_mails
from cec_identity.mail.queue_mail import queue_mail
from cec_identity.mail.store import forget_mails
from cec_identity.mail.templates import WrongValues
from cec_identity.service import SERVICE


async def test_a_mail_is_delivered_in_the_language_of_its_reader_and_its_link_is_forgotten(
    identity: Identity, server: MailServer
) -> None:
    mail_id = await a_secret_one(identity)
    stored = (await identity.rows("SELECT secrets_sealed, template_values::text AS shown FROM mails"))[0]
    assert b"a-secret-token" not in stored.secrets_sealed
    assert "a-secret-token" not in stored.shown

    assert await delivery(identity, server).batch() == 1
    (mail,) = server.arrived
    assert (mail["To"], mail["Auto-Submitted"]) == ("lin@example.org", "auto-generated")
    assert mail["From"].addresses[0].addr_spec == "no-reply@cec.example"
    assert "開通帳號" in mail["Subject"]
    for kind in ("plain", "html"):
        assert "林技師" in text_of(mail, kind)
        assert LINK in text_of(mail, kind)
        assert "請勿直接回覆" in text_of(mail, kind)
    assert await state(identity, mail_id) == ("delivered", 1, None)
    assert (await identity.rows("SELECT secrets_sealed FROM mails"))[0].secrets_sealed is None
    assert await delivery(identity, server).batch() == 0

    await a_secret_one(identity, language=Language.ENGLISH)
    await delivery(identity, server).batch()
    assert "Dear 林技師" in text_of(server.arrived[1])


async def test_what_people_are_called_does_no_harm_in_headers_or_html(identity: Identity, server: MailServer) -> None:
    name = "<script>alert(1)</script>\r\nBcc: thief@example.org"
    await queued(identity, values=VALUES | {"person_name": name})
    await delivery(identity, server).batch()
    (mail,) = server.arrived
    assert mail["Bcc"] is None
    assert server.recipients == ["lin@example.org"]
    assert "<script>" not in text_of(mail, "html")


async def test_a_mail_exists_only_with_what_it_tells_of(identity: Identity) -> None:
    async def change_ones_mind() -> None:
        async with identity.database.transaction() as tx:
            await queue_mail(tx, Mail(template="email_changed", to="lin@example.org", values=VALUES))
            raise LookupError

    with pytest.raises(LookupError):
        await change_ones_mind()
    assert await identity.rows("SELECT id FROM mails") == []


async def test_a_mail_with_the_same_key_is_not_written_twice(identity: Identity) -> None:
    mail = Mail(template="email_changed", to="lin@example.org", values=VALUES, dedupe_key="once")
    async with identity.database.transaction() as tx:
        assert await queue_mail(tx, mail) is not None
        assert await queue_mail(tx, mail) is None


async def test_forgotten_values_and_secrets_without_a_seal_are_faults_of_the_code(identity: Identity) -> None:
    async with identity.database.transaction() as tx:
        for values in ({}, VALUES | {"more": "x"}):
            with pytest.raises(WrongValues):
                await queue_mail(tx, Mail(template="email_changed", to="lin@example.org", values=values))
        with pytest.raises(WrongValues):
            await queue_mail(tx, Mail(template="no-such-mail", to="lin@example.org"))
        with pytest.raises(ValueError, match="sealer"):
            await queue_mail(tx, Mail(template="email_changed", to="lin@example.org", secrets=VALUES))


async def test_no_more_mails_in_a_minute_than_the_limit_and_bulk_leaves_room(
    identity: Identity, server: MailServer
) -> None:
    for n in range(12):
        await queued(identity, to=f"many{n}@example.org", bulk=True)
    await delivery(identity, server, mails_per_minute=8).batch()
    assert len(server.arrived) == 6
    await queued(identity, to="waiting-for-it@example.org")
    await delivery(identity, server, mails_per_minute=8).batch()
    assert server.recipients[6:] == ["waiting-for-it@example.org"]
    assert await delivery(identity, server, mails_per_minute=8).batch() == 0
    identity.clock.advance(timedelta(minutes=1))
    await delivery(identity, server, mails_per_minute=8).batch()
    assert len(server.arrived) == 13


async def test_bulk_mail_is_not_sent_to_an_address_that_takes_none_until_something_arrives_there(
    identity: Identity, server: MailServer
) -> None:
    await queued(identity)
    server.at_rcpt = ["550 5.1.1 no such user"]
    await delivery(identity, server).batch()
    mail_id = await queued(identity, to="LIN@example.org", bulk=True)
    await delivery(identity, server).batch()
    assert await state(identity, mail_id) == ("failed", 1, "the address takes no mail")
    await queued(identity)
    await delivery(identity, server).batch()
    assert await identity.rows("SELECT address FROM undeliverable_addresses") == []


async def test_a_mail_is_not_sent_before_its_time_nor_when_it_is_of_no_use(
    identity: Identity, server: MailServer
) -> None:
    now = identity.clock.now()
    await queued(identity, not_before=now + timedelta(hours=1))
    outdated = await a_secret_one(identity, useless_after=now)
    await delivery(identity, server).batch()
    assert server.arrived == []
    assert await state(identity, outdated) == ("failed", 1, "outdated")
    assert await identity.rows("SELECT id FROM mails WHERE secrets_sealed IS NOT NULL") == []
    identity.clock.advance(timedelta(hours=1))
    await delivery(identity, server).batch()
    assert len(server.arrived) == 1


async def test_a_mail_that_cannot_be_written_does_not_stand_in_the_way(identity: Identity, server: MailServer) -> None:
    unwritable = await a_secret_one(identity)
    async with identity.database.transaction() as tx:
        await tx.execute("UPDATE mails SET secrets_sealed = CAST('spoilt' AS bytea) WHERE id = :id", id=unwritable)
    other = await queued(identity)
    await delivery(identity, server).batch()
    assert await state(identity, unwritable) == ("failed", 1, "the message could not be made")
    assert (await state(identity, other))[0] == "delivered"


async def test_mails_are_counted_and_forgotten_in_the_end(identity: Identity, server: MailServer) -> None:
    await queued(identity)
    await delivery(identity, server).batch()
    await queued(identity)
    stop = asyncio.Event()
    measuring = asyncio.create_task(measure_mails(identity.runtime, stop))
    while not mails_gauge():
        await asyncio.sleep(0.05)
    stop.set()
    await measuring
    assert {reading.labels["state"]: reading.value for reading in mails_gauge()} == {
        "waiting": 1,
        "failed": 0,
        "bounced": 0,
    }
    identity.clock.advance(timedelta(days=200))
    async with identity.database.transaction() as tx:
        assert await forget_mails(tx, timedelta(days=180)) == 1
    assert len(await identity.rows("SELECT id FROM mails")) == 1


async def test_the_worker_s_loop_delivers_until_it_is_stopped(identity: Identity, server: MailServer) -> None:
    runtime = Runtime(SERVICE, settings_of(identity, server), identity.clock)
    stop = asyncio.Event()
    loop = asyncio.create_task(deliver_mails(runtime, stop))
    await queued(identity)
    async with asyncio.timeout(30):
        while not server.arrived:
            await asyncio.sleep(0.05)
    stop.set()
    await loop
    await runtime.close()
