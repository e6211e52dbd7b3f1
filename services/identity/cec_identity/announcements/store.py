"""Tables of announcements; one for change, its versions, publications and files. Texts are appended, never changed."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Row,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from cec_chassis.database import Transaction
from cec_chassis.ids import new_id
from cec_contracts.vocabulary import AccountRole
from cec_identity.announcements.domain import Announcement, Category, Link, State, Words
from cec_identity.announcements.files import CheckedFile
from cec_identity.tables import metadata

announcements = Table(
    "announcements",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("category", Text, nullable=False),
    Column("organisation_id", Uuid, ForeignKey("organisations.id")),
    Column("state", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("published", Integer),
    Column("published_at", DateTime(timezone=True)),
    Column("written_at", DateTime(timezone=True), nullable=False),
    Index("announcements_published", "published_at", postgresql_where=text("state = 'published'")),
    Index("announcements_by_organisation", "organisation_id"),
)
announcement_versions = Table(
    "announcement_versions",
    metadata,
    Column("announcement_id", Uuid, ForeignKey("announcements.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("subject", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("audience", ARRAY(Text), nullable=False),
    Column("public", Boolean, nullable=False),
    Column("shows_from", Date, nullable=False),
    Column("shows_until", Date),
    Column("files", ARRAY(Uuid), nullable=False),
    Column("links", JSONB, nullable=False, server_default=text("'[]'")),
    Column("written_by", Uuid, nullable=False),
    Column("written_at", DateTime(timezone=True), nullable=False),
)
announcement_publications = Table(
    "announcement_publications",
    metadata,
    Column("announcement_id", Uuid, ForeignKey("announcements.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("version", Integer),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("by", Uuid, nullable=False),
    Column("reason", Text, nullable=False),
)
announcement_files = Table(
    "announcement_files",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("announcement_id", Uuid, ForeignKey("announcements.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("uploaded_by", Uuid, nullable=False),
    Column("uploaded_at", DateTime(timezone=True), nullable=False),
    Index("announcement_files_by_announcement", "announcement_id"),
)
announcement_mailings = Table(
    "announcement_mailings",
    metadata,
    Column("announcement_id", Uuid, ForeignKey("announcements.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("not_before", DateTime(timezone=True), nullable=False),
    Column("queued_to", Uuid),
    Column("queued", BigInteger, nullable=False, server_default=text("0")),
    Column("ended_at", DateTime(timezone=True)),
    Column("end_reason", Text),
    Index("announcement_mailings_open", "not_before", postgresql_where=text("ended_at IS NULL")),
)

WORDS = "v.subject, v.content, v.audience, v.public, v.shows_from, v.shows_until, v.files, v.links"
FOR_CHANGE = f"""
SELECT a.id, a.category, a.organisation_id, a.state, a.version, a.published, {WORDS}
FROM announcements a JOIN announcement_versions v ON v.announcement_id = a.id AND v.version = a.version
WHERE a.id = :id FOR UPDATE OF a
"""
INSERT_VERSION = """
INSERT INTO announcement_versions (announcement_id, version, subject, content, audience, public, shows_from, shows_until,
                                   files, links, written_by, written_at)
VALUES (:id, :version, :subject, :content, CAST(:audience AS text[]), :public, :shows_from, :shows_until,
        CAST(:files AS uuid[]), CAST(:links AS jsonb), :by, :now)
