"""CSV files that people send: encodings, header lines, rows, limits, and what the API document says of them."""

from __future__ import annotations

import csv
import io

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar import Litestar, post
from tests.support.http import app_of, client_of

from cec_chassis.csv_upload import (
    MOST_ROWS,
    Columns,
    CsvHeaderInvalid,
    CsvMalformed,
    CsvRow,
    FileEncodingUnknown,
    TooManyRows,
    csv_operation,
    read_upload,
    rows_of,
    text_of,
)
from cec_chassis.http import HttpRequest, openapi_document, public

COLUMNS = Columns(
    {"name": ("姓名",), "number": ("代碼", "編號"), "email": (), "note": ("備註",)},
    needed=[("name",), ("number", "email")],
)
PERSON = "A123456789"


def rows(text: str, most_rows: int = MOST_ROWS) -> list[CsvRow]:
    return list(rows_of(text, COLUMNS, most_rows))


def cells(text: str) -> list[dict[str, str]]:
    return [dict(row.cells) for row in rows(text)]


@pytest.mark.parametrize("bad", ["a\0b", "a\nb", "a\u202eb", "\u200b"])
def test_a_cell_with_characters_nobody_can_store_or_see_is_named(bad: str) -> None:
    good, row = rows_of(f'number,name\nP1,王\nP2,"{bad}"\n', Columns({"number": (), "name": ()}))
    assert (good.errors, row.cells) == ((), {})
    assert [(error.path, error.slug) for error in row.errors] == [("rows[3].name", "bad-character")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "big5", "cp950"])
def test_the_encodings_of_the_field_are_found_out(encoding: str) -> None:
    assert text_of("name\n王小明,臺北市".encode(encoding)) == "name\n王小明,臺北市"


@pytest.mark.parametrize(
    "text", ["name,number\n", "學員", "姓名,代碼\n", "name\n林怡君\n", "x,角色,講師\n", "牙技字第１號"]
)
def test_a_few_characters_of_big5_are_enough(text: str) -> None:
    assert text_of(text.encode("cp950")) == text


@given(text=st.text(max_size=40))
def test_utf8_is_always_read_as_utf8(text: str) -> None:
    assert text_of(text.encode()) == text.removeprefix("\ufeff")


@pytest.mark.parametrize(
    "content",
    [
        "name\n王小明,陈大文".encode("gb18030"),
        "姓名,代碼\n林怡君,1\n".encode("gb18030"),
        "姓名,代码\n林怡君,1\n".encode("gb18030"),
        "name\n學員\n授課者\n".encode("gb18030"),
        ("name\n" + "林怡君\n" * 100_000).encode("gb18030"),
        "王".encode("utf-16"),
        b"\xef\xbb\xbf\xff",
        b"\x80",
        b"\xff\xff",
    ],
)
def test_other_encodings_are_refused_rather_than_misread(content: bytes) -> None:
    with pytest.raises(FileEncodingUnknown):
        text_of(content)


def test_what_is_as_likely_the_one_as_the_other_is_refused() -> None:
    both = b"\xbe\xc7"
    assert (both.decode("cp950"), both.decode("gb18030")) == ("學", "厩")
    with pytest.raises(FileEncodingUnknown):
        text_of(both)


@pytest.mark.parametrize("charset", ["Big5", "big5", "cp950", "MS950"])
def test_a_declared_encoding_is_believed(charset: str) -> None:
    assert text_of("王".encode("cp950"), charset) == "王"


@pytest.mark.parametrize(
    ("content", "charset"),
    [("王".encode(), "big5"), (b"a", "utf-7"), (b"a", "utf-16"), ("王".encode("cp950"), "utf-8")],
)
def test_a_declared_encoding_is_held_to(content: bytes, charset: str) -> None:
    with pytest.raises(FileEncodingUnknown):
        text_of(content, charset)


def test_columns_may_stand_in_any_order_width_case_and_language() -> None:
    assert cells("Ｎumber, NAME ,備註,,\nP1,王,x\n") == [{"number": "P1", "name": "王", "note": "x"}]


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    assert [row.line for row in rows('name,number\r\n\r\n"two\r\nlines",1\r\n,,\r\nb,2\r\n')] == [3, 6]


def test_missing_cells_at_the_end_are_empty_and_empty_ones_too_many_do_not_count() -> None:
    assert cells("name,number\na\n b ,1,,\n") == [{"name": "a", "number": ""}, {"name": "b", "number": "1"}]


def test_a_row_with_more_cells_than_the_header_is_in_disorder() -> None:
    row, after = rows("name,number\na,b,1\nc,2\n")
    assert (row.cells, [(error.path, error.slug) for error in row.errors]) == (
        {},
        [("rows[2].cells", "too-many-cells")],
    )
    assert after.errors == ()


def test_what_is_wrong_with_a_cell_is_told_by_line_and_column() -> None:
    (row,) = rows("name,number\n\na,b\n")
    error = row.error("number", "not-a-number", "…")
    assert (error.path, error.slug) == ("rows[3].number", "not-a-number")


