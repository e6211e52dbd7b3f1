"""Statement and course records as PDF, read back with other people's tools: text, structure, signature, picture."""

from __future__ import annotations

import asyncio
import io
import re
import subprocess
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from tests.component.credits_batch.desk import ADMIN, BatchDesk, a_course, a_person, an_id, attended, courses, told_of
from tests.support.facts import News, attendance_of
from tests.support.pages import cells_of, rendered, text_of
from tests.support.tokens import an_actor

from cec_chassis.context import Actor
from cec_contracts import national_id, review
from cec_contracts.vocabulary import Method
from cec_credits.exports import pdf
from cec_credits.exports.refusals import FontMissing

PURPOSE = {"X-Purpose": "renewal"}
NURSE = an_actor("practitioner", practitioner_id=a_person(1))


@pytest.fixture
async def town(desk: BatchDesk) -> BatchDesk:
    """A nurse with fifty courses, twenty-five of quality: over the cap, so that some points are lost."""
    await desk.take_in(told_of(1, name="王小明"), *courses(50), *attended(1, 50))
    await desk.recalculate()
    return desk


async def export(town: BatchDesk, what: str = "statement", actor: Actor = ADMIN, query: str = "") -> Any:
    path = f"/statements/{a_person(1)}/F/{what}.pdf?{query}"
    answer = await town.ask(actor, "GET", path, headers=PURPOSE)
    assert answer.status_code == 200, answer.text
    assert answer.content.startswith(b"%PDF-")
    return answer


def run(*command: object) -> str:
    return subprocess.run([str(part) for part in command], check=True, capture_output=True).stdout.decode(
        errors="replace"
    )


async def test_the_statement_says_everything(town: BatchDesk) -> None:
    text = text_of((await export(town)).content)
    for said in (
        "王小明",
        national_id.mask(an_id(1)),
        "P000001",
        "F 護理師",
        "2017-01-02 至 2022-10-01",
        "民國 111 年 10 月 1 日",
        "測試憑證",
        "Test certificate",
        "積分數需達 120 點",
        "專業品質",
        "R2022",
    ):
        assert said in text, said
    assert re.search(r"第 1 頁，共 (\d+) 頁", text)
    pages = text.count("\f")
    assert f"第 {pages} 頁，共 {pages} 頁" in text
    assert text.count("C0") >= 1
    assert len(set(re.findall(r"2020-\d\d-\d\d", text))) == 50
    assert "已達上限" in text  # the reason of what the cap took


async def test_characters_that_no_font_has_cost_nobody_their_document(town: BatchDesk) -> None:
    """A name with a rare character and one of those that offices make themselves, and the title of a course."""
    named = told_of(1, name="王𪚥\ue000")
    await town.take_in(News(named.event, named.subject, 2, named.body))
    course = msgspec.structs.replace(courses(1)[0].body, course_title="龍行𪚥𛀁課 ก")
    await town.take_in(News(review.COURSE_APPROVAL_CHANGED, course.course_id, 2, course))
    for what in ("statement", "course-records"):
        text = text_of((await export(town, what)).content)
        assert "王〓〓" in text
        assert "龍行〓〓課" in "".join(text.split())
        assert "〓 代表本系統字型所缺之字" in text


async def test_marks_that_cannot_be_set_upon_their_letter_take_no_other_character_with_them(town: BatchDesk) -> None:
    course = msgspec.structs.replace(
        courses(1)[0].body, course_title="王\u1abf課 國\u20e3 á\u0331 第1\ufe0f\u20e3章 กำ 👨\u200d👩"
    )
    await town.take_in(News(review.COURSE_APPROVAL_CHANGED, course.course_id, 2, course))
    answers = await asyncio.gather(*(export(town) for _ in range(4)))
    for answer in answers:
        text = "".join(text_of(answer.content).split())
        assert "王小明" in text
        assert "王課國" in text.replace("〓", "")
    assert all(pdf._has_glyph(each) for each in "王國á1")


async def test_a_document_without_such_characters_speaks_of_none(town: BatchDesk) -> None:
    assert "〓" not in text_of((await export(town)).content)


