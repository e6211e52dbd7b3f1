"""How fast the engine is: `python -m tests.load.engine`. One core, best of several rounds, CPU time, no I/O."""

from __future__ import annotations

import platform
import random
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from cec_credits.rulesets.book import RuleBook
from cec_credits.rulesets.load import bundled
from cec_credits.statements.answer import answer_of
from cec_credits.statements.domain import Case, Licence, PracticeArea, Record
from cec_credits.statements.evaluate import evaluate

TAIPEI = ZoneInfo("Asia/Taipei")
METHODS = ["M01"] * 6 + ["M02", "M03", "M04", "M05", "M05", "M06"]
ATTRIBUTES = ["professional"] * 4 + ["quality", "ethics", "regulations"]
ROUNDS, REPEATS = 15, 40


def a_case(records: int, *, approved: bool, seed: int = 1) -> Case:
    """A nurse who moved to a remote area halfway, with so many records of every usual kind."""
    chance = random.Random(seed)
    return Case(
        profession="F",
        as_of=date(2022, 10, 1),
        licence=Licence(date(2017, 1, 1), date(2023, 1, 1)),
        records=[_record(chance, at, approved) for at in range(records)],
        practice_areas=(PracticeArea(date(2000, 1, 1), "ordinary"), PracticeArea(date(2020, 1, 1), "remote")),
    )


def _record(chance: random.Random, at: int, approved: bool) -> Record:
    ends_on = date(2018, 1, 1) + timedelta(days=chance.randrange(1800))
    starts_at = datetime(ends_on.year, ends_on.month, ends_on.day, 9, 0, tzinfo=TAIPEI)
    minutes = chance.choice([50, 100, 120, 150, 180, 200, 240, 300])
    method = chance.choice(METHODS)
    return Record(
        id=f"r{at:04d}",
        method=method,
        role="learner",
        attribute=chance.choice(ATTRIBUTES),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=minutes),
        ends_on=ends_on,
        minutes=None if approved or method in {"M05", "M06"} else minutes,
        quantity=None if approved else Decimal(1),
        points=(Decimal(minutes) / 50).quantize(Decimal("0.01")) if approved else None,
        infection_control=chance.random() < 0.05,
        gender=chance.random() < 0.05,
        course=f"c{at}",
    )


def best(work: Callable[[], Any]) -> float:
    """Milliseconds of CPU for one call: the quickest of several rounds."""
    work()
    seconds = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        for _ in range(REPEATS):
            work()
        seconds.append((time.process_time() - begun) / REPEATS)
    return min(seconds) * 1000


def as_json(case: Case, book: RuleBook) -> bytes:
    """The whole answer with every citation and every sentence in both languages."""
    return msgspec.json.encode(answer_of(evaluate(case, book)))


def main() -> None:
    """Print one line per size: by the rate table, by approved points, and with every text written out as JSON."""
    book = bundled()
    print(
        f"engine, {platform.python_implementation()} {platform.python_version()}, milliseconds of CPU, best of {ROUNDS}"
    )
    print(f"{'records':>8} {'by rate':>9} {'approved':>9} {'+ answer as JSON':>17}")
    for size in (1, 60, 200, 1000):
        rated, approved = a_case(size, approved=False), a_case(size, approved=True)
        figures = (
            best(partial(evaluate, rated, book)),
            best(partial(evaluate, approved, book)),
            best(partial(as_json, rated, book)),
        )
        print(f"{size:>8} {figures[0]:>9.3f} {figures[1]:>9.3f} {figures[2]:>17.3f}")


if __name__ == "__main__":
    main()
