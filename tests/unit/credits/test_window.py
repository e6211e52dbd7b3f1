"""The window: six years to the licence's nominal end, as far as the day of evaluation."""

from __future__ import annotations

import pytest
from tests.unit.credits.building import case, day, entry, losses, record, state, totals


@pytest.mark.parametrize(
    ("licence", "as_of", "since", "until"),
    [
        (("2011-04-15", "2016-12-05"), "2016-07-07", "2010-12-06", "2016-07-07"),
        (("2017-09-28", "2023-09-27"), "2022-04-28", "2017-09-28", "2022-04-28"),
        (("2021-01-05", "2027-01-04"), "2022-04-22", "2021-01-05", "2022-04-22"),
        (("2017-01-01", "2023-01-01"), "2024-05-05", "2017-01-02", "2023-01-01"),
        (("2018-03-01", "2024-02-29"), "2023-01-01", "2018-03-01", "2023-01-01"),
        (("2016-02-29", "2022-02-28"), "2022-01-01", "2016-02-29", "2022-01-01"),
        (("2018-02-28", "2024-02-28"), "2023-01-01", "2018-03-01", "2023-01-01"),
    ],
)
def test_window_is_six_years_to_the_licences_end_as_far_as_today(
    licence: tuple[str, str], as_of: str, since: str, until: str
) -> None:
    window = state(licence=licence, as_of=as_of).window
    assert (window.since, window.until) == (day(since), day(until))


def test_first_and_last_day_of_the_window_count_and_their_neighbours_do_not() -> None:
    statement = state(
        record("before", on="2017-01-01"),
        record("first", on="2017-01-02"),
        record("last", on="2023-01-01"),
        record("after", on="2023-01-02"),
        as_of="2023-06-01",
    )
    assert totals(statement) == ("2.00", "0.00")
    assert losses(statement, "before") == [("window", "OUT_OF_WINDOW_BEFORE", "1.00")]
    assert losses(statement, "after") == [("window", "OUT_OF_WINDOW_AFTER", "1.00")]
    assert str(statement.out_of_window) == "2.00"


def test_a_course_belongs_to_the_day_on_which_it_ends() -> None:
    straddling = record(on="2017-01-01", at="20:00", lasts=24 * 60, minutes=100)
    assert totals(state(straddling)) == ("2.00", "0.00")


def test_the_day_is_that_of_taipei() -> None:
    late = record(on="2022-10-01", at="23:50", lasts=20, minutes=50)
    assert late.ends_on == day("2022-10-02")
    assert str(state(late).pending) == "1.00"


def test_an_extension_keeps_the_window_open_and_does_not_move_its_beginning() -> None:
    licence = ("2014-07-01", "2020-06-30", "2020-12-31")
    early = record("early", on="2014-06-30")
    first = record("first", on="2014-07-01")
    extended = record("extended", on="2020-09-01")
    statement = state(early, first, extended, licence=licence, as_of="2020-10-15")
    assert (statement.window.since, statement.window.until) == (day("2014-07-01"), day("2020-10-15"))
    assert totals(statement) == ("2.00", "0.00")
    afterwards = state(record(on="2021-01-01"), licence=licence, as_of="2021-03-01")
    assert afterwards.window.until == day("2020-12-31")
    assert losses(afterwards) == [("window", "OUT_OF_WINDOW_AFTER", "1.00")]


def test_a_person_without_a_licence_is_counted_back_from_today() -> None:
    window = state(licence=None, as_of="2022-10-01").window
    assert (window.since, window.until) == (day("2016-10-02"), day("2022-10-01"))


def test_a_given_period_takes_the_place_of_the_licences_window() -> None:
    from cec_credits.statements.domain import Period

    asked = Period(day("2020-01-01"), day("2020-12-31"))
    statement = state(record("in", on="2020-06-01"), record("out", on="2021-06-01"), window=asked)
    assert statement.window == asked
    assert totals(statement) == ("1.00", "0.00")


@pytest.mark.parametrize(
    ("licence", "anomalies"),
    [
        (("2018-01-01", "2024-01-01"), ()),
        (("2018-01-01", "2023-12-31"), ()),
        (("2018-01-01", "2022-01-01"), ()),
        (("2018-01-01", "2021-06-01"), ("LICENCE_UNDER_4_YEARS",)),
        (("2018-01-01", "2024-06-01"), ("LICENCE_OVER_6_YEARS",)),
        (("2018-01-01", "2024-01-01", "2025-01-01"), ()),
        ((None, "2024-01-01"), ()),
        (("2024-01-01", "2018-01-01"), ("LICENCE_UNDER_4_YEARS",)),
    ],
)
def test_a_licence_of_less_than_four_or_more_than_six_years_is_shown_as_abnormal_and_not_refused(
    licence: tuple[str, ...], anomalies: tuple[str, ...]
) -> None:
    assert state(licence=licence, as_of="2023-01-01").anomalies == anomalies


