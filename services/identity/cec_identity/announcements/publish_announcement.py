"""Publish the newest words of an announcement, or withdraw what is published."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time
from uuid import UUID

from cec_chassis.clock import TAIPEI
from cec_chassis.database import Transaction
from cec_identity.announcements.domain import (
    Announcement,
    AnnouncementIsPublished,
    AnnouncementNotPublished,
    State,
)
from cec_identity.announcements.mailings import begin_mailing, stop_mailings
from cec_identity.announcements.store import save_announcement
from cec_identity.announcements.write_announcement import announcement_to_write


async def publish_announcement(tx: Transaction, announcement_id: UUID, *, mail: bool, reason: str) -> Announcement:
    """People see the newest words from their first day on. With `mail` those who opted in are written to, then.

    Raises:
        NotFound, NotYourAnnouncement.
        AnnouncementIsPublished: they see them already.
    """
    known = await announcement_to_write(tx, announcement_id)
    if known.published == known.version:
        raise AnnouncementIsPublished
    published = replace(known, state=State.PUBLISHED, published=known.version)
    await save_announcement(tx, published, reason)
    # Mails about words that nobody sees any more are not sent.
    await stop_mailings(tx, announcement_id, "superseded")
    if mail and published.words.audience:
        first_day = datetime.combine(published.words.shows_from, time.min, TAIPEI)
        await begin_mailing(tx, announcement_id, published.version, max(first_day, tx.now))
    tx.audit(
        "announcement.published",
        subject_type="announcement",
        subject_id=announcement_id,
        reason=reason,
        after={"version": published.version, "mail": mail},
    )
    return published


async def withdraw_announcement(tx: Transaction, announcement_id: UUID, reason: str) -> Announcement:
    """Nobody sees it any more; mails that wait are not sent. Its texts stay in the history.

    Raises:
        NotFound, NotYourAnnouncement.
        AnnouncementNotPublished: it is not published.
    """
    known = await announcement_to_write(tx, announcement_id)
    if known.state is not State.PUBLISHED:
        raise AnnouncementNotPublished
    withdrawn = replace(known, state=State.WITHDRAWN, published=None)
    await save_announcement(tx, withdrawn, reason)
    cancelled = await stop_mailings(tx, announcement_id, "withdrawn")
    tx.audit(
        "announcement.withdrawn",
        subject_type="announcement",
        subject_id=announcement_id,
        reason=reason,
        before={"version": known.published},
        after={"mails_cancelled": cancelled},
    )
    return withdrawn