async def test_attributes_roles_and_methods_are_named_in_both_languages(town: BatchDesk) -> None:
    """All courses were held online, and more of them than that method may bring."""
    online = [msgspec.structs.replace(news.body, method=Method.M05) for news in courses(50)]
    await town.take_in(*(News(review.COURSE_APPROVAL_CHANGED, each.course_id, 2, each) for each in online))
    text = cells_of((await export(town)).content)
    for said in (
        "專業課程 Professional courses",
        "專業品質・學員 M05",
        "Professional quality, learner",
        "M05　網路繼續教育 Online continuing education",
        "M05 網路繼續教育：每一更新週期以 80 點為限",
        "M05 Online continuing education: at most 80 points per renewal window",
    ):
        assert "".join(said.split()) in text, said


async def test_no_reason_names_a_record_by_an_id_that_the_page_does_not_have(town: BatchDesk) -> None:
    first = attendance_of(a_person(1), a_course(0), "F", "learner")
    again = msgspec.structs.replace(first.body, attendance_id=UUID(int=99))
    await town.take_in(News(first.event, again.attendance_id, 1, again))
    text = cells_of((await export(town)).content)
    assert re.search(r"與「課程」（C[0-9a-f]{10}，民國109年1月1日，學員）為同一課程或同一論文", text)
    assert re.search(r"Thesamecourseorpaperas“課程”\(C[0-9a-f]{10},2020-01-01,learner\)", text)
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", text)


@pytest.mark.parametrize("what", ["statement", "course-records"])
async def test_it_says_what_individual_credits_need_and_whom_to_ask(town: BatchDesk, what: str) -> None:
    text = text_of((await export(town, what)).content)
    for said in ("經審查單位核定後始予計入", "請洽該課程之開課單位", "ask the offering unit of the course"):
        assert said in text, said
    assert re.search(r"https?://\S+/api/v1/credits/rule-sets/R2022/methods", text)


async def test_course_records_stand_in_their_groups(town: BatchDesk) -> None:
    lecture = attendance_of(a_person(1), a_course(49), "F", "lecturer", 2)
    await town.take_in(lecture)
    text = text_of((await export(town, "course-records", query="since=2020-01-01&until=2020-12-31")).content)
    assert "醫事人員繼續教育上課紀錄" in text
    assert text.index("擔任主持人") < text.index("課程（擔任學員）")
    assert "2020-01-01 至 2020-12-31" in text
    assert national_id.mask(an_id(1)) in text
    assert an_id(1) not in text


async def test_it_is_accessible(town: BatchDesk, tmp_path: Path) -> None:
    path = tmp_path / "document.pdf"
    path.write_bytes((await export(town)).content)
    about = run("pdfinfo", path)
    assert re.search(r"Title:\s+醫事人員繼續教育積分統計", about)
    assert re.search(r"Tagged:\s+yes", about)
    root = PdfFileReader(io.BytesIO(path.read_bytes())).root
    assert root["/Lang"] == "zh-TW"
    structure = run("pdfinfo", "-struct", path)
    assert structure.count("TH") > 10
    assert "Figure" in structure
    fonts = run("pdffonts", path).splitlines()[2:]
    assert [line.split()[-5:-2] for line in fonts] == [["yes", "yes", "yes"]] * len(fonts)


async def test_the_signature_holds_and_a_changed_byte_breaks_it(town: BatchDesk) -> None:
    content = (await export(town)).content
    rows = await town.rows("SELECT certificate, chain FROM test_signing_identity")
    roots = list(load_certs_from_pemder_data(rows[0].chain.encode()))
    status = await _checked(content, roots)
    assert (status.intact, status.valid, status.trusted) == (True, True, True)
    assert status.coverage.name == "ENTIRE_FILE"
    assert "Test certificate" in status.signing_cert.subject.human_friendly
    at = content.index(b"stream") + 20
    broken = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
    assert not (await _checked(broken, roots)).intact
    again = await export(town)
    assert (await town.rows("SELECT count(*) AS n FROM test_signing_identity"))[0].n == 1
    assert again.headers["x-document-token"] not in content.decode("latin-1")


