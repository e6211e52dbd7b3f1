"""Cases of many people for a batch: their attendances by kind, and every approval read once for all of them."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from cec_chassis.database import Transaction
from cec_credits.batch.domain import Question
from cec_credits.practitioners.merges import merges_of
from cec_credits.statements.courses import Attended, Courses, by_key, read_approvals, read_attended
from cec_credits.statements.domain import Case
from cec_credits.statements.facts import Key, Person, load_cases

REMEMBERED: Final = 20_000
"""Courses of one profession and role; about 10 MB."""
TRUSTED_SECONDS: Final = 10.0
"""How long what was read of approvals is taken for true within one batch: pieces that follow one another share it."""


class Cases:
    """Loads cases; remembers approvals from one piece of a batch to the next, for some seconds."""

    def __init__(self) -> None:
        self._courses = Courses(REMEMBERED)
        self._batch: UUID | None = None
        self._read_at = 0.0

    def begin(self, batch_id: UUID) -> None:
        """Forgets what another batch has read, and what was read too long ago."""
        if self._batch != batch_id or time.monotonic() - self._read_at > TRUSTED_SECONDS:
            self._courses.forget()
            self._batch, self._read_at = batch_id, time.monotonic()

    async def rows(self, tx: Transaction, keys: Sequence[Key], question: Question) -> Any:
        """What `build` makes cases of: everything that must come from the database."""
        if question.known_by is not None:
            return await load_cases(tx, keys, question.day, question.known_by, question.period, question.profile)
        people = list({practitioner for practitioner, _ in keys})
        merges = await merges_of(tx, people)
        attended = await read_attended(tx, [(member, owner) for owner in people for member in merges.members(owner)])
        missing = self._courses.missing(attended)
        return attended, missing, await read_approvals(tx, missing)

    def build(
        self, rows: Any, keys: Sequence[Key], people: Mapping[Key, Person], question: Question
    ) -> list[tuple[Person, Case]]:
        """A case for each of these. It computes only, so it may run beside the event loop, one call at a time."""
        if question.known_by is not None:
            found: list[tuple[Person, Case]] = rows
            return found
        attended, missing, approved = rows
        self._courses.learn(missing, approved)
        theirs = by_key(attended)
        return [(people[key], self._case(key[1], people[key], theirs.get(key, []), question)) for key in keys]

    def _case(self, profession: str, person: Person, attended: list[Attended], question: Question) -> Case:
        records = self._courses.records(attended)
        return person.case(profession, question.day, records, period=question.period, profile=question.profile)
