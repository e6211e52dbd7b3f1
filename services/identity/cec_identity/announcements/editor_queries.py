"""What writers are told: every text of an announcement, when which was published, and how its mails go."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec

from cec_chassis.database import Transaction
from cec_chassis.http import Page, Paging
from cec_contracts.vocabulary import AccountRole
from cec_identity.announcements.domain import Category, Link, State
from cec_identity.announcements.queries import FileView


class EditedLine(msgspec.Struct, kw_only=True):
    """A line of the editor's list, with the newest subject."""

    announcement_id: UUID
    category: Category
    organisation_id: UUID | None
    state: State
    version: int
    published: int | None
    subject: str
    written_at: datetime


class VersionView(msgspec.Struct, kw_only=True):
    """One text, as it was written."""

    version: int
    subject: str
    content: str
    audience: list[AccountRole]
    public: bool
    shows_from: date
    shows_until: date | None
    files: list[UUID]
    links: list[Link]
    written_by: UUID
    written_at: datetime


class PublicationView(msgspec.Struct, kw_only=True):
    """Version `version` was published; null: what was published was withdrawn."""

    version: int | None
    at: datetime
    by: UUID
    reason: str


class MailingView(msgspec.Struct, kw_only=True):
    """Mails about a version: how many are queued or sent so far. `end_reason` done, withdrawn or superseded."""

    version: int
    not_before: datetime
    queued: int
    ended_at: datetime | None
    end_reason: str | None


class EditedView(EditedLine, kw_only=True):
    """Everything about an announcement, the newest first."""

    versions: list[VersionView]
    publications: list[PublicationView]
    mailings: list[MailingView]
    files: list[FileView]


LINES = """
FROM announcements a JOIN announcement_versions v ON v.announcement_id = a.id AND v.version = a.version
WHERE (CAST(:organisation_id AS uuid) IS NULL OR a.organisation_id = :organisation_id)
  AND (CAST(:state AS text) IS NULL OR a.state = :state)
  AND (CAST(:category AS text) IS NULL OR a.category = :category)
  AND (CAST(:id AS uuid) IS NULL OR a.id = :id)
"""
COLUMNS = """
SELECT a.id AS announcement_id, a.category, a.organisation_id, a.state, a.version, a.published, v.subject, a.written_at
"""
VERSIONS = """
SELECT version, subject, content, audience, public, shows_from, shows_until, files, links, written_by, written_at
FROM announcement_versions WHERE announcement_id = :id ORDER BY version DESC
"""
PUBLICATIONS = """
SELECT version, at, by, reason FROM announcement_publications WHERE announcement_id = :id ORDER BY number DESC
"""
MAILINGS = """
SELECT version, not_before, queued, ended_at, end_reason FROM announcement_mailings
WHERE announcement_id = :id ORDER BY version DESC
"""
UPLOADED = """
SELECT id AS file_id, name, media_type, size, sha256 FROM announcement_files WHERE announcement_id = :id ORDER BY id DESC
"""


async def edited_page(
    tx: Transaction, paging: Paging, organisation_id: UUID | None, state: State | None, category: Category | None
) -> Page[EditedLine]:
    """Of one unit or of all, the newest first."""
    asked = {
        "organisation_id": organisation_id,
        "state": state.value if state else None,
        "category": category.value if category else None,
        "id": None,
    }
    total = await tx.scalar(f"SELECT count(*) {LINES}", **asked)
    rows = await tx.all(
        f"{COLUMNS} {LINES} ORDER BY a.written_at DESC, a.id DESC LIMIT :limit OFFSET :offset",
        **asked,
        limit=paging.limit,
        offset=paging.offset,
    )
    return paging.of([msgspec.convert(row._mapping, EditedLine, strict=False) for row in rows], total)


async def edited(tx: Transaction, announcement_id: UUID) -> EditedView | None:
    """The announcement with its whole history; None when there is none."""
    asked = {"organisation_id": None, "state": None, "category": None, "id": announcement_id}
    row = await tx.one_or_none(f"{COLUMNS} {LINES}", **asked)
    if row is None:
        return None
    parts = {
        name: [dict(part._mapping) for part in await tx.all(sql, id=announcement_id)]
        for name, sql in {
            "versions": VERSIONS,
            "publications": PUBLICATIONS,
            "mailings": MAILINGS,
            "files": UPLOADED,
        }.items()
    }
    return msgspec.convert(dict(row._mapping) | parts, EditedView, strict=False)