async def _checked(content: bytes, roots: list[Any]) -> Any:
    signature = PdfFileReader(io.BytesIO(content)).embedded_signatures[0]
    assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    return await async_validate_pdf_signature(signature, ValidationContext(trust_roots=roots))


async def test_a_rendered_page_looks_like_one(town: BatchDesk) -> None:
    """Ink where text belongs, none in the margins, the code at the top right in black and white."""
    page = rendered((await export(town)).content, 50)

    def ink(left: float, top: float, right: float, bottom: float) -> float:
        return page.share_darker_than(200, left, top, right, bottom)

    assert abs(page.width / page.height - 210 / 297) < 0.01
    assert ink(0, 0, 0.05, 1) == ink(0.95, 0, 1, 1) == ink(0, 0, 1, 0.03) == 0
    assert ink(0.07, 0.04, 0.6, 0.1) > 0.02  # the title
    assert 0.2 < ink(0.82, 0.06, 0.92, 0.14) < 0.8  # the code
    assert ink(0.07, 0.25, 0.9, 0.9) > 0.01
    assert ink(0.07, 0.93, 0.93, 0.98) > 0.001  # the page number


async def test_the_code_leads_to_the_verification(town: BatchDesk) -> None:
    issued = await export(town, actor=NURSE)
    path = f"/verifications/{issued.headers['x-document-token']}"
    answer = await town.ask(None, "GET", path)
    assert answer.status_code == 200
    found = answer.json()
    assert found["validity"] == "unchanged"
    assert found["totals"]["valid"] == "100.00"
    for secret in ("王小明", "P000001", str(a_person(1)), "C000001", "F"):
        assert f'"{secret}"' not in answer.text
    assert "****" not in answer.text
    page = await town.ask(None, "GET", path, headers={"Accept": "text/html"})
    assert "核發後積分未有異動" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


async def test_a_new_record_supersedes_and_a_correction_changes(town: BatchDesk) -> None:
    issued = await export(town, query="as_of=2020-02-10")
    path = f"/verifications/{issued.headers['x-document-token']}"
    assert (await town.ask(None, "GET", path)).json()["validity"] == "unchanged"
    withdrawn = attendance_of(a_person(1), a_course(45), "F", "learner", 2, status="withdrawn", reason="誤登")
    await town.take_in(withdrawn)
    await town.recalculate()
    found = (await town.ask(None, "GET", path)).json()
    assert (found["validity"], found["standing_changed"]) == ("superseded", True)
    await town.take_in(attendance_of(a_person(1), a_course(3), "F", "learner", 2, status="withdrawn", reason="誤登"))
    await town.recalculate()
    found = (await town.ask(None, "GET", path)).json()
    assert (found["validity"], found["standing_changed"]) == ("changed", True)


@pytest.mark.parametrize("query", ["", "as_of=2020-02-10"])
async def test_while_an_approval_is_examined_no_point_has_moved_and_the_document_stands(
    town: BatchDesk, query: str
) -> None:
    issued = await export(town, query=query)
    path = f"/verifications/{issued.headers['x-document-token']}"
    granted = courses(1)[0]
    opened = review.OpenChange(reason="簽到資料待查", opened_at=town.clock.now())
    body = msgspec.structs.replace(granted.body, under_change=opened)
    await town.take_in(News(review.COURSE_APPROVAL_CHANGE_OPENED, granted.subject, 2, body))
    await town.recalculate()
    found = (await town.ask(None, "GET", path)).json()
    assert (found["validity"], found["standing_changed"]) == ("unchanged", False)


async def test_an_unknown_token_is_told_as_such(town: BatchDesk) -> None:
    answer = await town.ask(None, "GET", "/verifications/AAAAAAAAAAAAAAAAAAAAAA")
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/unknown-document")
    page = await town.ask(None, "GET", "/verifications/AAAAAAAA", headers={"Accept": "text/html"})
    assert (page.status_code, "查無此文件" in page.text) == (404, True)


