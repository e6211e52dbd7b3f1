"""Statements over HTTP: what they say, how they open to their records, and who may look."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import uuid4, uuid5

import msgspec
import pytest
from tests.component.credits.town import CASE, NOON, Town, a_licence_from, a_record, also_a, later
from tests.support.facts import News, approval_of, attendance_of, practitioner_of
from tests.support.tokens import an_actor

from cec_chassis.ids import new_id


async def test_a_statement_says_whose_licence_sets_its_window_and_how_fresh_it_is(town: Town) -> None:
    person = await town.settle_in()
    await town.attend(person, "根管治療")
    statement = await town.get(f"/statements/{person}/2")
    assert statement["licence"]["valid_until"] == "2027-05-01"
    assert statement["licence"]["valid_until_roc"] == "民國 116 年 5 月 1 日"
    assert statement["window"] == {
        "since": "2021-05-02",
        "until": "2026-03-02",
        "since_roc": "民國 110 年 5 月 2 日",
        "until_roc": "民國 115 年 3 月 2 日",
    }
    assert (statement["as_of_roc"], statement["freshness"]) == ("民國 115 年 3 月 2 日", "current")
    assert (statement["valid"], statement["version"]) == ("3.60", 2)


async def test_a_change_that_is_not_worked_in_yet_is_told(town: Town) -> None:
    person = await town.settle_in()
    course = await town.attend(person, "根管治療")
    async with town.database.transaction() as tx:
        await tx.execute("INSERT INTO dirty_standings (practitioner_id, profession) VALUES (:id, '2')", id=person)
    statement = await town.get(f"/statements/{person}/2")
    assert (statement["freshness"], statement["freshness_text"]["zh"]) == ("working", "有異動計算中，數秒內更新。")
    await town.tell(attendance_of(person, course, "2", "learner", 2, status="withdrawn"))
    assert (await town.get(f"/statements/{person}/2"))["freshness"] == "current"


async def test_a_statement_says_what_individual_credits_need_and_whom_to_ask(town: Town) -> None:
    person = await town.settle_in()
    stored = await town.get(f"/statements/{person}/2")
    computed = await town.get(f"/statements/{person}/2?since=2025-01-01&until=2025-12-31")
    individual, doubts = stored["advice"]

    assert computed["advice"] == stored["advice"]
    assert "經審查單位核定後始予計入" in individual["text"]["zh"]
    assert "ask the offering unit of the course" in doubts["text"]["en"]
    at = individual["address"].removeprefix("/api/v1/credits")
    assert stored["rule_set"] in at
    methods = (await town.ask(None, "GET", at)).json()["methods"]
    by_person = [method["code"] for method in methods if method["applicants"] == ["person"]]
    assert (methods[0]["code"], by_person[-1]) == ("M01", "M13")
    assert methods[0]["rates"][0]["per_text"]["zh"] == "每小時"


async def test_the_advice_of_a_statement_is_no_part_of_what_is_stored(town: Town) -> None:
    await town.settle_in()
    (stored,) = await town.rows("SELECT summary FROM standings")
    assert "advice" not in stored.summary


async def test_an_entry_names_the_course_it_comes_from(town: Town) -> None:
    person = await town.settle_in()
    await town.attend(person, "根管治療", course_code="C202503010001", activity_code="S202503010001")
    [entry] = (await town.get(f"/statements/{person}/2/entries"))["entries"]
    assert entry["course"]["course_title"] == "根管治療"
    assert entry["course"]["course_code"] == "C202503010001"
    assert entry["course"]["activity_code"] == "S202503010001"
    assert entry["course"]["activity_title"] == "活動"
    assert entry["course"]["offering_unit_name"] == "某學會"
    assert entry["effective_on_roc"] == "民國 114 年 3 月 1 日"


async def test_every_line_of_the_cross_view_opens_to_records_that_add_up_to_it(town: Town) -> None:
    person = await town.settle_in()
    await town.attend(person, "a")
    await town.attend(person, "b", on="2025-03-02", attribute="ethics")
    await town.attend(person, "c", "70.00", on="2025-03-03", method="M04")
    await town.attend(person, "d", on="2026-03-09")
    statement = await town.get(f"/statements/{person}/2")
    assert len(statement["by_method_and_attribute"]) == 3
    for line in statement["by_method_and_attribute"]:
        opened = await town.get(f"/statements/{person}/2/entries?method={line['method']}&attribute={line['attribute']}")
        totals = {key: line[key] for key in ("records", "valid", "invalid", "pending", "counted")}
        assert {key: opened["sums"][key] for key in totals} == totals
        assert opened["total"] == line["records"] == len(opened["entries"])


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("course_code=C2", {"b"}),
        ("course_code=c2", {"b"}),
        ("activity_code=%EF%BD%93%EF%BC%91", {"a"}),
        ("activity_code=S1", {"a"}),
        ("offering_unit=%E4%B9%99%E5%85%AC%E6%9C%83", {"b"}),
        ("offering_unit=%E5%85%AC%E6%9C%83", {"b"}),
        ("offering_unit=8a3f0a9e-6d9a-4d7e-8f57-0d3a1f5f9b10", set()),
        ("review_unit=00000000-0000-0000-0000-000000000009", {"a"}),
        ("attribute=ethics", {"b"}),
        ("state=pending", {"c"}),
        ("method=M01&state=valid", {"a", "b"}),
    ],
)
async def test_entries_are_narrowed_by_what_is_asked_for(town: Town, query: str, found: set[str]) -> None:
    person = await town.settle_in()
    await town.attend(
        person, "a", course_code="C1", activity_code="S1", review_unit_id="00000000-0000-0000-0000-000000000009"
    )
    await town.attend(person, "b", on="2025-03-02", course_code="C2", offering_unit_name="乙公會", attribute="ethics")
    await town.attend(person, "c", on="2026-03-09")
    answer = await town.get(f"/statements/{person}/2/entries?{query}")
    assert {entry["course"]["course_title"] for entry in answer["entries"]} == found


async def test_entries_come_in_pages_whose_sums_are_of_all_pages(town: Town) -> None:
    person = await town.settle_in()
    for number in range(1, 6):
        await town.attend(person, f"course {number}", on=f"2025-03-0{number}")
    second = await town.get(f"/statements/{person}/2/entries?page=2&page_size=2")
    assert [entry["course"]["course_title"] for entry in second["entries"]] == ["course 3", "course 4"]
    assert (second["total"], second["sums"]["valid"]) == (5, "18.00")


async def test_several_professions_of_one_person_are_reckoned_apart(town: Town) -> None:
    person = new_id()
    await town.tell(also_a("A", practitioner_of(CASE, person)))
    await town.attend(person, "根管治療")
    answer = await town.get("/statements/mine", an_actor("practitioner", practitioner_id=person))
    assert answer["practitioner_id"] == str(person)
    assert {each["profession"]: each["valid"] for each in answer["statements"]} == {"2": "3.60", "A": "0.00"}
    assert await town.get(f"/statements/{person}") == answer


async def test_a_person_nobody_knows_has_no_statement(town: Town) -> None:
    assert await town.refused(f"/statements/{uuid4()}", town.administrator, **{"X-Purpose": "audit"}) == (
        404,
        "no-statement",
    )


async def test_an_account_without_a_practitioner_has_no_statement_of_its_own(town: Town) -> None:
    assert await town.refused("/statements/mine", an_actor("practitioner")) == (404, "no-statement")


async def test_a_licence_of_three_years_is_called_abnormal(town: Town) -> None:
    person = await town.settle_in(valid_from="2024-05-01", valid_until="2027-05-01")
    [anomaly] = (await town.get(f"/statements/{person}/2"))["anomalies"]
    assert anomaly["code"] == "LICENCE_UNDER_4_YEARS"


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("since=2025-01-01", "query.until"),
        ("since=2025-02-01&until=2025-01-01", "query.until"),
        ("known_by=2025-01-01T00:00:00", "query.known_by"),
        ("as_of=9999-12-31", "query.as_of"),
        ("since=2025-01-01&until=9999-12-31", "query.until"),
    ],
)
async def test_a_question_that_makes_no_sense_names_its_field(town: Town, query: str, path: str) -> None:
    person = await town.settle_in()
    headers = {"X-Purpose": "audit"}
    response = await town.ask(town.administrator, "GET", f"/statements/{person}/2?{query}", headers=headers)
    assert response.status_code == 422
    assert [error["path"] for error in response.json()["errors"]] == [path]


async def test_a_period_of_ones_own_takes_the_place_of_the_window(town: Town) -> None:
    person = await town.settle_in()
    await town.attend(person, "early", on="2022-03-01")
    await town.attend(person, "late", on="2025-03-01")
    whole = await town.get(f"/statements/{person}/2")
    year = await town.get(f"/statements/{person}/2?since=2025-01-01&until=2025-12-31")
    assert (Decimal(whole["valid"]), Decimal(year["valid"])) == (Decimal("7.20"), Decimal("3.60"))
    assert (year["window"]["since"], year["window"]["until"], year["version"]) == ("2025-01-01", "2025-12-31", None)


async def test_the_past_is_answered_as_it_was_known_then(town: Town) -> None:
    """What was said on the day of renewal does not change with a correction that came afterwards."""
    person = await town.settle_in()
    course = await town.attend(person, "根管治療", "9.00")
    renewal = later(town, days=1)
    later(town, days=30)
    await town.tell(attendance_of(person, course, "2", "learner", 2, minutes=90))
    day = "as_of=2026-03-03"
    then = await town.get(f"/statements/{person}/2?{day}&known_by={renewal.isoformat().replace('+', '%2B')}")
    now = await town.get(f"/statements/{person}/2?{day}")
    assert (then["valid"], now["valid"]) == ("9.00", "4.50")
    assert then["version"] is None
    assert then["freshness"] == "current"


async def test_a_licence_corrected_later_leaves_the_window_of_the_past_where_it_was(town: Town) -> None:
    person = await town.settle_in()
    await town.attend(person, "early", on="2021-06-01")
    renewal = later(town, hours=1)
    later(town, days=2)
    await town.settle_in(person=person, sequence=2, valid_from="2021-12-01", valid_until="2027-12-01")
    asked = f"/statements/{person}/2?as_of=2026-03-02"
    then = await town.get(f"{asked}&known_by={renewal.isoformat().replace('+', '%2B')}")
    now = await town.get(asked)
    assert (then["window"]["since"], then["valid"]) == ("2021-05-02", "3.60")
    assert (now["window"]["since"], now["valid"]) == ("2021-12-02", "0.00")


async def test_before_anything_was_known_there_was_no_statement(town: Town) -> None:
    later(town, days=1)
    person = await town.settle_in()
    before = NOON.isoformat().replace("+", "%2B")
    for path in (f"/statements/{person}/2", f"/statements/{person}"):
        answer = await town.ask(town.administrator, "GET", f"{path}?known_by={before}", headers={"X-Purpose": "audit"})
        problem = answer.json()
        assert (answer.status_code, problem["type"]) == (404, "/problems/no-statement")
        assert [error["path"] for error in problem["errors"]] == ["query.known_by"]


async def test_a_profession_that_only_a_corrected_record_stood_under_has_a_statement(town: Town) -> None:
    """Its points went to another profession; that they once stood here is told, and not that nobody knows of it."""
    person = await town.settle_in()
    asked = f"/statements/{person}/F?as_of=2026-03-01"
    assert await town.refused(asked, town.administrator, **{"X-Purpose": "audit"}) == (404, "no-statement")
    course = await town.attend(person, "根管治療")
    await town.tell(attendance_of(person, course, "F", "learner", 2))
    await town.tell(attendance_of(person, course, "2", "learner", 3))
    assert (await town.get(asked))["valid"] == "0.00"


async def test_a_licence_that_has_run_out_says_so_and_what_to_do(town: Town) -> None:
    person = await town.settle_in()
    path = f"/statements/{person}/2?as_of="
    assert "licence_remark" not in await town.get(f"{path}2027-05-01")
    lapsed = (await town.get(f"{path}2027-05-02"))["licence_remark"]
    assert "已於民國 116 年 5 月 1 日屆滿" in lapsed["zh"]
    assert "ended on 2027-05-01" in lapsed["en"]
    [first] = await town.rows("SELECT changes_on FROM standings")
    assert first.changes_on == date(2027, 5, 2)


async def test_a_licence_renewed_early_is_lawful_and_its_cycle_begins_when_the_old_one_has_ended(town: Town) -> None:
    """Told by the registry in December 2026: the old licence ends on 2027-05-01, the new one began on 2026-11-01."""
    later(town, days=274)
    person = new_id()
    first = practitioner_of(CASE, person)
    await town.tell(first, a_licence_from(first, date(2026, 11, 1), date(2033, 5, 1)))
    await town.attend(person, "former cycle", on="2026-11-20")

    path = f"/statements/{person}/2"
    read = await town.get(path)
    assert (read["window"]["since"], read["window"]["until"]) == ("2027-05-02", "2033-05-01")
    assert "begins on 2027-05-02" in read["window"]["remark"]["en"]
    assert (read["valid"], read["met"], read["anomalies"]) == ("0.00", False, [])
    assert read["window"] == (await town.get(f"{path}/entries"))["statement"]["window"]
    rows = await town.rows("SELECT changes_on, window_since FROM standings")
    assert [(row.changes_on, row.window_since) for row in rows] == [(date(2027, 5, 2), date(2027, 5, 2))]
    begun = await town.get(f"{path}?as_of=2027-05-02")
    assert (begun["window"]["until"], "remark" in begun["window"]) == ("2027-05-02", False)


async def test_half_a_course_says_what_the_whole_would_have_given_and_by_which_rule(town: Town) -> None:
    person = await town.settle_in()
    course = await town.attend(person, "根管治療", points="9.00", minutes=450)
    await town.tell(attendance_of(person, course, "2", "learner", 2, minutes=225))
    [entry] = (await town.get(f"/statements/{person}/2/entries"))["entries"]
    assert (entry["points"], entry["losses"], entry["rate"]) == ("4.50", [], None)
    basis = entry["basis"]
    assert (basis["source"]["rule_set"], basis["source"]["version"], basis["source"]["article"]) == (
        "R2022",
        1,
        "appendix 1",
    )
    assert basis["source"]["url"].endswith("pcode=L0020181&flno=14")
    approval = basis["approval"]
    assert (approval["decided_on"], approval["awarded"]) == ("2010-01-01", "9.00")
    assert (approval["attended_minutes"], approval["course_minutes"]) == (225, 450)
    assert approval["detail"]["en"].endswith("225 were attended, which gives 4.50.")


async def test_a_withdrawn_approval_is_no_basis_any_more(town: Town) -> None:
    person = await town.settle_in()
    course = await town.attend(person, "根管治療")
    withdrawn = approval_of(course, a_record(), "2", Decimal("3.60"), 2, status="withdrawn")
    await town.tell(withdrawn)
    [entry] = (await town.get(f"/statements/{person}/2/entries"))["entries"]
    assert (entry["reason"], entry["basis"]["approval"]) == ("APPROVAL_WITHDRAWN", None)


async def test_a_withdrawn_attendance_stays_in_the_statement_and_says_where_its_points_went(town: Town) -> None:
    """The course was entered twice, and the mistaken line withdrawn: it takes nothing from the right one."""
    person = await town.settle_in()
    course = await town.attend(person, "根管治療")
    mistaken = attendance_of(person, course, "2", "learner")
    twin = msgspec.structs.replace(mistaken.body, attendance_id=new_id(), recorded_at=NOON)
    await town.tell(News(mistaken.event, twin.attendance_id, 1, twin))
    path = f"/statements/{person}/2"
    twice = await town.get(path)
    assert (twice["valid"], twice["invalid"]) == ("3.60", "3.60")
    await town.tell(attendance_of(person, course, "2", "learner", 2, status="withdrawn"))
    once = await town.get(path)
    assert (once["valid"], once["invalid"], once["by_method"][0]["records"]) == ("3.60", "3.60", 2)
    entries = {entry["state"]: entry for entry in (await town.get(f"{path}/entries"))["entries"]}
    gone = entries["invalid"]
    assert (gone["reason"], gone["losses"][0]["step"], gone["losses"][0]["amount"]) == (
        "ATTENDANCE_WITHDRAWN",
        "attendance",
        "3.60",
    )
    assert entries["valid"]["losses"] == []
    groups = (await town.get(f"{path}/course-records"))["groups"]
    assert [(group["valid"], group["invalid"]) for group in groups if group["entries"]] == [("3.60", "3.60")]


async def test_a_course_held_anew_under_the_same_title_is_pointed_out_and_counts(town: Town) -> None:
    person = await town.settle_in()
    for at, unit in ((1, "某學會"), (2, "某學會"), (3, "某醫院")):
        course, told = uuid5(person, str(at)), a_record(f"2025-03-0{at}")
        approved = approval_of(course, told, "2", Decimal("3.60"), course_title="根管治療", offering_unit_name=unit)
        await town.tell(approved, attendance_of(person, course, "2", "learner"))
    first, second, elsewhere = (await town.get(f"/statements/{person}/2/entries"))["entries"]
    assert (first["notes"], elsewhere["notes"]) == ([], [])
    [note] = second["notes"]
    assert (note["reason"], note["source"]["verified"], second["counted"]) == ("CONTENT_REPEATED", False, "3.60")
    assert note["other_record"] == first["id"]
    assert "「根管治療」" in note["detail"]["zh"]
    assert first["id"] not in note["detail"]["zh"] + note["detail"]["en"]


async def test_a_reason_names_another_record_by_its_course_its_day_and_the_role(town: Town) -> None:
    """Nobody knows the id of a record; programs find it in a field of its own."""
    person = await town.settle_in()
    course = await town.attend(person, "根管治療", course_code="AB-1001")
    await town.attend(person, "顯微根管", course_code="AB-1002")
    taught = attendance_of(person, course, "2", "lecturer")
    again = msgspec.structs.replace(taught.body, attendance_id=new_id())
    approved = approval_of(course, a_record(), "2", Decimal("3.60"), 2, course_title="根管治療", course_code="AB-1001")
    both = [*approved.body.awards, msgspec.structs.replace(approved.body.awards[0], role="lecturer")]
    await town.tell(
        News(approved.event, approved.subject, 2, msgspec.structs.replace(approved.body, awards=both)),
        News(taught.event, again.attendance_id, 1, again),
    )
    entries = (await town.get(f"/statements/{person}/2/entries"))["entries"]
    told = {(entry["course"]["course_code"], entry["role"]): entry for entry in entries}
    learned, lectured, other = (
        told[key] for key in (("AB-1001", "learner"), ("AB-1001", "lecturer"), ("AB-1002", "learner"))
    )
    (lost,) = learned["losses"]
    assert (lost["reason"], lost["other_record"]) == ("DUPLICATE_COURSE", lectured["id"])
    assert lost["detail"] == {
        "zh": "與「根管治療」（AB-1001，民國 114 年 3 月 1 日，授課者）為同一課程或同一論文，僅計其中一筆："
        "有積分之授課先於上課，其餘取點數較高者，點數相同取較早者。",
        "en": "The same course or paper as “根管治療” (AB-1001, 2025-03-01, lecturer); one of the two counts: "
        "teaching that brings points before attending, else the one that is worth more, of equal ones the earlier.",
    }
    assert (other["losses"], other["notes"]) == ([], [])


async def test_what_overlaps_is_named_by_its_course_on_either_side(town: Town) -> None:
    person = await town.settle_in()
    await town.attend(person, "根管治療", course_code="AB-1001")
    await town.attend(person, "顯微根管", course_code="AB-1002")
    for entry in (await town.get(f"/statements/{person}/2/entries"))["entries"]:
        (note,) = entry["notes"]
        name, code = {"AB-1001": ("顯微根管", "AB-1002"), "AB-1002": ("根管治療", "AB-1001")}[
            entry["course"]["course_code"]
        ]
        assert note["reason"] == "OVERLAP_TIME"
        assert note["detail"]["zh"].startswith(f"與「{name}」（{code}，民國 114 年 3 月 1 日，學員）之時間重疊")
        assert note["detail"]["en"].startswith(f"Its time overlaps “{name}” ({code}, 2025-03-01, learner)")


async def test_the_pipeline_is_published_in_its_order_with_the_steps_that_losses_cite(town: Town) -> None:
    steps = (await town.ask(None, "GET", "/rule-sets/pipeline")).json()
    assert [step["step"] for step in steps] == [
        *("scope", "window", "approval", "attendance", "duplicate", "overlap", "rate", "area"),
        *("period_cap", "method_cap", "attribute_group", "group_cap", "requirement_lines"),
    ]
    assert steps[3]["text"] == {"zh": "出席及生效", "en": "attendance, and whether it has ended"}
