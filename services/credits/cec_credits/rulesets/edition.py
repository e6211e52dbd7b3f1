"""The book as the running processes use it: always the newest published one, without a restart.

Reading the generation costs one row; only when it has moved are the rule sets read, and only those parsed that have not
been seen before: a published version never changes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from cec_chassis.database import Transaction
from cec_credits.rulesets.book import RuleBook
from cec_credits.rulesets.load import rule_set_of
from cec_credits.rulesets.store import hold_book

GENERATION = "SELECT generation FROM rule_book"
PUBLISHED = """
SELECT b.generation, v.rule_set_id, v.version, v.format, v.document
FROM rule_book b LEFT JOIN rule_set_versions v ON v.state = 'published'
"""
"""One statement, so one snapshot: a generation is never paired with rule sets of the next."""
KNOWN_BY = """
SELECT DISTINCT ON (rule_set_id) rule_set_id, version, format, document FROM rule_set_versions
WHERE state <> 'draft' AND (published_at <= :known_by OR published_by IS NULL)
ORDER BY rule_set_id, version DESC
"""
"""What came with the service is the law as it always stood: it is taken as known since ever."""


class Edition(NamedTuple):
    """A book and the generation it is of; a standing keeps the generation it was computed with."""

    generation: int
    book: RuleBook


class Rules(ABC):
    """Where the book comes from."""

    @abstractmethod
    async def edition(self, tx: Transaction, known_by: datetime | None = None) -> Edition:
        """The book for what this transaction sees; with `known_by` as it was published at that moment."""

    async def held(self, tx: Transaction) -> Edition:
        """The same, and nothing is published before the transaction ends: for whoever stores what they compute."""
        await hold_book(tx)
        return await self.edition(tx)


class PublishedRules(Rules):
    """The versions published in the database. One for each process; may be used by many transactions at once."""

    def __init__(self) -> None:
        self._newest: Edition | None = None

    async def edition(self, tx: Transaction, known_by: datetime | None = None) -> Edition:
        """Raises RuleSetRefused if a stored document cannot be read, which its publication has ruled out."""
        generation = await tx.scalar(GENERATION)
        if known_by is not None:
            return Edition(generation, _book(await tx.all(KNOWN_BY, known_by=known_by)))
        newest = self._newest
        if newest is None or newest.generation != generation:
            newest = self._newest = await self._load(tx)
        return newest

    async def _load(self, tx: Transaction) -> Edition:
        rows = await tx.all(PUBLISHED)
        return Edition(rows[0].generation, _book([row for row in rows if row.rule_set_id is not None]))


def _book(rows: Sequence[Any]) -> RuleBook:
    return RuleBook(
        rule_set_of(row.document, row.format, f"{row.rule_set_id} version {row.version}", row.version) for row in rows
    )


class GivenRules(Rules):
    """A book that somebody has in hand, whatever the database holds."""

    def __init__(self, book: RuleBook, generation: int = 0) -> None:
        self._edition = Edition(generation, book)

    async def edition(self, tx: Transaction, known_by: datetime | None = None) -> Edition:  # noqa: ARG002 - no look-up
        """Always this one."""
        return self._edition
