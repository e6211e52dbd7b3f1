"""Pages, cursors, and CSV that is safe to open."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar import Response, get
from tests.support.http import app_of, client_of

from cec_chassis.http import Paging, csv_download, decode_cursor, encode_cursor, public
from cec_chassis.http.csv_download import csv_text
from cec_chassis.problems import ValidationFailed


def test_pages_count_from_one() -> None:
    assert (Paging(1, 50).offset, Paging(3, 20).offset, Paging(3, 20).limit) == (0, 40, 20)
    page = Paging(2, 2).of(["c", "d"], total=5)
    assert (page.items, page.total, page.page, page.page_size) == (["c", "d"], 5, 2, 2)


def test_a_cursor_comes_back_as_it_was() -> None:
    at, key = datetime(2016, 7, 7, 1, tzinfo=UTC), UUID(int=7)
    assert decode_cursor(encode_cursor(at, key), tuple[datetime, UUID]) == (at, key)


@pytest.mark.parametrize("cursor", ["", "x", "%%%", "積分", encode_cursor("not a date", 1), encode_cursor(1, 2, 3)])
def test_a_cursor_of_somebody_else_is_refused(cursor: str) -> None:
    with pytest.raises(ValidationFailed) as caught:
        decode_cursor(cursor, tuple[datetime, UUID])
    assert caught.value.errors[0].path == "query.cursor"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1+cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_cell_that_a_spreadsheet_would_run_is_defused(text: str) -> None:
    (_, row) = csv.reader(io.StringIO(csv_text(["a"], [[text]]), newline=""))
    assert row == ["'" + text]


def test_values_are_written_as_people_read_them() -> None:
    text = csv_text(
        ["姓名", "積分"], [["王小明", Decimal("-58.80")], [None, True], [date(2016, 7, 7), Decimal("1E+2")], [-3, 0.5]]
    )
    assert text == "姓名,積分\r\n王小明,-58.80\r\n,true\r\n2016-07-07,100\r\n-3,0.5\r\n"


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2), max_size=5))
def test_whatever_the_text_the_table_keeps_its_shape(rows: list[list[str]]) -> None:
    read = list(csv.reader(io.StringIO(csv_text(["a", "b"], rows), newline="")))
    assert [len(row) for row in read] == [2] * (len(rows) + 1)
    for row, original in zip(read[1:], rows, strict=True):
        for cell, value in zip(row, original, strict=True):
            assert cell.removeprefix("'") == value or cell == value


@get("/roster.csv", **public)
async def roster() -> Response[bytes]:
    return csv_download("學員名單.csv", ["姓名"], [["王小明"]])


async def test_a_download_has_a_byte_order_mark_and_a_chinese_name() -> None:
    async with client_of(app_of(roster)) as client:
        answer = await client.get("/roster.csv")
    assert answer.content == b"\xef\xbb\xbf" + "姓名\r\n王小明\r\n".encode()
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].endswith("filename*=UTF-8''%E5%AD%B8%E5%93%A1%E5%90%8D%E5%96%AE.csv")
