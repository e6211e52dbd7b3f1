"""The cases of marked people: of a few as a statement reads them, of many each course once for all who sat in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from cec_chassis.database import Transaction
from cec_credits.statements.courses import Courses, by_key, read_approvals, read_attended
from cec_credits.statements.domain import Case
from cec_credits.statements.facts import Key, Person, load_cases, load_people

FEW: Final = 8
"""Up to so many it is cheaper to let the database join the approvals than to ask for them in a query of their own."""


async def load_marked(tx: Transaction, keys: Sequence[Key], today: date) -> list[tuple[Person, Case]]:
    """A case for each of these whose practitioner is known here; one whose news has not arrived yet is left out."""
    if len(keys) <= FEW:
        return await load_cases(tx, keys, today)
    people = await load_people(tx, list({practitioner for practitioner, _ in keys}))
    standing_for = [(member, person.practitioner_id) for person in people.values() for member in person.members]
    attended = await read_attended(tx, standing_for)
    courses = Courses(0)
    missing = courses.missing(attended)
    courses.learn(missing, await read_approvals(tx, missing))
    theirs = by_key(attended)
    return [
        (people[key[0]], people[key[0]].case(key[1], today, courses.records(theirs.get(key, ()))))
        for key in keys
        if key[0] in people
    ]
