"""What administrators see of mails and send again, and what mail servers report back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.component.identity.conftest import Identity, good, refusal
from tests.component.identity.mails import LINK, a_secret_one, delivery, queued, state
from tests.support.mail_server import MailServer, text_of
from tests.support.tokens import an_actor


async def test_an_administrator_sees_what_failed_and_sends_it_again(identity: Identity, server: MailServer) -> None:
    mail_id = await a_secret_one(identity, useless_after=identity.clock.now() + timedelta(days=1))
    server.at_rcpt = ["550 5.1.1 <lin@example.org>: no such user"]
    await delivery(identity, server).batch()
    page = good(await identity.ask(identity.administrator, "GET", "/mails?state=bounced"))
    (shown,) = page["items"]
    assert (shown["mail_id"], shown["recipient_masked"]) == (str(mail_id), "l***@example.org")
    assert shown["reason"] == "550 5.1.1 <l***@example.org>: no such user"
    assert "a-secret-token" not in str(page)
    assert "lin@example.org" not in str(page)

    path = f"/mails/{mail_id}/retry"
    again = good(await identity.ask(identity.administrator, "POST", path, {"reason": "信箱已修復"}))
    assert (again["state"], again["attempts"]) == ("waiting", 0)
    assert good(await identity.ask(identity.administrator, "POST", path, {"reason": "again"}))["state"] == "waiting"
    await delivery(identity, server).batch()
    assert LINK in text_of(server.arrived[0])
    response = await identity.ask(identity.administrator, "POST", path, {"reason": "again"})
    assert refusal(response) == (409, "mail-not-retryable", [])
    assert (await identity.audited()).count("mail.retried") == 1


async def test_a_mail_whose_link_has_expired_is_not_sent_again(identity: Identity, server: MailServer) -> None:
    mail_id = await a_secret_one(identity, useless_after=identity.clock.now() + timedelta(days=1))
    server.at_rcpt = ["554 no"]
    await delivery(identity, server).batch()
    identity.clock.advance(timedelta(days=1))
    response = await identity.ask(identity.administrator, "POST", f"/mails/{mail_id}/retry", {"reason": "x"})
    assert refusal(response)[1] == "mail-not-retryable"


async def test_mails_are_for_administrators(identity: Identity) -> None:
    person = an_actor("practitioner")
    assert (await identity.ask(person, "GET", "/mails")).status_code == 403
    unknown = "/mails/00000000-0000-7000-8000-000000000000/retry"
    assert (await identity.ask(person, "POST", unknown, {"reason": "x"})).status_code == 403
    assert (await identity.ask(identity.administrator, "POST", unknown, {"reason": "x"})).status_code == 404


def a_report(message_id: str, *, action: str = "failed", status: str = "5.1.1") -> str:
    """What a mail server sends back (RFC 3464)."""
    return "\r\n".join(
        [
            "From: MAILER-DAEMON@mx.example.org",
            "To: no-reply@cec.example",
            "Subject: Undelivered Mail Returned to Sender",
            "MIME-Version: 1.0",
            'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
            "",
            "--b",
            "Content-Type: text/plain",
            "",
            "I am sorry.",
            "--b",
            "Content-Type: message/delivery-status",
            "",
            "Reporting-MTA: dns; mx.example.org",
            "",
            "Final-Recipient: rfc822; lin@example.org",
            f"Action: {action}",
            f"Status: {status}",
            "",
            "--b",
            "Content-Type: text/rfc822-headers",
            "",
            f"Message-ID: {message_id}",
            "--b--",
            "",
        ]
    )


async def report(identity: Identity, content: str, kind: str = "message/rfc822") -> Any:
    return await identity.client.post("/mails/reports", content=content.encode(), headers={"Content-Type": kind})


async def test_a_report_of_non_delivery_marks_the_mail_and_the_address(identity: Identity, server: MailServer) -> None:
    mail_id = await queued(identity)
    await delivery(identity, server).batch()
    ours = server.arrived[0]["Message-ID"]
    assert (await report(identity, a_report(ours, action="delayed", status="4.4.1"))).status_code == 204
    assert (await state(identity, mail_id))[0] == "delivered"
    for _ in range(2):
        assert (await report(identity, a_report(ours))).status_code == 204
    assert await state(identity, mail_id) == ("bounced", 1, "reported: 5.1.1")
    assert len(await identity.rows("SELECT address FROM undeliverable_addresses")) == 1


async def test_a_full_mailbox_is_no_bad_address(identity: Identity, server: MailServer) -> None:
    mail_id = await queued(identity)
    await delivery(identity, server).batch()
    await report(identity, a_report(server.arrived[0]["Message-ID"], status="5.2.2"))
    assert await state(identity, mail_id) == ("failed", 1, "reported: 5.2.2")
    assert await identity.rows("SELECT address FROM undeliverable_addresses") == []


async def test_a_report_that_is_not_about_a_mail_of_ours_changes_nothing(
    identity: Identity, server: MailServer
) -> None:
    mail_id = await queued(identity)
    await delivery(identity, server).batch()
    forged = f"<{mail_id}.{'0' * 20}@cec.example>"
    ours = server.arrived[0]["Message-ID"]
    for content in (a_report(forged), f"Message-ID: {ours}\r\n\r\nhello", "", "\0" * 500, a_report("<x@y>")):
        assert refusal(await report(identity, content)) == (422, "delivery-report-not-understood", [])
    assert (await report(identity, a_report(ours), "text/plain")).status_code == 415
    assert (await report(identity, a_report(ours) + "x" * 300_000)).status_code == 413
    assert (await state(identity, mail_id))[0] == "delivered"
