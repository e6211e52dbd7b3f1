"""What holds for every case, whatever its records."""

from __future__ import annotations

import os
import random
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.unit.credits.building import TAIPEI
from tests.unit.credits.test_duplicates import book_with

from cec_credits.rulesets.document import OverlapPolicy
from cec_credits.rulesets.load import bundled
from cec_credits.statements.admission import VOID_REASONS
from cec_credits.statements.answer import Answer, answer_of, total_lost
from cec_credits.statements.domain import ZERO, Case, Licence, Period, PracticeArea, Record, State, Statement
from cec_credits.statements.evaluate import evaluate

METHODS = [*(f"M{n:02d}" for n in range(1, 14)), "L-TEACH"]
ROLES = ["learner", "learner", "learner", "lecturer", "presenter", "special_lecturer", "first_author", "second_author"]
AREAS = ["ordinary", "remote", "offshore"]
FIRST, LAST = date(2004, 1, 1), date(2026, 12, 31)
LEDGERS = 100_000 if os.environ.get("HYPOTHESIS_PROFILE") == "long" else settings().max_examples
"""How many the one invariant on which every statement rests is tried with; in a long run, far more than the others."""
_tried = count(1)
TELL_EVERY = 10_000
"""So that whoever waits for the long run sees how far it is."""
AMOUNT = st.integers(0, 5000).map(lambda cents: Decimal(cents).scaleb(-2))


@st.composite
def records(draw: st.DrawFn, name: str = "") -> Record:
    """Any record, also absurd ones, around a few days so that caps, doubles and overlaps happen."""
    ends_on = FIRST + timedelta(days=draw(st.integers(0, (LAST - FIRST).days)))
    starts = datetime(ends_on.year, ends_on.month, ends_on.day, draw(st.integers(7, 18)), 0, tzinfo=TAIPEI)
    return Record(
        id=name or f"r{draw(st.integers(0, 10**6))}",
        method=draw(st.sampled_from(METHODS)),
        role=draw(st.sampled_from(ROLES)),
        attribute=draw(st.sampled_from(["professional", "professional", "quality", "ethics", "regulations"])),
        starts_at=starts,
        ends_at=starts + timedelta(minutes=draw(st.integers(0, 300))),
        ends_on=ends_on,
        minutes=draw(st.none() | st.integers(0, 600)),
        quantity=draw(st.none() | st.integers(0, 40).map(Decimal)),
        points=draw(st.none() | st.none() | AMOUNT),
        infection_control=draw(st.booleans()),
        gender=draw(st.booleans()),
        item=draw(st.sampled_from([None, None, "p1", "p2"])),
        original=draw(st.booleans()),
        international=draw(st.booleans()),
        period=draw(st.sampled_from([None, None, "110-1"])),
        profession=draw(st.sampled_from([None, None, None, "A"])),
        course=draw(st.sampled_from([None, None, "c1", "c2", "c3"])),
        individual=draw(st.booleans()),
        void=draw(st.none() | st.none() | st.none() | st.sampled_from(sorted(VOID_REASONS))),
    )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Any case of any profession on any day that some rule set covers."""
    profession = draw(st.sampled_from(bundled().professions()))
    covered_since = bundled().chain(profession)[0].document.effective_from
    as_of = covered_since + timedelta(days=draw(st.integers(0, (LAST - covered_since).days)))
    end = as_of + timedelta(days=draw(st.integers(-400, 2200)))
    extended = draw(st.none() | st.integers(0, 700).map(lambda days: end + timedelta(days=days)))
    licence = draw(st.sampled_from([Licence(None, end, extended), Licence(end - timedelta(days=2190), end), None]))
    found = draw(st.lists(records(), max_size=40, unique_by=lambda each: each.id))
    areas = tuple(
        PracticeArea(FIRST + timedelta(days=draw(st.integers(0, 6000))), area)
        for area in draw(st.lists(st.sampled_from(AREAS), max_size=3))
    )
    return Case(profession=profession, as_of=as_of, licence=licence, records=found, practice_areas=areas)


def outcome(statement: Statement) -> dict[str, object]:
    """What became of every record."""
    return {
        each.record.id: (each.state, each.raw, each.valid, each.counted, [(x.step, x.reason) for x in each.losses])
        for each in statement.entries
    }


@settings(max_examples=LEDGERS)
@given(cases(), st.sampled_from(["flag", "invalidate", "reject"]))
def test_counted_and_lost_make_up_the_whole_worth_of_every_record_and_of_all(case: Case, policy: OverlapPolicy) -> None:
    if (number := next(_tried)) % TELL_EVERY == 0:
        print(f"{number:,} / {LEDGERS:,}", flush=True)
    statement = evaluate(case, book_with(policy))
    for entry in statement.entries:
        assert entry.counted + total_lost(entry) == entry.raw
        assert ZERO <= entry.counted <= entry.valid <= entry.raw
        assert all(loss.amount >= 0 for loss in entry.losses)
        assert entry.raw.as_tuple().exponent == -2
    lost = sum((total_lost(entry) for entry in statement.entries), ZERO)
    assert statement.counted + lost == statement.raw
    assert (
        statement.valid + statement.invalid + statement.pending + statement.out_of_window + statement.excluded
        == statement.raw
    )
    assert statement.professional + statement.quality_ethics_regulations == statement.valid
    beyond = sum((x.amount for each in statement.entries for x in each.losses if x.step == "group_cap"), ZERO)
    assert statement.counted == statement.valid - beyond


@given(cases())
def test_what_counts_is_the_professional_part_and_the_limited_group_up_to_its_cap(case: Case) -> None:
    statement = evaluate(case, bundled())
    cap = statement.standard.limited.cap
    limited = statement.quality_ethics_regulations
    assert statement.counted == statement.professional + (limited if cap is None else min(limited, cap))
    total = statement.requirements[0]
    assert total.met == (statement.counted >= total.target)
    if total.met and cap is not None:
        assert statement.requirements[1].met


@given(cases())
def test_no_cap_is_ever_exceeded(case: Case) -> None:
    statement = evaluate(case, bundled())
    by_method = statement.by_method()
    total = statement.standard.total.points / statement.profile.total_share
    for limits in statement.rules.window_limits.values():
        for limit in limits:
            assert sum((by_method[m].valid for m in limit.methods if m in by_method), ZERO) <= limit.room(total)


@given(cases(), st.randoms(use_true_random=False), st.sampled_from(["flag", "invalidate", "reject"]))
def test_the_order_in_which_records_are_given_does_not_matter(
    case: Case, chance: random.Random, policy: OverlapPolicy
) -> None:
    shuffled = list(case.records)
    chance.shuffle(shuffled)
    one = evaluate(case, book_with(policy))
    other = evaluate(msgspec.structs.replace(case, records=shuffled), book_with(policy))
    assert answer_of(one) == answer_of(other)


@given(cases(), st.lists(records(), max_size=5))
def test_records_that_are_added_later_change_nothing_of_earlier_ones(case: Case, more: list[Record]) -> None:
    last = max((each.ends_on for each in case.records), default=FIRST)
    later = [
        msgspec.structs.replace(
            each,
            id=f"z{at}",
            starts_at=each.starts_at + (last - each.ends_on) + timedelta(days=1),
            ends_at=each.ends_at + (last - each.ends_on) + timedelta(days=1),
            ends_on=last + timedelta(days=1),
            course=None,
            item=None,
        )
        for at, each in enumerate(more)
    ]
    before = outcome(evaluate(case, bundled()))
    after = outcome(evaluate(msgspec.structs.replace(case, records=[*case.records, *later]), bundled()))
    assert {name: after[name] for name in before} == before


def of_any_day(statement: Statement) -> Answer:
    """The answer without what may move from day to day before it changes: the day itself and the window's end."""
    return msgspec.structs.replace(answer_of(statement), as_of=FIRST, window=Period(statement.window.since, FIRST))