async def test_without_the_font_there_is_no_document_and_no_token(
    town: BatchDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    pdf._fonts.cache_clear()
    monkeypatch.setattr(pdf, "FONT", "A Font That Nobody Has")
    with pytest.raises(FontMissing):
        pdf.require_font()
    answer = await town.ask(ADMIN, "GET", f"/statements/{a_person(1)}/F/statement.pdf", headers=PURPOSE)
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/font-missing")
    assert "fonts-noto-cjk" in answer.json()["detail"]
    assert await town.rows("SELECT token FROM issued_statements") == []


async def test_who_looks_leaves_a_trace_and_who_may_not_gets_nothing(town: BatchDesk) -> None:
    await export(town)
    assert (await town.audited())[-2:] == ["statement.exported", "statement.issued"]
    stranger = an_actor("practitioner", practitioner_id=UUID(int=99))
    answer = await town.ask(stranger, "GET", f"/statements/{a_person(1)}/F/statement.pdf", headers=PURPOSE)
    assert answer.status_code == 403
    assert (await town.audited())[-1] == "statement.exported_refused"
    answer = await town.ask(ADMIN, "GET", f"/statements/{a_person(1)}/F/statement.pdf")
    assert answer.json()["type"] == "/problems/purpose-required"


async def test_a_cycle_that_has_not_begun_is_printed_from_its_first_day_to_its_last(town: BatchDesk) -> None:
    text = text_of((await export(town, query="as_of=2022-10-01&since=2030-01-01&until=2030-12-31")).content)
    assert "2030-01-01 至 2030-12-31" in text
    assert "尚未開始" in text


async def test_a_document_for_another_occasion_says_so_and_is_verified_as_such(town: BatchDesk) -> None:
    answer = await export(town, query="profile=re_entry")
    assert "領證逾五年首次執業登記" in text_of(answer.content)
    token = answer.headers["X-Document-Token"]
    verified = (await town.ask(None, "GET", f"/verifications/{token}")).json()
    assert (verified["validity"], verified["totals"]["since"]) == ("unchanged", "2021-10-02")


async def test_a_document_over_a_period_of_ones_own_judges_nothing_and_neither_does_its_verification(
    town: BatchDesk,
) -> None:
    issued = await export(town, query="since=2000-01-01&until=2022-10-01")
    text = text_of(issued.content)
    assert "不作為是否達換照標準之認定" in text
    assert "已達換照標準" not in text
    path = f"/verifications/{issued.headers['x-document-token']}"
    assert (await town.ask(None, "GET", path)).json()["totals"]["judged"] is False
    page = (await town.ask(None, "GET", path, headers={"Accept": "text/html"})).text
    assert "自訂期間不認定" in page
    assert "已達" not in page


async def test_the_verification_says_for_which_occasion_and_as_known_when_a_standard_is_met(town: BatchDesk) -> None:
    issued = await export(town, query="profile=nurse_practitioner&known_by=2022-10-01T04:00:00Z")
    path = f"/verifications/{issued.headers['x-document-token']}"
    found = (await town.ask(None, "GET", path)).json()
    assert (found["occasion"]["zh"][:3], found["known_by"]) == ("專科護", "2022-10-01T04:00:00Z")
    page = (await town.ask(None, "GET", path, headers={"Accept": "text/html"})).text
    assert found["occasion"]["en"] in page
    assert "2022-10-01 12:00:00" in page


async def test_the_cross_view_of_method_and_attribute_is_printed(town: BatchDesk) -> None:
    text = " ".join(text_of((await export(town)).content).split())
    assert "依實施方式對應之課程屬性" in text
    cells = (await town.ask(ADMIN, "GET", f"/statements/{a_person(1)}/F", headers=PURPOSE)).json()
    for cell in cells["by_method_and_attribute"]:
        assert re.search(rf"{cell['method']} \S+ .{{0,60}}? {cell['records']} {cell['valid']} ", text)


async def test_narrowed_course_records_say_by_what_and_that_the_totals_are_of_all(town: BatchDesk) -> None:
    answer = await town.ask(
        ADMIN, "GET", f"/statements/{a_person(1)}/F/course-records.pdf?attribute=quality", headers=PURPOSE
    )
    text = text_of(answer.content)
    assert "attribute=quality" in text
    assert "the totals are of all records" in " ".join(text.split())
    assert "篩選條件" not in text_of((await export(town)).content)
