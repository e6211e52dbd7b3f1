"""Versions of rule sets, the generation of the book they make, and for which professions it last changed.

A row that has been published is never changed again, except that a newer version of the same rule set supersedes it; a
trigger sees to that. `generation` counts publications: whoever has read it knows whether a book in memory is the newest.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
    text,
)

from cec_chassis.database import Transaction
from cec_credits.tables import metadata

rule_set_versions = Table(
    "rule_set_versions",
    metadata,
    Column("rule_set_id", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("regulation", Text, nullable=False),
    Column("effective_from", Date, nullable=False),
    Column("format", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("note", Text, nullable=False),
    Column("drafted_by", Uuid),
    Column("drafted_at", DateTime(timezone=True), nullable=False),
    Column("checked_at", DateTime(timezone=True)),
    Column("published_by", Uuid),
    Column("published_at", DateTime(timezone=True)),
    Column("reason", Text, nullable=False),
    CheckConstraint("version > 0", name="rule_set_version_positive"),
    CheckConstraint("format IN ('toml', 'json')", name="rule_set_format"),
    CheckConstraint("state IN ('draft', 'published', 'superseded')", name="rule_set_state"),
    CheckConstraint("(state = 'draft') = (published_at IS NULL)", name="rule_set_published_at"),
)
Index(
    "rule_set_one_draft",
    rule_set_versions.c.rule_set_id,
    unique=True,
    postgresql_where=text("state = 'draft'"),
)
Index(
    "rule_set_one_published",
    rule_set_versions.c.rule_set_id,
    unique=True,
    postgresql_where=text("state = 'published'"),
)
rule_book = Table(
    "rule_book",
    metadata,
    Column("the_only_one", Boolean, primary_key=True, server_default=text("true")),
    Column("generation", BigInteger, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
)
rule_changes = Table(
    "rule_changes",
    metadata,
    Column("profession", Text, primary_key=True),
    Column("generation", BigInteger, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Column("newcomers", Boolean, nullable=False),
    Column("marked_through", Uuid),
)

THE_BOOK = "SELECT pg_advisory_xact_lock(hashtextextended('cec_credits.rule_book', 2))"
THE_BOOK_SHARED = "SELECT pg_advisory_xact_lock_shared(hashtextextended('cec_credits.rule_book', 2))"


async def hold_book(tx: Transaction) -> None:
    """Nothing is published until this transaction has ended. Take it before reading the generation, not with it: a
    statement that waits has taken its snapshot already."""
    await tx.execute(THE_BOOK_SHARED)


async def hold_book_alone(tx: Transaction) -> None:
    """This transaction publishes: waits for those that hold the book, and they wait for it."""
    await tx.execute(THE_BOOK)
