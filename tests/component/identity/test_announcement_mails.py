"""Mails about announcements: to those who opted in, a few ahead, called back on withdrawal, ended by one click."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from tests.component.identity.conftest import Identity, good, refusal
from tests.component.identity.mails import delivery, settings_of
from tests.component.identity.test_announcements import EDITOR, WORDS, publish, published, withdraw
from tests.support.mail_server import MailServer, text_of

from cec_identity.announcements.mailings import AHEAD, BATCH, queue_some
from cec_identity.vault import Vault

PEOPLE = """
INSERT INTO accounts (id, name, name_key, role, password_hash, active, state, state_reason, state_since, version, opened_at,
                      changed_at)
SELECT gen_random_uuid(), 'reader-' || n, 'reader-' || n, :role, '', true, 'active', '', now(), 1, now(), now()
FROM generate_series(1, :count) n
"""
PROFILES = """
INSERT INTO account_profiles (account_id, person_name, email, email_key, email_verified_at, language, version, changed_at)
SELECT id, '林技師', name || '@example.org', name || '@example.org', now(),
       CASE WHEN name LIKE '%2' THEN 'en' ELSE 'zh-Hant' END, 1, now()
FROM accounts WHERE name LIKE 'reader-%'
"""


async def readers(identity: Identity, count: int = 3, role: str = "offering_unit") -> None:
    """Accounts `reader-1` and so on, with verified addresses, who get announcements by mail."""
    async with identity.database.transaction() as tx:
        await tx.execute(PEOPLE, count=count, role=role)
        await tx.execute(PROFILES)


async def change(identity: Identity, sql: str) -> None:
    async with identity.database.transaction() as tx:
        await tx.execute(sql)


async def queue(identity: Identity, *, batch: int = BATCH, ahead: int = AHEAD) -> int:
    """Everything that may be queued now; how many times there was something."""
    settings, times = settings_of(identity), 0
    while times < 50:
        async with identity.database.housekeeping() as tx:
            if not await queue_some(tx, Vault.of(settings).proof_key, settings.portal_url, batch=batch, ahead=ahead):
                break
        times += 1
    return times


async def waiting(identity: Identity) -> list[str]:
    rows = await identity.rows("SELECT recipient FROM mails WHERE state = 'waiting' ORDER BY recipient")
    return [row.recipient.partition("@")[0] for row in rows]


async def test_those_who_opted_in_get_a_mail_in_their_language_with_a_way_out(
    identity: Identity, server: MailServer
) -> None:
    await readers(identity)
    announcement = await published(identity, mail=True)
    await queue(identity)
    while await delivery(identity, server).batch():
        pass
    assert sorted(server.recipients) == [f"reader-{n}@example.org" for n in (1, 2, 3)]
    by_address = {mail["To"].addresses[0].username: mail for mail in server.arrived}
    chinese, english = by_address["reader-1"], by_address["reader-2"]
    assert chinese["Subject"] == "【系統公告】系統維護"
    assert english["Subject"] == "New announcement: 系統維護"
    assert "(System)" in text_of(english)
    assert "System administrator" in text_of(english)
    assert "系統管理者" not in text_of(english)
    assert "系統管理者" in text_of(chinese)
    assert chinese["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert chinese["List-Unsubscribe"] != english["List-Unsubscribe"]
    text = text_of(chinese)
    assert str(WORDS["content"]) in text
    assert f"/announcements/{announcement}" in text
    assert chinese["List-Unsubscribe"].strip("<>") in text


@pytest.mark.parametrize(
    "change_one",
    [
        "UPDATE account_profiles SET notify_announcements = false WHERE email LIKE 'reader-1@%'",
        "UPDATE account_profiles SET email_verified_at = NULL WHERE email LIKE 'reader-1@%'",
        "UPDATE accounts SET active = false, state = 'disabled' WHERE name = 'reader-1'",
        "UPDATE accounts SET role = 'committee_member' WHERE name = 'reader-1'",
    ],
)
async def test_nobody_else_is_written_to(identity: Identity, change_one: str) -> None:
    await readers(identity)
    await change(identity, change_one)
    await published(identity, mail=True)
    await queue(identity)
    assert await waiting(identity) == ["reader-2", "reader-3"]


async def test_without_mail_nobody_is_written_to_and_a_publication_is_told_once(identity: Identity) -> None:
    await readers(identity)
    await published(identity)
    await queue(identity)
    assert await waiting(identity) == []
    await published(identity, mail=True)
    for _ in range(2):
        await queue(identity)
    assert len(await waiting(identity)) == 3


async def test_mails_wait_for_the_first_day(identity: Identity) -> None:
    await readers(identity)
    await published(identity, mail=True, shows_from="2026-03-03")
    assert await queue(identity) == 0
    identity.clock.advance(timedelta(hours=12))  # midnight in Taipei
    await queue(identity)
    assert len(await waiting(identity)) == 3


async def test_a_few_are_queued_ahead_and_what_changes_meanwhile_counts(identity: Identity) -> None:
    await readers(identity, 10)
    await published(identity, mail=True)
    assert await queue(identity, batch=3, ahead=5) == 2
    first = await waiting(identity)
    assert len(first) == 6
    await change(
        identity,
        "UPDATE account_profiles SET notify_announcements = false WHERE account_id > "
        "(SELECT account_id FROM mails ORDER BY account_id DESC LIMIT 1)",
    )
    await change(identity, "DELETE FROM mails")
    await queue(identity, batch=3, ahead=5)
    assert await waiting(identity) == []
    [mailing] = await identity.rows("SELECT queued, end_reason FROM announcement_mailings")
    assert (mailing.queued, mailing.end_reason) == (6, "done")


async def test_a_worker_that_dies_is_followed_without_a_second_mail(identity: Identity) -> None:
    await readers(identity, 7)
    await published(identity, mail=True)
    await queue(identity, batch=3, ahead=3)
    await change(identity, "UPDATE announcement_mailings SET queued_to = NULL")  # as if what it had written were lost
    await queue(identity, batch=3)
    assert len(await waiting(identity)) == 7


async def test_a_withdrawal_calls_back_the_mails_that_wait(identity: Identity, server: MailServer) -> None:
    await readers(identity, 12)
    other = await published(identity, subject="另一則", mail=True)
    announcement = await published(identity, mail=True)
    await queue(identity)
    await delivery(identity, server).batch()  # ten of them are sent before
    await withdraw(identity, announcement)
    await withdraw(identity, other)
    assert await waiting(identity) == []
    states = await identity.rows("SELECT state, reason, count(*) AS mails FROM mails GROUP BY 1, 2 ORDER BY 1")
    assert [(row.state, row.reason, row.mails) for row in states] == [
        ("delivered", None, 10),
        ("failed", "withdrawn", 14),
    ]
    assert await queue(identity) == 0


async def test_a_withdrawal_stops_what_is_not_queued_yet(identity: Identity) -> None:
    await readers(identity, 5)
    announcement = await published(identity, mail=True)
    await queue(identity, batch=2, ahead=2)
    await withdraw(identity, announcement)
    assert await queue(identity) == 0
    assert await waiting(identity) == []


async def test_mails_about_an_older_text_are_called_back_when_a_newer_one_is_published(identity: Identity) -> None:
    await readers(identity)
    announcement = await published(identity, mail=True)
    await queue(identity)
    body = WORDS | {"content": "更正", "based_on": 1}
    good(await identity.ask(identity.administrator, "PUT", f"{EDITOR}/{announcement}", body))
    await publish(identity, announcement, mail=True, reason="更正")
    await queue(identity)
    rows = await identity.rows("SELECT state, template_values ->> 'excerpt' AS text FROM mails ORDER BY state, id")
    assert [(row.state, row.text) for row in rows] == [("failed", WORDS["content"])] * 3 + [("waiting", "更正")] * 3
    view = good(await identity.ask(identity.administrator, "GET", f"{EDITOR}/{announcement}"))
    assert [(one["version"], one["queued"], one["end_reason"]) for one in view["mailings"]] == [
        (2, 3, "done"),
        (1, 3, "done"),
    ]


async def unsubscribe_path(identity: Identity, name: str = "reader-1") -> str:
    rows = await identity.rows(
        "SELECT template_values ->> 'unsubscribe_url' AS url FROM mails WHERE recipient LIKE :who", who=f"{name}@%"
    )
    return str(rows[0].url).partition("/api/v1/identity")[2]


async def test_one_click_ends_the_mails_without_signing_in(identity: Identity) -> None:
    await readers(identity)
    await published(identity, mail=True)
    await queue(identity)
    path = await unsubscribe_path(identity)

    page = await identity.client.get(path)
    assert page.status_code == 200
    assert page.headers["Content-Type"].startswith("text/html")
    assert 'method="post"' in page.text
    assert len(await waiting(identity)) == 3, "a look at the link changes nothing"

    form = {"List-Unsubscribe": "One-Click"}
    for _ in range(2):
        assert (await identity.client.post(path, data=form)).status_code == 200
    assert await waiting(identity) == ["reader-2", "reader-3"]
    rows = await identity.rows("SELECT email FROM account_profiles WHERE NOT notify_announcements")
    assert [row.email for row in rows] == ["reader-1@example.org"]
    audited = await identity.rows("SELECT subject_id FROM audit_log WHERE action = 'account.unsubscribed'")
    assert len(audited) == 1
    await published(identity, subject="另一則", mail=True)
    await queue(identity)
    assert await waiting(identity) == ["reader-2", "reader-2", "reader-3", "reader-3"]


async def test_a_link_that_was_changed_does_nothing(identity: Identity) -> None:
    await readers(identity)
    await published(identity, mail=True)
    await queue(identity)
    path = await unsubscribe_path(identity)
    base, _, token = path.partition("=")
    others = UUID(int=7).bytes
    another_first = ("B" if token.startswith("A") else "A") + token[1:]
    for wrong in (token[:-1], another_first, token + "AAAA", "%FF", others.hex(), "x"):
        for method in ("GET", "POST"):
            refused = await identity.client.request(method, f"{base}={wrong}")
            assert refusal(refused)[:2] == (404, "unsubscribe-link-invalid"), wrong
    assert len(await waiting(identity)) == 3
