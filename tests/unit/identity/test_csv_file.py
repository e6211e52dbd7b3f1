"""Reading the bytes of a file: encodings, header, line numbers, limits."""

from __future__ import annotations

import pytest

from cec_identity.registry.csv_file import (
    CsvHeaderInvalid,
    CsvMalformed,
    FileEncodingUnknown,
    TooManyRows,
    rows_of,
    text_of,
)

COLUMNS = ("name", "number")


def rows(text: str, limit: int = 10) -> list[tuple[int, dict[str, str] | None]]:
    return list(rows_of(text, COLUMNS, limit))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "big5", "cp950"])
def test_the_encodings_of_the_field_are_found_out(encoding: str) -> None:
    assert text_of("name\n王小明,臺北市".encode(encoding)) == "name\n王小明,臺北市"


def test_an_ascii_file_is_utf8() -> None:
    assert text_of(b"name,number") == "name,number"


@pytest.mark.parametrize(
    "content", ["name\n王小明,陈大文".encode("gb18030"), "王".encode("utf-16"), b"\xef\xbb\xbf\xff"]
)
def test_other_encodings_are_refused_rather_than_misread(content: bytes) -> None:
    with pytest.raises(FileEncodingUnknown):
        text_of(content)


def test_a_declared_encoding_is_believed_and_held_to() -> None:
    assert text_of("王".encode("cp950"), "Big5") == "王"
    for content, charset in (("王".encode(), "big5"), (b"a", "utf-7"), ("王".encode("cp950"), "utf-8")):
        with pytest.raises(FileEncodingUnknown):
            text_of(content, charset)


def test_columns_may_stand_in_any_order_and_width() -> None:
    assert rows("Ｎumber, NAME ,,\nP1,王\n") == [(2, {"number": "P1", "name": "王"})]


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    assert [line for line, _ in rows('name,number\r\n\r\n"two\r\nlines",1\r\n,,\r\nb,2\r\n')] == [3, 6]


def test_missing_cells_at_the_end_are_empty_and_more_cells_are_no_row() -> None:
    assert rows("name,number\na\nb,1,,\nc,2,3") == [
        (2, {"name": "a", "number": ""}),
        (3, {"name": "b", "number": "1"}),
        (4, None),
    ]


def test_every_fault_of_the_header_is_told() -> None:
    with pytest.raises(CsvHeaderInvalid) as refused:
        rows("name,name,title\n")
    told = [(error.path, error.slug) for error in refused.value.errors]
    assert told == [
        ("rows[1].name", "repeated-column"),
        ("rows[1].column_3", "unknown-column"),
        ("rows[1].number", "missing-column"),
    ]


def test_broken_quotes_and_too_many_rows_refuse_the_file() -> None:
    with pytest.raises(CsvMalformed, match="3"):
        rows('name,number\na,1\n"b,2')
    assert len(rows("name,number\n" + "a,1\n" * 10)) == 10
    with pytest.raises(TooManyRows):
        rows("name,number\n" + "a,1\n" * 11)
