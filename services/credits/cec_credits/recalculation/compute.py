"""From cases to standings: everybody is evaluated apart, and one person's broken data stops nobody else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple
from uuid import UUID

import structlog

from cec_credits.recalculation.standings import NewStanding
from cec_credits.rulesets.book import NoRuleInForce, RuleBook, UnknownProfession
from cec_credits.statements.domain import Case
from cec_credits.statements.evaluate import evaluate
from cec_credits.statements.facts import Person

log = structlog.get_logger(__name__)


class Failed(NamedTuple):
    """Whose evaluation failed, and how."""

    practitioner_id: UUID
    profession: str
    error: str


class Awaited(NamedTuple):
    """Who has no standing yet, because the first rules of their profession come into force on that day."""

    practitioner_id: UUID
    profession: str
    due_on: date


class Computed(NamedTuple):
    """What came of some cases. A category that no rule set covers is in none of the three."""

    found: list[NewStanding]
    failed: list[Failed]
    awaited: list[Awaited]


def compute(cases: Iterable[tuple[Person, Case]], book: RuleBook) -> Computed:
    """Pure but for the log, which names everybody whose evaluation failed."""
    done = Computed([], [], [])
    done.found.extend(standings_of(cases, book, done.failed, done.awaited))
    return done


def standings_of(
    cases: Iterable[tuple[Person, Case]], book: RuleBook, failed: list[Failed], awaited: list[Awaited]
) -> Iterator[NewStanding]:
    """The same one by one, for whoever need not hold them all; adds to `failed` and `awaited` on the way."""
    for person, case in cases:
        try:
            yield NewStanding.of(person, evaluate(case, book))
        except UnknownProfession:
            continue
        except NoRuleInForce as error:
            awaited.append(Awaited(person.practitioner_id, case.profession, error.since))
        except Exception as error:  # noqa: BLE001 - one person's broken data must not stop everybody else's points
            log.error("recalculation.failed", practitioner=str(person.practitioner_id), error=repr(error))
            failed.append(Failed(person.practitioner_id, case.profession, repr(error)))