def test_what_has_not_ended_is_pending_and_counts_on_the_day_it_ends() -> None:
    course = record(on="2021-04-02", at="09:00", minutes=180)
    before = state(course, profession="B", as_of="2021-04-01")
    assert (totals(before), str(before.pending)) == (("0.00", "0.00"), "3.60")
    assert losses(before) == [("attendance", "NOT_YET_EFFECTIVE", "3.60")]
    after = state(course, profession="B", as_of="2021-04-02")
    assert (totals(after), str(after.pending)) == (("3.60", "0.00"), "0.00")


def test_what_ends_after_the_window_closes_is_pending_and_says_that_it_will_not_be_part_of_it() -> None:
    statement = state(record("within", on="2022-12-01"), record("after", on="2023-06-01"))
    assert str(statement.pending) == "2.00"
    assert [note.reason for note in entry(statement, "after").notes] == ["ENDS_AFTER_WINDOW"]
    assert entry(statement, "within").notes == ()
    moving = state(record("after", on="2023-06-01"), licence=None)
    assert entry(moving, "after").notes == ()


def test_a_ground_that_is_no_number_is_cited_from_the_rule_set() -> None:
    withdrawn = record(void="APPROVAL_WITHDRAWN", on="2013-09-01")
    today = state(withdrawn, licence=("2013-01-01", "2019-01-01"), as_of="2018-01-01")
    then = state(withdrawn, licence=("2013-01-01", "2019-01-01"), as_of="2014-01-01")
    assert entry(today).losses[0].provision.article == "14(2)"
    assert entry(then).losses[0].provision.article == "14(3)"


def test_a_course_of_two_days_counts_nothing_until_the_second_has_ended() -> None:
    course = record(on="2021-04-27", at="09:00", lasts=30 * 60, minutes=600)
    assert str(state(course, as_of="2021-04-27").pending) == "12.00"
    assert totals(state(course, as_of="2021-04-28")) == ("12.00", "0.00")


def test_what_was_approved_for_another_profession_is_no_part_of_any_total() -> None:
    statement = state(
        record("own"),
        record("other", profession="F", on="2020-06-01"),
        record("future", profession="F", on="2022-12-01"),
        record("old", profession="F", on="2010-12-01"),
    )
    assert totals(statement) == ("1.00", "0.00")
    assert (str(statement.pending), str(statement.out_of_window)) == ("0.00", "0.00")
    assert losses(statement, "other") == [("scope", "WRONG_PROFESSION", "1.00")]
    assert statement.by_method()["M01"].records == 1


def test_a_withdrawn_approval_is_invalid_whether_the_course_has_ended_or_not() -> None:
    statement = state(
        record("past", void="APPROVAL_WITHDRAWN"), record("future", void="APPROVAL_WITHDRAWN", on="2022-12-01")
    )
    assert totals(statement) == ("0.00", "2.00")
    assert losses(statement, "past") == [("approval", "APPROVAL_WITHDRAWN", "1.00")]
    assert str(statement.pending) == "0.00"


@pytest.mark.parametrize(
    ("ground", "step"),
    [
        ("ACTIVITY_NOT_APPROVED", "approval"),
        ("RECOGNITION_VOID", "approval"),
        ("DISCIPLINARY_NOT_OFFSETTABLE", "approval"),
        ("BELOW_MIN_PRESENCE", "attendance"),
        ("IDENTITY_UNMATCHED", "attendance"),
        ("LATE_REGISTRATION_REJECTED", "attendance"),
        ("SUPERSEDED_BY_CORRECTION", "attendance"),
        ("ATTENDANCE_WITHDRAWN", "attendance"),
    ],
)
def test_a_ground_outside_the_rules_voids_the_whole_record(ground: str, step: str) -> None:
    statement = state(record(void=ground))
    assert losses(statement) == [(step, ground, "1.00")]
    assert totals(statement) == ("0.00", "1.00")


def test_a_record_for_another_purpose_is_no_part_of_the_statement() -> None:
    statement = state(record(void="WRONG_PURPOSE"))
    assert losses(statement) == [("scope", "WRONG_PURPOSE", "1.00")]
    assert totals(statement) == ("0.00", "0.00")


def test_a_case_without_records_is_an_answer_like_any_other() -> None:
    statement = state()
    assert totals(statement) == ("0.00", "0.00")
    assert not statement.met
    assert case().records == []
    assert [line.key for line in statement.requirements] == [
        "total",
        "professional",
        "limited",
        "infection_control",
        "gender",
    ]


def test_an_entry_is_kept_for_every_record_whatever_becomes_of_it() -> None:
    statement = state(
        record("a"), record("b", on="2001-01-01"), record("c", profession="A"), record("d", on="2030-01-01")
    )
    assert {each.record.id for each in statement.entries} == {"a", "b", "c", "d"}
    assert entry(statement, "a").reason == "COUNTED"
