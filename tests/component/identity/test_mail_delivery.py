"""Delivery to a mail server that is busy, refuses, hangs, hangs up or is away, and by workers that die."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from tests.component.identity.conftest import Identity
from tests.component.identity.mails import a_secret_one, delivery, queued, state
from tests.support.mail_server import HANG, HANG_UP, MailServer

from cec_chassis.problems import ValidationFailed
from cec_identity.mail.deliver_mails import SERVER_AWAY
from cec_identity.mail.store import claim_mails


async def test_a_busy_server_is_asked_again_later_and_less_and_less_often(
    identity: Identity, server: MailServer
) -> None:
    mail_id = await queued(identity)
    server.always_at_rcpt = "450 4.2.0 busy"
    for attempt, minutes in ((1, 1), (2, 2), (3, 4)):
        await delivery(identity, server).batch()
        assert await state(identity, mail_id) == ("waiting", attempt, "450 4.2.0 busy")
        identity.clock.advance(timedelta(minutes=minutes, seconds=-1))
        assert await delivery(identity, server).batch() == 0
        identity.clock.advance(timedelta(seconds=1))
    server.always_at_rcpt = ""
    await delivery(identity, server).batch()
    assert await state(identity, mail_id) == ("delivered", 4, None)


async def test_after_the_last_attempt_it_counts_as_failed(identity: Identity, server: MailServer) -> None:
    mail_id = await queued(identity)
    server.always_at_rcpt = "450 busy"
    for _ in range(2):
        await delivery(identity, server, mail_tries=2).batch()
        identity.clock.advance(timedelta(hours=3))
    assert await state(identity, mail_id) == ("failed", 2, "450 busy")


@pytest.mark.parametrize(
    ("answer", "ends", "undeliverable"),
    [
        ("550 5.1.1 no such user", "bounced", True),
        ("550 no such user", "bounced", True),
        ("553 5.1.3 bad form", "bounced", True),
        ("550 5.7.1 we do not like you", "failed", False),
        ("552 5.2.2 mailbox full", "failed", False),
        ("554 no", "failed", False),
    ],
)
async def test_a_refused_address_bounces_and_a_refused_mail_fails(
    identity: Identity, server: MailServer, answer: str, ends: str, *, undeliverable: bool
) -> None:
    mail_id = await queued(identity, to="Nobody@example.org")
    server.at_rcpt = [answer]
    await delivery(identity, server).batch()
    assert await state(identity, mail_id) == (ends, 1, answer)
    marked = await identity.rows("SELECT address FROM undeliverable_addresses")
    assert [row.address for row in marked] == (["nobody@example.org"] if undeliverable else [])


async def test_one_refused_mail_does_not_keep_the_others(identity: Identity, server: MailServer) -> None:
    ids = [await queued(identity, to=f"p{n}@example.org") for n in range(3)]
    server.at_data = ["", "554 5.6.0 I do not read this", ""]
    assert await delivery(identity, server).batch() == 3
    assert [(await state(identity, mail_id))[0] for mail_id in ids] == ["delivered", "failed", "delivered"]


async def test_a_server_that_hangs_up_costs_its_mail_an_attempt_and_the_others_nothing(
    identity: Identity, server: MailServer
) -> None:
    ids = [await queued(identity, to=f"p{n}@example.org") for n in range(3)]
    server.at_data = ["", HANG_UP]
    await delivery(identity, server).batch()
    assert [(await state(identity, mail_id))[:2] for mail_id in ids] == [
        ("delivered", 1),
        ("waiting", 1),
        ("waiting", 0),
    ]
    identity.clock.advance(timedelta(minutes=1))
    await delivery(identity, server).batch()
    assert [(await state(identity, mail_id))[0] for mail_id in ids] == ["delivered"] * 3
    # It may have been taken over before the connection broke: the reader's server knows it by its id.
    assert len({mail["Message-ID"] for mail in server.arrived}) == 3


async def test_a_server_that_never_answers_is_left(identity: Identity, server: MailServer) -> None:
    mail_id = await queued(identity)
    server.at_data = [HANG]
    await delivery(identity, server, smtp_timeout_seconds=0.5).batch()
    assert await state(identity, mail_id) == ("waiting", 1, "SMTPReadTimeoutError")


async def test_while_the_server_is_away_mails_wait_and_no_attempt_counts(
    identity: Identity, server: MailServer
) -> None:
    mail_id = await queued(identity)
    away = delivery(identity, server, smtp_port=1)
    for _ in range(3):
        assert await away.batch() == 1
        assert await state(identity, mail_id) == ("waiting", 0, None)
        identity.clock.advance(SERVER_AWAY)
    await delivery(identity, server).batch()
    assert await state(identity, mail_id) == ("delivered", 1, None)


async def test_without_starttls_on_the_server_nothing_is_sent_in_the_open(
    identity: Identity, server: MailServer
) -> None:
    mail_id = await queued(identity)
    await delivery(identity, server, smtp_starttls=True).batch()
    assert server.arrived == []
    assert (await state(identity, mail_id))[0] == "waiting"


async def test_a_mail_whose_worker_died_is_taken_over_when_the_lease_ends(
    identity: Identity, server: MailServer
) -> None:
    mail_id = await a_secret_one(identity)
    async with identity.database.transaction() as tx:  # the one that dies
        (dead,) = await claim_mails(tx, most=10, per_minute=100, lease=timedelta(minutes=5))
    assert await delivery(identity, server).batch() == 0
    identity.clock.advance(timedelta(minutes=5))
    assert await delivery(identity, server).batch() == 1
    assert await state(identity, mail_id) == ("delivered", 2, None)
    assert (dead.mail_id, dead.attempts) == (mail_id, 1)


async def test_several_workers_send_each_mail_once(identity: Identity, server: MailServer) -> None:
    for n in range(30):
        await queued(identity, to=f"p{n}@example.org")
    workers = [delivery(identity, server) for _ in range(4)]
    while sum(await asyncio.gather(*(worker.batch() for worker in workers))):
        pass
    assert sorted(server.recipients) == sorted(f"p{n}@example.org" for n in range(30))


async def test_a_sender_that_is_no_address_fails_no_mail(identity: Identity, server: MailServer) -> None:
    mail_id = await queued(identity)
    with pytest.raises(ValidationFailed):
        delivery(identity, server, mail_from="somebody")
    await delivery(identity, server).batch()
    assert await state(identity, mail_id) == ("delivered", 1, None)
