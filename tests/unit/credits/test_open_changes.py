"""An approval that is being examined: its points stand, every record says so, and the statement says how many."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest
from tests.unit.credits.building import entry, losses, record, state, totals

from cec_credits.statements.answer import entry_of
from cec_credits.statements.case_file import CaseRefused, read_case
from cec_credits.statements.domain import OpenChange
from cec_credits.statements.summary import summary_of

EXAMINED = OpenChange(date(2022, 9, 1), "簽到資料待查")


def test_nobody_loses_a_point_before_there_is_a_decision() -> None:
    statement = state(record("a", points="4.00", under_change=EXAMINED), record("b", on="2020-06-01"))
    assert totals(statement) == ("5.00", "0.00")
    assert losses(statement, "a") == []


def test_the_record_says_since_when_and_why_in_both_languages() -> None:
    statement = state(record("a", under_change=EXAMINED))
    (note,) = entry_of(entry(statement, "a")).notes
    assert note.reason == "PENDING_CHANGE"
    assert "民國111年9月1日" in note.detail.zh.replace(" ", "")
    assert "簽到資料待查" in note.detail.zh
    assert "since 2022-09-01" in note.detail.en


def test_the_statement_says_how_many_of_its_valid_points_may_change() -> None:
    statement = state(
        record("a", method="M05", quantity=90, under_change=EXAMINED),
        record("b", on="2020-06-01"),
        record("c", on="2001-06-01", under_change=EXAMINED),
        record("d", on="2022-11-01", under_change=EXAMINED),
    )
    assert (
        str(statement.change_pending) == "80.00"
    )  # what the cap left of it; other cycles and the future count nothing
    assert summary_of(statement).change_pending == statement.change_pending


def test_where_nothing_is_examined_the_statement_does_not_speak_of_it() -> None:
    assert b"change_pending" not in msgspec.json.encode(summary_of(state(record("a"))))


def test_what_was_withdrawn_is_not_under_examination_any_more() -> None:
    statement = state(record("a", void="APPROVAL_WITHDRAWN", under_change=EXAMINED))
    assert losses(statement, "a") == [("approval", "APPROVAL_WITHDRAWN", "1.00")]
    assert (entry(statement, "a").notes, str(statement.change_pending)) == ((), "0.00")


def test_a_case_in_a_file_may_say_so_and_needs_a_reason() -> None:
    given = {
        "profession": "J",
        "as_of": "2022-10-01",
        "records": [
            {
                "id": "a",
                "method": "M01",
                "role": "learner",
                "attribute": "professional",
                "starts_at": "2022-05-01T09:00:00+08:00",
                "ends_at": "2022-05-01T10:00:00+08:00",
                "points": "1.00",
                "under_change": {"since": "2022-09-01", "reason": "簽到資料待查"},
            }
        ],
    }
    assert read_case(msgspec.json.encode(given)).records[0].under_change == EXAMINED
    given["records"][0]["under_change"]["reason"] = ""  # type: ignore[index]
    with pytest.raises(CaseRefused, match=r"under_change\.reason"):
        read_case(msgspec.json.encode(given))
