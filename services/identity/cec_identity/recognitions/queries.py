"""What is told about recognitions: to everybody who has signed in, since it decides what counts."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec

from cec_chassis.database import Transaction
from cec_chassis.http import Page, Paging
from cec_identity.recognitions.domain import Breach, Ground, Recognition
from cec_identity.recognitions.store import COLUMNS, with_breaches

_FILTER = "WHERE (CAST(:organisation_id AS uuid) IS NULL OR organisation_id = :organisation_id)"


class BreachView(msgspec.Struct, kw_only=True):
    """What has no effect: named courses, or what was decided in a period."""

    breach_id: UUID
    course_ids: list[UUID]
    decided_from: date | None
    decided_until: date | None
    reason: str
    found_at: datetime


class RecognitionView(msgspec.Struct, kw_only=True):
    """A recognition. `valid_until` null: without end; `article` is that of the revocation."""

    recognition_id: UUID
    organisation_id: UUID
    professions: tuple[str, ...]
    applied_on: date
    valid_from: date
    valid_until: date | None
    document: str
    revoked_at: datetime | None
    ground: Ground | None
    article: str
    reason: str
    may_apply_from: date | None
    breaches: list[BreachView]
    version: int


def recognition_view(recognition: Recognition) -> RecognitionView:
    """The view of a value in hand."""
    return RecognitionView(
        recognition_id=recognition.recognition_id,
        organisation_id=recognition.organisation_id,
        professions=recognition.professions,
        applied_on=recognition.applied_on,
        valid_from=recognition.valid_from,
        valid_until=recognition.valid_until,
        document=recognition.document,
        revoked_at=recognition.revoked_at,
        ground=recognition.ground,
        article=recognition.ground.article if recognition.ground else "",
        reason=recognition.reason,
        may_apply_from=recognition.may_apply_from,
        breaches=[_breach(breach) for breach in recognition.breaches],
        version=recognition.version,
    )


def _breach(breach: Breach) -> BreachView:
    return BreachView(
        breach_id=breach.breach_id,
        course_ids=list(breach.course_ids),
        decided_from=breach.decided_from,
        decided_until=breach.decided_until,
        reason=breach.reason,
        found_at=breach.found_at,
    )


async def recognitions_page(tx: Transaction, paging: Paging, organisation_id: UUID | None) -> Page[RecognitionView]:
    """Recognitions, of one organisation or of all, the newest first."""
    total = await tx.scalar(f"SELECT count(*) FROM recognitions {_FILTER}", organisation_id=organisation_id)
    rows = await tx.all(
        f"SELECT {COLUMNS} FROM recognitions {_FILTER} ORDER BY id DESC LIMIT :limit OFFSET :offset",
        organisation_id=organisation_id,
        limit=paging.limit,
        offset=paging.offset,
    )
    return paging.of([recognition_view(one) for one in await with_breaches(tx, rows)], total)
