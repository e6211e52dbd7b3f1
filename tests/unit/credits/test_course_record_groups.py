"""Pending changes stand beside their group and in no other."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

from tests.unit.credits.building import record, state

from cec_credits.statements.course_records import RecordGroup, course_records
from cec_credits.statements.domain import OpenChange, Record
from cec_credits.statements.facts import Person
from cec_credits.statements.filters import Filters
from cec_credits.statements.head import Window, head_of
from cec_credits.statements.queries import Explained

NOBODY = UUID(int=1)


def groups_of(*records: Record) -> dict[tuple[str, bool], RecordGroup]:
    statement = state(*records)
    window = Window.of(statement.window, statement.case.as_of)
    head = head_of(
        NOBODY,
        "J",
        date(2022, 10, 1),
        window,
        rule_set=statement.rule_set,
        version=1,
        computed_at=datetime(2022, 10, 1, tzinfo=UTC),
        working=False,
    )
    page = course_records(Explained(head, Person(NOBODY, "P1", "王測試", [], [], ()), statement, {}), Filters())
    return {(each.group.value, each.change_pending): each for each in page.groups}


EXAMINED = OpenChange(date(2022, 9, 1), "簽到資料待查")


def test_a_record_under_a_pending_change_is_in_the_group_of_changes_with_the_points_it_still_has() -> None:
    groups = groups_of(record("a"), record("b", on="2020-06-01", under_change=EXAMINED))
    assert [entry.id for entry in groups["attended", False].entries] == ["a"]
    assert [entry.id for entry in groups["attended", True].entries] == ["b"]
    assert (str(groups["attended", True].valid), str(groups["attended", True].invalid)) == ("1.00", "0.00")


def test_what_a_person_applied_for_has_no_group_of_changes() -> None:
    groups = groups_of(record("a", individual=True, under_change=EXAMINED))
    assert [entry.id for entry in groups["individual", False].entries] == ["a"]


def test_what_belongs_to_another_cycle_is_on_no_page() -> None:
    groups = groups_of(record("a", on="2001-05-04"))
    assert all(not group.entries for group in groups.values())


def test_what_has_not_ended_is_shown_and_in_neither_total() -> None:
    group = groups_of(record("a", on="2022-11-01"))["attended", False]
    assert ([entry.id for entry in group.entries], str(group.valid), str(group.invalid)) == (["a"], "0.00", "0.00")