@given(cases(), st.integers(1, 3000))
def test_until_the_day_it_names_the_answer_does_not_change_by_itself(case: Case, days: int) -> None:
    today = evaluate(case, bundled())
    then = evaluate(msgspec.structs.replace(case, as_of=next_look(today, days)), bundled())
    if case.licence is not None:
        assert of_any_day(today) == of_any_day(then)


@given(cases(), st.integers(1, 3000), st.sampled_from(["registration", "re_entry"]))
def test_where_the_window_moves_no_record_changes_its_place_until_the_day_it_names(
    case: Case, days: int, profile: str
) -> None:
    assume(bundled().rules_on(case.profession, case.as_of).profile(profile) is not None)
    case = msgspec.structs.replace(case, profile=profile)
    today = evaluate(case, bundled())
    then = evaluate(msgspec.structs.replace(case, as_of=next_look(today, days)), bundled())
    assert outcome(today) == outcome(then)
    assert (today.valid, today.counted, today.met, today.changes_on) == (
        then.valid,
        then.counted,
        then.met,
        then.changes_on,
    )


def next_look(statement: Statement, days: int) -> date:
    """Some day after the statement's own, before the one on which it may change."""
    later = statement.case.as_of + timedelta(days=days)
    if statement.changes_on is None:
        return later
    assert statement.changes_on > statement.case.as_of
    return min(later, statement.changes_on - timedelta(days=1))


def test_an_answer_that_no_passing_of_time_can_change_names_no_day() -> None:
    case = Case("J", date(2023, 6, 1), Licence(date(2017, 1, 1), date(2023, 1, 1)), [])
    assert evaluate(case, bundled()).changes_on is None


@pytest.mark.parametrize(
    ("as_of", "changes_on"),
    [
        (date(2016, 7, 7), date(2016, 10, 7)),
        (date(2016, 12, 1), date(2016, 12, 6)),
        (date(2016, 12, 5), date(2016, 12, 6)),
        (date(2016, 12, 6), date(2017, 1, 1)),
        (date(2017, 1, 1), date(2022, 8, 26)),
    ],
)
def test_the_next_change_is_a_rule_set_a_transition_or_the_windows_close(as_of: date, changes_on: date) -> None:
    case = Case("D", as_of, Licence(date(2011, 4, 15), date(2016, 12, 5)), [])
    assert evaluate(case, bundled()).changes_on == changes_on


@given(cases())
def test_every_answer_can_be_written_out_and_read_again(case: Case) -> None:
    text = msgspec.json.encode(answer_of(evaluate(case, bundled())))
    read = msgspec.json.decode(text)
    assert all(isinstance(read[name], str) for name in ("valid", "invalid", "pending", "counted", "professional"))
    for entry in read["entries"]:
        for told in (*entry["losses"], *entry["notes"]):
            assert told["detail"]["zh"]
            assert told["detail"]["en"]
            assert "{" not in told["detail"]["zh"] + told["detail"]["en"]


@given(cases())
def test_pending_is_what_has_not_ended(case: Case) -> None:
    for entry in evaluate(case, bundled()).entries:
        if entry.state is State.PENDING:
            assert entry.record.ends_on > case.as_of
        elif entry.state in {State.VALID, State.PARTLY_VALID}:
            assert entry.record.ends_on <= case.as_of
