"""Mails about an announcement: queued a few thousand ahead of the mail server, so that a withdrawal or an opt-out on the
way still counts. How far the queueing is stands in the table, so a worker that dies is followed by the next."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row

from cec_chassis.clock import TAIPEI
from cec_chassis.database import Transaction
from cec_chassis.service import Runtime
from cec_identity.accounts.profile import Language
from cec_identity.announcements.domain import TITLES, Category
from cec_identity.announcements.unsubscribe import unsubscribe_url
from cec_identity.mail.domain import Mail
from cec_identity.mail.queue_many import bulk_waiting, cancel_waiting, queue_many
from cec_identity.settings import settings_of
from cec_identity.vault import Vault

BATCH: Final = 2_000
AHEAD: Final = 10_000
EVERY_SECONDS: Final = 5.0
EXCERPT: Final = 300
ADMINISTRATION: Final = {Language.CHINESE: "系統管理者", Language.ENGLISH: "System administrator"}

OPEN_MAILING = """
SELECT m.announcement_id, m.version, m.not_before, m.queued_to, a.category, v.subject, v.content, v.audience,
       v.shows_until, o.name AS unit
FROM announcement_mailings m
JOIN announcements a ON a.id = m.announcement_id
JOIN announcement_versions v ON v.announcement_id = m.announcement_id AND v.version = m.version
LEFT JOIN organisations o ON o.id = a.organisation_id
WHERE m.ended_at IS NULL AND m.not_before <= :now
ORDER BY m.not_before, m.announcement_id LIMIT 1
FOR UPDATE OF m SKIP LOCKED
"""
RECIPIENTS = """
SELECT account.id, profile.person_name, profile.email, profile.language
FROM accounts account JOIN account_profiles profile ON profile.account_id = account.id
WHERE account.id > :after AND account.active AND account.role = ANY(CAST(:audience AS text[]))
  AND profile.notify_announcements AND profile.email_verified_at IS NOT NULL
ORDER BY account.id LIMIT :batch
"""
ADVANCE = """
UPDATE announcement_mailings
SET queued_to = :queued_to, queued = queued + :queued,
    ended_at = CASE WHEN :ended THEN :now ELSE ended_at END, end_reason = CASE WHEN :ended THEN 'done' ELSE end_reason END
WHERE announcement_id = :announcement_id AND version = :version
"""


async def begin_mailing(tx: Transaction, announcement_id: UUID, version: int, not_before: datetime) -> None:
    """Those who opted in are written to from `not_before` on; once for each version."""
    await tx.execute(
        """
        INSERT INTO announcement_mailings (announcement_id, version, not_before)
        VALUES (:announcement_id, :version, :not_before) ON CONFLICT DO NOTHING
        """,
        announcement_id=announcement_id,
        version=version,
        not_before=not_before,
    )


async def stop_mailings(tx: Transaction, announcement_id: UUID, reason: str) -> int:
    """No further mail about it is queued, and those that wait are not sent; how many those were."""
    await tx.execute(
        """
        UPDATE announcement_mailings SET ended_at = :now, end_reason = :reason
        WHERE announcement_id = :announcement_id AND ended_at IS NULL
        """,
        announcement_id=announcement_id,
        reason=reason,
        now=tx.now,
    )
    return await cancel_waiting(tx, _key(announcement_id), reason)


async def queue_announcement_mails(runtime: Runtime, stop: asyncio.Event) -> None:
    """A loop of the worker."""
    settings = settings_of(runtime)
    key, portal_url = Vault.of(settings).proof_key, settings.portal_url
    database = runtime.database("mailings", 1)
    while not stop.is_set():
        async with database.housekeeping() as tx:
            queued = await queue_some(tx, key, portal_url)
        if not queued:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), EVERY_SECONDS)


async def queue_some(tx: Transaction, key: bytes, portal_url: str, *, batch: int = BATCH, ahead: int = AHEAD) -> bool:
    """Queues the next mails of a mailing that is due, unless `ahead` bulk mails wait already; whether there was one."""
    if await bulk_waiting(tx, ahead) >= ahead:
        return False
    mailing = await tx.one_or_none(OPEN_MAILING, now=tx.now)
    if mailing is None:
        return False
    people = await tx.all(
        RECIPIENTS, after=mailing.queued_to or UUID(int=0), audience=list(mailing.audience), batch=batch
    )
    queued = await queue_many(tx, [_mail(mailing, person, key, portal_url) for person in people]) if people else 0
    await tx.execute(
        ADVANCE,
        announcement_id=mailing.announcement_id,
        version=mailing.version,
        queued_to=people[-1].id if people else mailing.queued_to,
        queued=queued,
        ended=len(people) < batch,
        now=tx.now,
    )
    return True


def _mail(mailing: Row[Any], person: Row[Any], key: bytes, portal_url: str) -> Mail:
    language = Language(person.language)
    excerpt = mailing.content if len(mailing.content) <= EXCERPT else f"{mailing.content[:EXCERPT]}…"
    return Mail(
        template="announcement",
        to=person.email,
        account_id=person.id,
        language=language,
        values={
            "person_name": person.person_name,
            "category": TITLES[Category(mailing.category)][language],
            "unit": mailing.unit or ADMINISTRATION[language],
            "subject": mailing.subject,
            "excerpt": excerpt,
            "link": f"{portal_url.rstrip('/')}/announcements/{mailing.announcement_id}",
            "unsubscribe_url": unsubscribe_url(portal_url, key, person.id),
        },
        not_before=mailing.not_before,
        useless_after=_end_of(mailing.shows_until),
        dedupe_key=f"{_key(mailing.announcement_id)}{mailing.version}:{person.id}",
        bulk=True,
    )


def _end_of(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day + timedelta(days=1), time.min, TAIPEI)


def _key(announcement_id: UUID) -> str:
    return f"announcement:{announcement_id}:"
