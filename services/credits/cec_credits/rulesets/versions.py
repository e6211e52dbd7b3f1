"""Reading and writing versions of rule sets: the rows behind drafts and publications."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from cec_chassis.database import Transaction
from cec_credits.rulesets.domain import RuleSet
from cec_credits.rulesets.load import rule_set_of

Format = Literal["toml", "json"]
State = Literal["draft", "published", "superseded"]

COLUMNS = """rule_set_id, version, regulation, effective_from, format, document, digest, state, revision, note,
       drafted_by, drafted_at, checked_at, published_by, published_at, reason"""
ALL = f"SELECT {COLUMNS} FROM rule_set_versions"
OF_ONE = f"{ALL} WHERE rule_set_id = :id ORDER BY version DESC"
DRAFT = f"{ALL} WHERE rule_set_id = :id AND state = 'draft'"
DRAFTS = f"{ALL} WHERE state = 'draft' ORDER BY effective_from, rule_set_id"
PUBLISHED = f"{ALL} WHERE state = 'published' ORDER BY effective_from, rule_set_id"
INSERT = """
INSERT INTO rule_set_versions (rule_set_id, version, regulation, effective_from, format, document, digest, state,
                               revision, note, drafted_by, drafted_at, checked_at, published_by, published_at, reason)
SELECT :id, coalesce(max(version), 0) + 1, :regulation, :effective_from, :format, :document, :digest, :state,
       1, :note, :drafted_by, :now, :checked_at, :published_by, :published_at, :reason
FROM rule_set_versions WHERE rule_set_id = :id
"""
MOVE_BOOK = "UPDATE rule_book SET generation = generation + 1, changed_at = :now RETURNING generation"
CHANGE = """
INSERT INTO rule_changes AS c (profession, generation, changed_at, newcomers, marked_through)
SELECT profession, :generation, CAST(:now AS timestamptz), true, CAST(:start AS uuid)
FROM unnest(CAST(:professions AS text[])) AS profession ORDER BY profession
ON CONFLICT (profession) DO UPDATE
SET generation = excluded.generation, changed_at = excluded.changed_at, marked_through = excluded.marked_through,
    newcomers = c.newcomers AND c.marked_through IS NOT NULL
"""
"""A profession that no rule set covered before has newcomers: people with attendance and without a standing."""
START = UUID(int=0)
"""Below every practitioner's id: marking begins here."""


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a rule set, with who did what to it and when. Null accounts: it came with the service.

    ``document`` is the text exactly as it was handed in, ``digest`` its SHA-256. ``revision`` counts the edits of a draft.
    """

    rule_set_id: str
    version: int
    regulation: str
    effective_from: date
    format: Format
    document: str
    digest: str
    state: State
    revision: int
    note: str
    drafted_by: UUID | None
    drafted_at: datetime
    checked_at: datetime | None
    published_by: UUID | None
    published_at: datetime | None
    reason: str

    @property
    def source(self) -> str:
        """What faults of the document are told under."""
        return f"{self.rule_set_id} version {self.version}"

    def parsed(self) -> RuleSet:
        """Raises RuleSetRefused, which cannot be for a text that has been accepted before."""
        return rule_set_of(self.document, self.format, self.source, self.version)


def digest_of(text: str) -> str:
    """The SHA-256 of a document as it stands."""
    return hashlib.sha256(text.encode()).hexdigest()


async def find(tx: Transaction, sql: str, **parameters: Any) -> list[Version]:
    """The versions a query of this module finds."""
    return [Version(**row._mapping) for row in await tx.all(sql, **parameters)]


async def add(
    tx: Transaction, rule_set: RuleSet, text: str, written_in: Format, state: State, note: str, reason: str = ""
) -> None:
    """A new version of its rule set, in the next number."""
    actor = tx.actor.account_id if tx.actor else None
    published = state == "published"
    await tx.execute(
        INSERT,
        id=rule_set.id,
        regulation=rule_set.regulation,
        effective_from=rule_set.effective_from,
        format=written_in,
        document=text,
        digest=digest_of(text),
        state=state,
        note=note,
        drafted_by=actor,
        now=tx.now,
        checked_at=tx.now if published else None,
        published_by=actor if published else None,
        published_at=tx.now if published else None,
        reason=reason,
    )


async def move_book(tx: Transaction, professions: Iterable[str]) -> int:
    """The book has changed for these professions: its new generation, and everybody in them is to be marked."""
    generation = int(await tx.scalar(MOVE_BOOK, now=tx.now))
    await tx.execute(CHANGE, generation=generation, now=tx.now, start=START, professions=sorted(set(professions)))
    return generation
