"""One course, one paper, one hour count once."""

from __future__ import annotations

import msgspec
import pytest
from tests.unit.credits.building import entry, losses, record, state, totals

from cec_credits.rulesets.book import RuleBook
from cec_credits.rulesets.document import OverlapPolicy, Repetition
from cec_credits.rulesets.domain import RuleSet
from cec_credits.rulesets.load import bundled


def book_with(policy: OverlapPolicy, tolerance: int = 0) -> RuleBook:
    """All rule sets, with another policy on overlapping hours."""
    return RuleBook(
        RuleSet(
            msgspec.structs.replace(
                each.document,
                overlap=msgspec.structs.replace(each.document.overlap, policy=policy, tolerance_minutes=tolerance),
            )
        )
        for each in bundled()
    )


X = record("x", minutes=180, at="09:00", until="12:00")
Y = record("y", minutes=100, at="10:00", until="11:40")


def test_overlapping_hours_are_flagged_and_cost_nothing_by_default() -> None:
    statement = state(X, Y)
    assert totals(statement) == ("5.60", "0.00")
    assert [(note.reason, note.detail["with"]) for note in entry(statement, "x").notes] == [("OVERLAP_TIME", "y")]
    assert [(note.reason, note.detail["with"]) for note in entry(statement, "y").notes] == [("OVERLAP_TIME", "x")]


def test_where_overlaps_are_void_the_record_worth_less_is_lost() -> None:
    statement = state(X, Y, book=book_with("invalidate"))
    assert totals(statement) == ("3.60", "2.00")
    assert losses(statement, "y") == [("overlap", "OVERLAP_TIME", "2.00")]


def test_where_overlaps_are_rejected_the_later_record_is_lost() -> None:
    short_first = record("a", minutes=50, at="09:00", until="10:00")
    long_later = record("b", minutes=180, at="09:30", until="12:30")
    statement = state(short_first, long_later, book=book_with("reject"))
    assert losses(statement, "b") == [("overlap", "OVERLAP_TIME", "3.60")]
    assert totals(statement) == ("1.00", "3.60")


def test_of_two_overlapping_records_worth_the_same_the_earlier_stays_then_the_lower_id() -> None:
    one = record("b", minutes=50, at="09:00", until="10:00")
    other = record("a", minutes=50, at="09:30", until="10:30")
    assert losses(state(one, other, book=book_with("invalidate")), "b") == [("overlap", "OVERLAP_TIME", "1.00")]


def test_a_record_that_was_voided_itself_voids_no_other() -> None:
    chain = [
        record("a", minutes=100, at="09:00", until="11:00"),
        record("b", minutes=50, at="10:30", until="12:00"),
        record("c", minutes=40, at="11:30", until="13:00"),
    ]
    statement = state(*chain, book=book_with("invalidate"))
    assert totals(statement) == ("2.80", "1.00")


def test_records_that_only_touch_do_not_overlap() -> None:
    morning = record("a", at="09:00", until="10:00")
    noon = record("b", at="10:00", until="11:00")
    assert entry(state(morning, noon), "a").notes == ()


def test_overlap_up_to_the_tolerance_is_none() -> None:
    one = record("a", at="09:00", until="10:00")
    other = record("b", at="09:50", until="11:00")
    assert entry(state(one, other, book=book_with("flag", 10)), "a").notes == ()
    assert entry(state(one, other, book=book_with("flag", 9)), "a").notes != ()


@pytest.mark.parametrize(
    "other",
    [
        record("o", "M05", quantity=1, at="10:00", until="11:00"),
        record("o", "M06", quantity=1, at="10:00", until="11:00"),
        record("o", role="lecturer", minutes=50, at="10:00", until="11:00"),
        record("o", minutes=50, at="10:00", until="11:00", individual=True),
        record("o", minutes=50, at="10:00", until="11:00", void="APPROVAL_WITHDRAWN"),
        record("o", minutes=50, at="10:00", until="11:00", profession="A"),
    ],
    ids=["online", "correspondence", "lecturer", "in person", "withdrawn", "another profession"],
)
def test_what_has_no_hours_of_its_own_overlaps_nothing(other: object) -> None:
    statement = state(X, other, book=book_with("invalidate"))  # type: ignore[arg-type]
    assert losses(statement, "x") == []
    assert not any(loss[0] == "overlap" for loss in losses(statement, "o"))


def test_the_same_course_in_the_same_role_counts_once() -> None:
    statement = state(record("x1", minutes=180, course="x"), record("x2", minutes=180, course="x"))
    assert totals(statement) == ("3.60", "3.60")
    assert losses(statement, "x2") == [("duplicate", "DUPLICATE_COURSE", "3.60")]


def test_of_two_records_of_one_course_the_better_one_stays_whichever_came_first() -> None:
    """Two records of one person were merged: under one of them somebody stayed for ten minutes only."""
    short, whole = record("a", points="0.20", course="x"), record("b", points="2.00", course="x")
    statement = state(short, whole, record("c", points="2.00", course="x"))
    assert totals(statement) == ("2.00", "2.20")
    assert losses(statement, "a") == [("duplicate", "DUPLICATE_COURSE", "0.20")]
    assert losses(statement, "c") == [("duplicate", "DUPLICATE_COURSE", "2.00")], "of equal ones the earlier"