"""
INSERT_PUBLICATION = """
INSERT INTO announcement_publications (announcement_id, number, version, at, by, reason)
SELECT :id, coalesce(max(number), 0) + 1, :version, :now, :by, :reason
FROM announcement_publications WHERE announcement_id = :id
"""
INSERT_FILE = """
INSERT INTO announcement_files (id, announcement_id, name, media_type, size, sha256, content, uploaded_by, uploaded_at)
VALUES (:id, :announcement_id, :name, :media_type, :size, :sha256, :content, :by, :now)
"""


def words_of(row: Row[Any]) -> Words:
    """A row with WORDS as the value."""
    return Words(
        subject=row.subject,
        content=row.content,
        audience=frozenset(AccountRole(role) for role in row.audience),
        public=row.public,
        shows_from=row.shows_from,
        shows_until=row.shows_until,
        files=tuple(row.files),
        links=msgspec.convert(row.links, tuple[Link, ...]),
    )


async def announcement_for_change(tx: Transaction, announcement_id: UUID) -> Announcement | None:
    """The announcement with its newest words, which nobody else can change until `tx` ends."""
    row = await tx.one_or_none(FOR_CHANGE, id=announcement_id)
    if row is None:
        return None
    return Announcement(
        announcement_id=row.id,
        category=Category(row.category),
        organisation_id=row.organisation_id,
        state=State(row.state),
        version=row.version,
        published=row.published,
        words=words_of(row),
    )


async def insert_announcement(tx: Transaction, announcement: Announcement) -> None:
    """A new one, with its first words."""
    await tx.execute(
        """
        INSERT INTO announcements (id, category, organisation_id, state, version, written_at)
        VALUES (:id, :category, :organisation_id, :state, :version, :now)
        """,
        id=announcement.announcement_id,
        category=announcement.category.value,
        organisation_id=announcement.organisation_id,
        state=announcement.state.value,
        version=announcement.version,
        now=tx.now,
    )
    await insert_words(tx, announcement)


async def insert_words(tx: Transaction, announcement: Announcement) -> None:
    """The newest words, under the announcement's version."""
    words = announcement.words
    await tx.execute(
        INSERT_VERSION,
        id=announcement.announcement_id,
        version=announcement.version,
        subject=words.subject,
        content=words.content,
        audience=sorted(words.audience),
        public=words.public,
        shows_from=words.shows_from,
        shows_until=words.shows_until,
        files=list(words.files),
        links=msgspec.json.encode(words.links).decode(),
        by=tx.actor.account_id,
        now=tx.now,
    )


async def save_announcement(tx: Transaction, announcement: Announcement, reason: str | None = None) -> None:
    """State and versions. With a reason the change is a publication (or a withdrawal), and the history keeps it."""
    await tx.execute(
        """
        UPDATE announcements
        SET state = :state, version = :version, published = :published, written_at = :now,
            published_at = CASE WHEN :is_news AND CAST(:published AS integer) IS NOT NULL
                                THEN coalesce(published_at, :now) ELSE published_at END
        WHERE id = :id
        """,
        id=announcement.announcement_id,
        state=announcement.state.value,
        version=announcement.version,
        published=announcement.published,
        is_news=reason is not None,
        now=tx.now,
    )
    if reason is not None:
        await tx.execute(
            INSERT_PUBLICATION,
            id=announcement.announcement_id,
            version=announcement.published,
            by=tx.actor.account_id,
            reason=reason,
            now=tx.now,
        )


async def insert_file(tx: Transaction, announcement_id: UUID, file: CheckedFile, sha256: str) -> UUID:
    """The new file's id."""
    file_id = new_id()
    await tx.execute(
        INSERT_FILE,
        id=file_id,
        announcement_id=announcement_id,
        name=file.name,
        media_type=file.media_type,
        size=len(file.content),
        sha256=sha256,
        content=file.content,
        by=tx.actor.account_id,
        now=tx.now,
    )
    return file_id


async def count_files(tx: Transaction, announcement_id: UUID) -> int:
    """How many were ever uploaded for it."""
    return int(
        await tx.scalar("SELECT count(*) FROM announcement_files WHERE announcement_id = :id", id=announcement_id)
    )


async def files_known(tx: Transaction, announcement_id: UUID, files: Collection[UUID]) -> set[UUID]:
    """Of these files those that were uploaded for this announcement."""
    rows = await tx.all(
        "SELECT id FROM announcement_files WHERE announcement_id = :id AND id = ANY(CAST(:files AS uuid[]))",
        id=announcement_id,
        files=list(files),
    )
    return {row.id for row in rows}
