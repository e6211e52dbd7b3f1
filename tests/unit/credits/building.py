"""Builders of cases: a test says what matters to it and nothing else."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from cec_credits.rulesets.book import RuleBook
from cec_credits.rulesets.load import bundled
from cec_credits.statements.domain import Case, Entry, Licence, PracticeArea, Record, Statement
from cec_credits.statements.evaluate import evaluate

TAIPEI = ZoneInfo("Asia/Taipei")


def day(text: str) -> date:
    """A date written ``2022-08-26``."""
    return date.fromisoformat(text)


def record(
    name: str = "r1",
    method: str = "M01",
    role: str = "learner",
    attribute: str = "professional",
    *,
    on: str = "2020-05-04",
    at: str = "09:00",
    until: str | None = None,
    lasts: int | None = None,
    **rest: Any,
) -> Record:
    """A record that ends on a day in Taipei; without a measure it has 50 minutes, one quantity."""
    starts = datetime.combine(day(on), time.fromisoformat(at), TAIPEI)
    minutes = rest.get("minutes")
    ends = starts + timedelta(minutes=lasts or minutes or 50)
    if until is not None:
        ends = datetime.combine(day(on), time.fromisoformat(until), TAIPEI)
    for measure in ("quantity", "points"):
        if rest.get(measure) is not None:
            rest[measure] = Decimal(str(rest[measure]))
    if not {"minutes", "quantity", "points"} & rest.keys():
        rest |= {"minutes": 50, "quantity": Decimal(1)}
    return Record(
        id=name,
        method=method,
        role=role,
        attribute=attribute,
        starts_at=starts,
        ends_at=ends,
        ends_on=ends.astimezone(TAIPEI).date(),
        **rest,
    )


def case(*records: Record, profession: str = "J", as_of: str = "2022-10-01", **rest: Any) -> Case:
    """A medical technologist, licence from 2017-01-01 to 2023-01-01, ordinary area, as of 2022-10-01."""
    licence = rest.pop("licence", ("2017-01-01", "2023-01-01"))
    if licence is not None:
        valid_from, valid_until, *extended = licence
        licence = Licence(valid_from and day(valid_from), day(valid_until), *map(day, extended))
    areas = tuple(PracticeArea(day(since), area) for since, area in rest.pop("areas", (("2000-01-01", "ordinary"),)))
    return Case(
        profession=profession, as_of=day(as_of), licence=licence, records=list(records), practice_areas=areas, **rest
    )


def state(*records: Record, book: RuleBook | None = None, **rest: Any) -> Statement:
    """The statement of :func:`case`."""
    return evaluate(case(*records, **rest), book or bundled())


def entry(statement: Statement, name: str = "r1") -> Entry:
    """The entry of one record."""
    return next(each for each in statement.entries if each.record.id == name)


def points(statement: Statement, name: str = "r1") -> str:
    """What one record would be worth, as a string."""
    return str(entry(statement, name).raw)


def totals(statement: Statement) -> tuple[str, str]:
    """Valid and invalid, as strings."""
    return str(statement.valid), str(statement.invalid)


def losses(statement: Statement, name: str = "r1") -> list[tuple[str, str, str]]:
    """Step, reason and amount of each loss of one record."""
    return [(loss.step, loss.reason, str(loss.amount)) for loss in entry(statement, name).losses]