@pytest.mark.parametrize(
    ("header", "errors"),
    [
        ("", [("name", "missing-column"), ("number", "missing-column")]),
        ("姓名,name,email,title", [("name", "repeated-column"), ("column_4", "unknown-column")]),
        (PERSON, [("column_1", "unknown-column"), ("name", "missing-column"), ("number", "missing-column")]),
        ("name,,number", [("column_2", "unknown-column")]),
        ("name,note", [("number", "missing-column")]),
    ],
)
def test_every_fault_of_the_header_is_told_and_none_repeats_a_cell(header: str, errors: list[tuple[str, str]]) -> None:
    with pytest.raises(CsvHeaderInvalid) as refused:
        rows(f"{header}\n")
    assert [(error.path.removeprefix("rows[1]."), error.slug) for error in refused.value.errors] == errors
    assert PERSON not in repr(refused.value.errors)


def test_of_columns_that_can_stand_for_one_another_one_is_enough() -> None:
    assert cells("name,email\na,b\n") == [{"name": "a", "email": "b"}]


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        ('"b,2\n', "第 3 行：有引號未關閉 / Line 3: a quotation mark is never closed"),
        ('"b"c,2\n', "第 3 行：關閉引號之後須為逗號或換行 / Line 3: after a closing quotation mark"),
        ("b" * 200_000 + "\n", "第 3 行：儲存格過長 / Line 3: a cell is too long"),
        ('"b\nc,2\nd,3\n', "第 3–5 行：有引號未關閉 / Line 3–5: a quotation mark"),
    ],
)
def test_broken_quotes_and_endless_cells_refuse_the_file(broken: str, told: str) -> None:
    with pytest.raises(CsvMalformed) as refused:
        rows(f"name,number\na,1\n{broken}")
    assert str(refused.value.detail).startswith(told)


def test_a_wrong_header_says_which_names_there_are_in_both_languages() -> None:
    with pytest.raises(CsvHeaderInvalid) as refused:
        rows("x,name\n")
    unknown, missing = [error.message for error in refused.value.errors]
    assert unknown == (
        "第 1 欄之名稱無法辨識，可用欄名：姓名、代碼、email、備註"
        " / The name of column 1 is not one of: name, number, email, note"
    )
    assert missing == "須有欄位：代碼 或 email / number or email is needed"


def test_a_file_has_only_so_many_rows_and_empty_ones_do_not_count() -> None:
    text = "name,number\n" + "a,1\n,,\n" * 10
    assert len(rows(text, most_rows=10)) == 10
    with pytest.raises(TooManyRows, match="10"):
        rows(text + "a,1\n", most_rows=10)


@given(table=st.lists(st.lists(st.text(max_size=12), min_size=1, max_size=4), max_size=8))
def test_what_a_spreadsheet_writes_is_read(table: list[list[str]]) -> None:
    written = io.StringIO(newline="")
    csv.writer(written, lineterminator="\r\n").writerows([["name", "number", "note"], *table])

    for row in rows(written.getvalue()):
        assert bool(row.cells) != bool(row.errors)
        assert all(cell == cell.strip() for cell in row.cells.values())


@post("/people", status_code=200, operation_class=csv_operation(COLUMNS), **public)
async def take_people(request: HttpRequest) -> list[str]:
    """Take a file."""
    return await read_upload(request, COLUMNS, lambda row: f"{row.line}:{row.cells['name']}")


@pytest.fixture
def app() -> Litestar:
    return app_of(take_people)


async def test_an_uploaded_file_becomes_what_is_made_of_its_rows(app: Litestar) -> None:
    async def sent(content: bytes, media_type: str) -> httpx.Response:
        return await client_of(app).post("/people", content=content, headers={"Content-Type": media_type})

    file = "姓名,代碼\r\n王小明,1\r\n\r\n林怡君,2\r\n"
    for answer in (
        await sent(file.encode(), "text/csv"),
        await sent(file.encode("cp950"), "text/csv"),
        await sent(file.encode("cp950"), "text/csv; charset=Big5"),
    ):
        assert (answer.status_code, answer.json()) == (200, ["2:王小明", "4:林怡君"])
    refused = {
        "unsupported-media-type": await sent(file.encode(), "application/json"),
        "file-encoding-unknown": await sent(file.encode("cp950"), "text/csv; charset=utf-8"),
        "csv-header-invalid": await sent(b"", "text/csv"),
        "csv-malformed": await sent(b'name,number\n"', "text/csv"),
        "too-many-rows": await sent(b"name,number\n" + b"a,1\n" * (MOST_ROWS + 1), "text/csv"),
    }
    assert {slug: answer.json()["type"] for slug, answer in refused.items()} == {
        slug: f"/problems/{slug}" for slug in refused
    }


def test_the_api_document_tells_of_the_file_and_its_columns(app: Litestar) -> None:
    body = openapi_document(app)["paths"]["/people"]["post"]["requestBody"]
    assert body["required"] is True
    assert body["content"] == {"text/csv": {"schema": {"type": "string"}}}
    assert "10,000" in body["description"]
    assert "Needed: `name`(姓名); `number`(代碼、編號) or `email`." in body["description"]
    assert "Optional: `note`(備註)." in body["description"]
