"""What somebody who holds the paper can do with it: scan the code, type the address, read when it was made."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
import zxingcpp
from tests.component.credits_batch.desk import ADMIN, KEY, PURPOSE, BatchDesk, a_desk, a_person, told_of
from tests.conftest import MakeDatabase
from tests.support.pages import rendered, text_of

from cec_credits.service import SERVICE
from cec_credits.settings import CreditsSettings

PUBLIC = "https://cec.example.gov.tw"
VERIFICATIONS = "/api/v1/credits/verifications/"


def settings_with(address: str) -> CreditsSettings:
    found = SERVICE.documentation_settings()
    assert isinstance(found, CreditsSettings)
    return msgspec.structs.replace(found, public_address=address, national_id_index_key=KEY)


async def a_printer(database_url: str, address: str = PUBLIC) -> BatchDesk:
    """Credits reached from outside at `address`, with one nurse."""
    desk = await a_desk(database_url, settings_with(address))
    await desk.take_in(told_of(1, name="王小明"))
    await desk.recalculate()
    return desk


async def a_document(desk: BatchDesk, what: str = "statement", query: str = "") -> Any:
    path = f"/statements/{a_person(1)}/F/{what}.pdf?{query}"
    answer = await desk.ask(ADMIN, "GET", path, headers=PURPOSE)
    assert answer.status_code == 200, answer.text
    return answer


@pytest.mark.parametrize("address", [PUBLIC, PUBLIC + "/", "http://127.0.0.1:8080"])
async def test_the_code_on_the_page_and_the_printed_address_lead_to_the_verification(
    make_database: MakeDatabase, address: str
) -> None:
    """Read from the rendered page by a decoder that has nothing to do with the encoder."""
    desk = await a_printer(await make_database("credits"), address)
    for what in ("statement", "course-records"):
        issued = await a_document(desk, what)
        token = issued.headers["x-document-token"]
        expected = address.rstrip("/") + VERIFICATIONS + token
        page = rendered(issued.content, 150)
        [code] = zxingcpp.read_barcodes(memoryview(page.pixels).cast("B", shape=(page.height, page.width)))
        assert (code.text, str(code.format)) == (expected, str(zxingcpp.BarcodeFormat.QRCode))
        assert f"查驗網址 Verify at {expected}" in text_of(issued.content)
        found = await desk.ask(None, "GET", code.text.removeprefix(address.rstrip("/") + "/api/v1/credits"))
        assert (found.status_code, found.json()["validity"]) == (200, "unchanged")
    await desk.close()


async def test_every_document_has_a_code_of_its_own(make_database: MakeDatabase) -> None:
    desk = await a_printer(await make_database("credits"))
    tokens = {(await a_document(desk)).headers["x-document-token"] for _ in range(3)}
    assert len(tokens) == 3
    assert all(re.fullmatch(r"[\w-]{22}", token) for token in tokens), "128 bits: nobody guesses one"
    await desk.close()


async def test_the_page_says_to_the_minute_as_of_when_it_was_reckoned_and_made(make_database: MakeDatabase) -> None:
    """In Taipei: what is 16:37 in Greenwich is past midnight there, of the next day."""
    desk = await a_printer(await make_database("credits"))
    desk.clock.set(datetime(2022, 10, 1, 16, 37, 5, tzinfo=UTC))
    text = text_of((await a_document(desk, query="known_by=2022-10-01T15:08:00Z")).content)
    said = {
        r"計算基準日\s+As of\s+2022-10-02（民國 111 年 10 月 2 日）",
        r"以當時所知計算\s+As known at\s+2022-10-01 23:08:00（臺北時間 Taipei）",
        r"計算時間\s+Computed at\s+2022-10-02 00:37:05（臺北時間 Taipei）",
        r"製表時間 Issued at 2022-10-02 00:37:05（臺北時間 Taipei）",
    }
    assert {line for line in said if not re.search(line, text)} == set(), text
    plain = text_of((await a_document(desk, query="as_of=2022-09-30")).content)
    assert re.search(r"計算基準日\s+As of\s+2022-09-30", plain)
    assert "As known at" not in plain
    await desk.close()
