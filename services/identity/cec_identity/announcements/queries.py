"""What readers are told: what is published for them, now and before 歷史消息."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row

from cec_chassis.clock import TAIPEI
from cec_chassis.database import Transaction
from cec_chassis.http import Page, Paging
from cec_identity.announcements.domain import Category, Link


class AnnouncementLine(msgspec.Struct, kw_only=True):
    """A line of a list. `shows_until` null is for ever 永遠有效; `unit` null: the system's administrators."""

    announcement_id: UUID
    category: Category
    organisation_id: UUID | None
    unit: str | None
    subject: str
    shows_from: date
    shows_until: date | None
    published_at: datetime


class FileView(msgspec.Struct, kw_only=True):
    """A file to download."""

    file_id: UUID
    name: str
    media_type: str
    size: int
    sha256: str


class AnnouncementView(AnnouncementLine, kw_only=True):
    """The whole announcement. `version` counts its texts, so a corrected one is known by it."""

    version: int
    content: str
    files: list[FileView]
    links: list[Link]


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody looks for; what is left out does not matter. `since` and `until` are days on which it began to show."""

    category: Category | None = None
    subject: str | None = None
    content: str | None = None
    unit: str | None = None
    since: date | None = None
    until: date | None = None
    in_force: bool | None = None
    """True: those that show today; False: those whose time is over."""


class FileContent(msgspec.Struct, frozen=True, kw_only=True):
    """A file with its bytes."""

    name: str
    media_type: str
    sha256: str
    content: bytes


SEEN = """
FROM announcements a
JOIN announcement_versions v ON v.announcement_id = a.id AND v.version = a.published
LEFT JOIN organisations o ON o.id = a.organisation_id
WHERE a.state = 'published' AND v.shows_from <= :today
  AND (v.public OR CAST(:role AS text) = ANY(v.audience))
"""
PUBLIC_ONLY = " AND v.public AND (v.shows_until IS NULL OR v.shows_until >= :today)"
WANTED = """
  AND (CAST(:category AS text) IS NULL OR a.category = :category)
  AND (CAST(:subject AS text) IS NULL OR v.subject ILIKE :subject)
  AND (CAST(:content AS text) IS NULL OR v.content ILIKE :content)
  AND (CAST(:unit AS text) IS NULL OR coalesce(o.name, '') ILIKE :unit)
  AND (CAST(:since AS date) IS NULL OR v.shows_from >= :since)
  AND (CAST(:until AS date) IS NULL OR v.shows_from <= :until)
  AND (CAST(:in_force AS boolean) IS NULL OR (v.shows_until IS NULL OR v.shows_until >= :today) = :in_force)
"""
LINE = """
SELECT a.id, a.category, a.organisation_id, o.name AS unit, v.subject, v.shows_from, v.shows_until, a.published_at
"""
FILES = """
SELECT f.id, f.name, f.media_type, f.size, f.sha256
FROM announcement_versions v CROSS JOIN unnest(v.files) WITH ORDINALITY AS named (id, place)
JOIN announcement_files f ON f.id = named.id
WHERE v.announcement_id = :id AND v.version = :version ORDER BY place
"""


def contains(text: str | None) -> str | None:
    """The pattern of ILIKE that finds the text anywhere, its own signs taken as they stand."""
    if text is None:
        return None
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


async def search(tx: Transaction, paging: Paging, role: str | None, question: Question) -> Page[AnnouncementLine]:
    """What this role may see, the newest first. No role: what the sign-in page shows today."""
    asked = msgspec.structs.asdict(question) | {
        "category": question.category.value if question.category else None,
        "subject": contains(question.subject),
        "content": contains(question.content),
        "unit": contains(question.unit),
    }
    scope = {"today": _today(tx), "role": role}
    where = SEEN + WANTED + ("" if role is not None else PUBLIC_ONLY)
    total = await tx.scalar(f"SELECT count(*) {where}", **scope, **asked)
    rows = await tx.all(
        f"{LINE} {where} ORDER BY v.shows_from DESC, a.published_at DESC, a.id DESC LIMIT :limit OFFSET :offset",
        **scope,
        **asked,
        limit=paging.limit,
        offset=paging.offset,
    )
    return paging.of([AnnouncementLine(**_line(row)) for row in rows], total)


async def announcement(tx: Transaction, announcement_id: UUID, role: str | None) -> AnnouncementView | None:
    """The announcement as this role sees it; None when there is none for it."""
    row = await tx.one_or_none(
        f"{LINE}, v.content, v.version, v.links {SEEN} AND a.id = :id {'' if role is not None else PUBLIC_ONLY}",
        id=announcement_id,
        role=role,
        today=_today(tx),
    )
    if row is None:
        return None
    files = await files_of(tx, announcement_id, row.version)
    links = msgspec.convert(row.links, list[Link])
    return AnnouncementView(**_line(row), version=row.version, content=row.content, files=files, links=links)


async def files_of(tx: Transaction, announcement_id: UUID, version: int) -> list[FileView]:
    """The files that a version names, in its order."""
    rows = await tx.all(FILES, id=announcement_id, version=version)
    return [
        FileView(file_id=row.id, name=row.name, media_type=row.media_type, size=row.size, sha256=row.sha256)
        for row in rows
    ]


async def seen_file(tx: Transaction, announcement_id: UUID, file_id: UUID, role: str | None) -> FileContent | None:
    """A file that the published text names, for somebody who may see the text."""
    scope = "" if role is not None else PUBLIC_ONLY
    named = await tx.one_or_none(
        f"SELECT a.id {SEEN} AND a.id = :id AND :file_id = ANY(v.files) {scope}",
        id=announcement_id,
        file_id=file_id,
        role=role,
        today=_today(tx),
    )
    return None if named is None else await file_content(tx, file_id)


async def file_content(tx: Transaction, file_id: UUID) -> FileContent | None:
    """The file, whoever asks."""
    row = await tx.one_or_none(
        "SELECT name, media_type, sha256, content FROM announcement_files WHERE id = :id", id=file_id
    )
    return None if row is None else FileContent(**row._mapping)


def _line(row: Row[Any]) -> dict[str, Any]:
    return {
        "announcement_id": row.id,
        "category": Category(row.category),
        "organisation_id": row.organisation_id,
        "unit": row.unit,
        "subject": row.subject,
        "shows_from": row.shows_from,
        "shows_until": row.shows_until,
        "published_at": row.published_at,
    }


def _today(tx: Transaction) -> date:
    return tx.now.astimezone(TAIPEI).date()
