"""Reading roster files: their columns, and rows with everything that can be wrong in them."""

from __future__ import annotations

import csv
import io
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cec_chassis.csv_upload import CsvHeaderInvalid
from cec_chassis.csv_upload import rows_of as cells_of
from cec_contracts import national_id
from cec_contracts.vocabulary import ParticipantRole
from cec_enrolment.imports.columns import OF_MANY_COURSES, OF_ONE_COURSE
from cec_enrolment.imports.rows import RosterRow, read_row

INDEX_OF = partial(national_id.index, b"a key of sixteen bytes or more")
LIN = "A123456789"


def rows_of(text: str, *, with_course: bool = False) -> list[RosterRow]:
    """The rows below the header."""
    columns = OF_MANY_COURSES if with_course else OF_ONE_COURSE
    return [read_row(row, INDEX_OF) for row in cells_of(text, columns)]


def errors_of(row: RosterRow) -> list[tuple[str, str]]:
    """Path and slug of each."""
    return [(error.path, error.slug) for error in row.errors]


def test_a_row_says_person_role_minutes_and_profession() -> None:
    (row,) = rows_of(f"profession,minutes,role,national_id\nd,60,Lecturer, {LIN} \n")

    assert row == RosterRow(
        line=2,
        national_id_index=INDEX_OF(LIN),
        role=ParticipantRole.LECTURER,
        minutes=60,
        profession="D",
    )


def test_what_the_file_does_not_say_is_left_open() -> None:
    (row,) = rows_of("number\nP0001\n")

    assert (row.number, row.role, row.minutes, row.profession) == ("P0001", ParticipantRole.LEARNER, None, None)
    assert row.errors == ()


@pytest.mark.parametrize("written", ["a123456789", "Ａ１２３４５６７８９", "　A123456789　", " A123456789"])
def test_a_national_id_is_read_in_any_width_and_case_and_kept_only_as_its_index(written: str) -> None:
    (row,) = rows_of(f"身分證或統一證號\n{written}\n")

    assert row.national_id_index == INDEX_OF(LIN)
    assert LIN not in repr(row)


@pytest.mark.parametrize("minutes", ["-3", "100001"])
def test_minutes_that_no_course_has_are_told_the_bounds_that_every_row_is_told(minutes: str) -> None:
    [row] = rows_of(f"national_id,minutes\n{LIN},{minutes}\n")

    assert [error.message for error in row.errors] == [
        "須介於 1 與課程分鐘數 / Between 1 and the minutes of the course"
    ]


@pytest.mark.parametrize(
    ("cells", "errors"),
    [
        ("A123456788,,,", [("rows[2].national_id", "national-id-checksum")]),
        ("A12345678,,,", [("rows[2].national_id", "national-id-format")]),
        (",,,", None),
        (",learner,,", [("rows[2].national_id", "missing-value")]),
        (f"{LIN},chief,,", [("rows[2].role", "unknown-role")]),
        (f"{LIN},,1.5,", [("rows[2].minutes", "not-a-number")]),
        (f"{LIN},,-1,", [("rows[2].minutes", "out-of-range")]),
        (f"{LIN},,{'9' * 20},", [("rows[2].minutes", "out-of-range")]),
        (f"{LIN},,100001,", [("rows[2].minutes", "out-of-range")]),
        (f"{LIN},,,dentist", [("rows[2].profession", "unknown-profession")]),
        (f"{LIN},,,,extra", [("rows[2].cells", "too-many-cells")]),
        (f"{LIN},a\x07b,,", [("rows[2].role", "bad-character")]),
        ("x" * 201 + ",,,", [("rows[2].national_id", "too-long"), ("rows[2].national_id", "national-id-format")]),
        (f"{LIN}", []),
    ],
)
def test_each_thing_wrong_in_a_row_is_told_with_its_column(cells: str, errors: list[tuple[str, str]] | None) -> None:
    rows = rows_of(f"national_id,role,minutes,profession\n{cells}\n")

    assert [errors_of(row) for row in rows] == ([] if errors is None else [errors])


def test_a_nul_never_reaches_the_database() -> None:
    (row,) = rows_of("number\nP\x0001\n")

    assert row.number is None
    assert errors_of(row) == [("rows[2].number", "bad-character")]


def test_a_row_is_known_by_the_line_on_which_it_begins() -> None:
    rows = rows_of('number,role\nP1,"學\n員"\n\nP2,\n')

    assert [row.line for row in rows] == [2, 5]


def test_a_row_names_its_course_only_where_the_file_is_of_many() -> None:
    first, second = rows_of("course_code,number\nC1,P1\n,P1\n", with_course=True)

    assert first.course_code == "C1"
    assert errors_of(second) == [("rows[3].course_code", "missing-value")]
    with pytest.raises(CsvHeaderInvalid):
        rows_of("course_code,number\nC1,P1\n")


@pytest.mark.parametrize(
    ("header", "errors"),
    [
        ("", [("rows[1].national_id", "missing-column")]),
        (LIN, [("rows[1].column_1", "unknown-column"), ("rows[1].national_id", "missing-column")]),
        ("national_id,身分證字號", [("rows[1].national_id", "repeated-column")]),
        ("number,,role", [("rows[1].column_2", "unknown-column")]),
        ("role,minutes", [("rows[1].national_id", "missing-column")]),
    ],
)
def test_a_header_that_does_not_name_the_columns_is_refused(header: str, errors: list[tuple[str, str]]) -> None:
    with pytest.raises(CsvHeaderInvalid) as refused:
        rows_of(f"{header}\n")

    assert [(error.path, error.slug) for error in refused.value.errors] == errors
    assert LIN not in repr(refused.value.errors)


@given(cells=st.lists(st.lists(st.text(max_size=12), min_size=3, max_size=5), max_size=8))
def test_whatever_the_cells_hold_reading_never_fails(cells: list[list[str]]) -> None:
    written = io.StringIO(newline="")
    csv.writer(written, lineterminator="\n").writerows([["number", "role", "minutes"], *cells])

    for row in rows_of(written.getvalue()):
        assert "\0" not in (row.number or "")
        assert all(error.path.startswith(f"rows[{row.line}].") for error in row.errors)
