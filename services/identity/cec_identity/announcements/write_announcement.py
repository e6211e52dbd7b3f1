"""Write an announcement: the first words, or newer ones. Nobody sees them before they are published."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from cec_chassis.database import Transaction
from cec_chassis.ids import new_id
from cec_chassis.problems import FieldError, NotFound, ValidationFailed
from cec_contracts.vocabulary import AccountRole
from cec_identity.announcements.domain import (
    Announcement,
    AnnouncementChanged,
    Category,
    State,
    Words,
    check_writer,
    checked_words,
)
from cec_identity.announcements.store import (
    announcement_for_change,
    files_known,
    insert_announcement,
    insert_words,
    save_announcement,
)
from cec_identity.organisations.store import organisation_in_use


async def draft_announcement(
    tx: Transaction, category: Category, organisation_id: UUID | None, words: Words
) -> Announcement:
    """A new draft. A review unit that names no unit writes for its own.

    Raises:
        NotYourAnnouncement, Forbidden: the caller may not write for this unit in this category.
        ValidationFailed: the words are not acceptable, or the unit does not review.
    """
    if tx.actor.role == AccountRole.REVIEW_UNIT and category is Category.REVIEW_UNIT:
        organisation_id = organisation_id or tx.actor.organisation_id
    check_writer(tx.actor, category, organisation_id)
    if organisation_id is not None:
        await _check_unit(tx, organisation_id)
    announcement = Announcement(
        announcement_id=new_id(),
        category=category,
        organisation_id=organisation_id,
        state=State.DRAFT,
        version=1,
        published=None,
        words=checked_words(words, category),
    )
    if announcement.words.files:
        raise _unknown_file()
    await insert_announcement(tx, announcement)
    tx.audit(
        "announcement.drafted",
        subject_type="announcement",
        subject_id=announcement.announcement_id,
        after=announcement.words,
    )
    return announcement


async def revise_announcement(tx: Transaction, announcement_id: UUID, based_on: int, words: Words) -> Announcement:
    """The announcement with newer words. What is published stays as it is until the newer words are published.

    Raises:
        NotFound, NotYourAnnouncement, Forbidden.
        AnnouncementChanged: there are newer words than version `based_on`.
        ValidationFailed: the words are not acceptable, or name a file that was not uploaded for this announcement.
    """
    known = await announcement_to_write(tx, announcement_id)
    if known.version != based_on:
        raise AnnouncementChanged
    words = checked_words(words, known.category)
    if await files_known(tx, announcement_id, words.files) != set(words.files):
        raise _unknown_file()
    if words == known.words:
        return known
    revised = replace(known, version=known.version + 1, words=words)
    await insert_words(tx, revised)
    await save_announcement(tx, revised)
    tx.audit(
        "announcement.revised",
        subject_type="announcement",
        subject_id=announcement_id,
        before=known.words,
        after=words,
    )
    return revised


async def announcement_to_write(tx: Transaction, announcement_id: UUID) -> Announcement:
    """The announcement, held until `tx` ends, which the caller may write.

    Raises:
        NotFound: there is none.
        NotYourAnnouncement: it is another unit's, or the administrators'.
    """
    known = await announcement_for_change(tx, announcement_id)
    if known is None:
        raise NotFound
    check_writer(tx.actor, known.category, known.organisation_id)
    return known


async def _check_unit(tx: Transaction, organisation_id: UUID) -> None:
    unit = await organisation_in_use(tx, organisation_id)
    if unit is None or not unit.active or not unit.reviews_courses:
        message = "非使用中之審查單位 / Not a review unit in use"
        raise ValidationFailed(errors=[FieldError("body.organisation_id", "not-a-review-unit", message)])


def _unknown_file() -> ValidationFailed:
    message = "附件須先上傳至本公告 / Upload the file to this announcement first"
    return ValidationFailed(errors=[FieldError("body.files", "unknown-file", message)])