def test_teaching_that_brings_nothing_takes_nothing_from_attending() -> None:
    learner = record("learner", points="2.00", course="z")
    lecturer = record("lecturer", role="lecturer", points="0", course="z")
    assert totals(state(learner, lecturer)) == ("2.00", "0.00")


def test_a_lecturer_is_no_learner_of_the_same_course() -> None:
    statement = state(
        record("learner", minutes=50, at="10:00", until="10:50", course="z"),
        record("lecturer", role="lecturer", minutes=50, at="10:00", until="10:50", course="z"),
    )
    assert totals(statement) == ("5.00", "1.00")
    assert losses(statement, "learner") == [("duplicate", "DUPLICATE_COURSE", "1.00")]


def test_without_a_course_named_lecturer_and_learner_at_the_same_times_are_of_one_course() -> None:
    statement = state(
        record("a", role="lecturer", minutes=50, at="10:00", until="10:50"),
        record("b", minutes=50, at="10:00", until="10:50"),
    )
    assert totals(statement) == ("5.00", "1.00")


def test_without_a_course_named_only_records_alike_in_everything_are_the_same_line() -> None:
    twin, other = (
        record("b", minutes=180, at="09:00", until="12:00"),
        record("c", minutes=100, at="09:00", until="12:00"),
    )
    first = record("a", minutes=180, at="09:00", until="12:00")
    assert totals(state(first, twin)) == ("3.60", "3.60")
    assert totals(state(first, other)) == ("5.60", "0.00")


def test_sessions_at_the_same_time_of_day_are_not_taken_for_one() -> None:
    statement = state(*(record(f"r{n}", "M05", quantity=1, on="2020-05-04") for n in range(5)))
    assert totals(statement) == ("5.00", "0.00")


def test_first_and_corresponding_author_of_one_paper_is_paid_once() -> None:
    statement = state(
        record("a", "M07", "first_author", quantity=1, item="paper"),
        record("b", "M07", "corresponding_author", quantity=1, item="paper"),
        record("c", "M07", "first_author", quantity=1, item="another"),
    )
    assert totals(statement) == ("32.00", "16.00")
    assert losses(statement, "b") == [("duplicate", "DUPLICATE_COURSE", "16.00")]


def test_of_two_parts_in_one_paper_the_better_one_stays() -> None:
    statement = state(
        record("a", "M07", "second_author", quantity=1, item="paper"),
        record("b", "M07", "corresponding_author", quantity=1, item="paper"),
    )
    assert losses(statement, "a") == [("duplicate", "DUPLICATE_COURSE", "6.00")]


def test_the_same_paper_at_a_conference_and_in_a_journal_is_two_things() -> None:
    statement = state(
        record("a", "M02", "first_author", quantity=1, item="paper"),
        record("b", "M07", "first_author", quantity=1, item="paper"),
    )
    assert totals(statement) == ("19.00", "0.00")


def test_a_listener_at_a_conference_may_also_present_a_paper_there() -> None:
    statement = state(
        record("a", "M02", minutes=100, course="conference"),
        record("b", "M02", "first_author", quantity=1, item="poster", course="conference"),
        record("c", "M02", "first_author", quantity=1, item="poster 2", course="conference"),
    )
    assert totals(statement) == ("10.00", "0.00")


def test_a_void_or_pending_record_makes_no_duplicate_of_another() -> None:
    statement = state(
        record("a", course="x", void="APPROVAL_WITHDRAWN"),
        record("b", course="x"),
        record("c", course="y", on="2022-12-01"),
    )
    assert totals(statement) == ("1.00", "1.00")
    assert str(statement.pending) == "1.00"


AGAIN = (
    record("first", on="2019-03-01", course="c1", content="感染管制 A"),
    record("again", on="2020-03-01", course="c2", content="感染管制 A"),
    record("third", on="2021-03-01", course="c3", content="感染管制 A"),
    record("taught", on="2021-04-01", course="c4", content="感染管制 A", role="lecturer"),
    record("other", on="2021-05-01", course="c5", content="護理倫理 A"),
)


def test_the_same_content_under_another_course_is_noted_and_costs_nothing_by_default() -> None:
    """In the same role only: whoever taught it later did something else."""
    statement = state(*AGAIN)
    assert totals(statement) == ("9.00", "0.00")
    noted = {each.record.id: [(n.reason, n.detail["with"]) for n in each.notes] for each in statement.entries}
    assert noted == {
        "first": [],
        "again": [("CONTENT_REPEATED", "first")],
        "third": [("CONTENT_REPEATED", "first")],
        "taught": [],
        "other": [],
    }
    [note] = entry(statement, "again").notes
    assert note.provision is not None
    assert not note.provision.verified
    assert "silent" in note.provision.note


def test_where_a_rule_set_voids_repeated_content_the_earliest_stays() -> None:
    book = RuleBook(
        RuleSet(msgspec.structs.replace(each.document, repetition=Repetition(policy="invalidate", article="6")))
        for each in bundled()
    )
    statement = state(*AGAIN, book=book)
    assert losses(statement, "again") == [("duplicate", "CONTENT_REPEATED", "1.00")]
    assert losses(statement, "third") == [("duplicate", "CONTENT_REPEATED", "1.00")]
    assert totals(statement) == ("7.00", "2.00")


def test_what_is_void_already_makes_no_content_a_repetition() -> None:
    gone = msgspec.structs.replace(AGAIN[0], void="ATTENDANCE_WITHDRAWN")
    assert entry(state(gone, AGAIN[1]), "again").notes == ()
