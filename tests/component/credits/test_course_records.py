"""Course records in their groups."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from tests.component.credits.town import NOON, Town, a_record, later
from tests.support.facts import approval_of

from cec_contracts import review
from cec_credits.statements.course_records import KEYS


async def test_the_groups_stand_in_their_order_with_their_points(town: Town) -> None:
    person = await town.settle_in()
    await town.attend(person, "teaching", "15.00", role="lecturer")
    await town.attend(person, "attended", on="2025-03-02")
    await town.attend(person, "tumour board", "70.00", on="2025-03-03", method="M04")
    await town.attend(person, "journal", "2.00", on="2025-03-04", method="M06")
    await town.attend(person, "poster", "3.00", on="2025-03-05", method="M02", role="first_author")
    await town.attend(person, "university", "5.00", on="2025-03-06", method="M08")
    await town.attend(person, "next week", on="2026-03-09")
    page = await town.get(f"/statements/{person}/2/course-records")
    assert [(each["group"], each["change_pending"]) for each in page["groups"]] == [tuple(key) for key in KEYS]
    sums = {each["group"]: (each["valid"], each["invalid"]) for each in page["groups"] if not each["change_pending"]}
    assert sums == {
        "teaching": ("15.00", "0.00"),
        "attended": ("63.60", "10.00"),
        "correspondence": ("2.00", "0.00"),
        "papers": ("3.00", "0.00"),
        "individual": ("5.00", "0.00"),
    }
    assert (page["name"], page["certificate_number"]) == ("王測試", "000001")
    assert page["national_id_masked"] == "A12****789"
    assert page["groups"][5]["title"]["zh"].startswith("異動中－")


async def test_while_an_approval_is_examined_its_points_stand_in_a_group_of_their_own(town: Town) -> None:
    person = await town.settle_in()
    course = await town.attend(person, "examined", "3.60")
    other = await town.attend(person, "other", "2.00", on="2025-03-02")
    opened = review.OpenChange(reason="簽到資料待查", opened_at=NOON)

    await town.tell(approval_of(course, a_record(), "2", Decimal("3.60"), 2, under_change=opened))

    statement = await town.get(f"/statements/{person}/2")
    assert (statement["valid"], statement["counted"], statement["change_pending"]) == ("5.60", "5.60", "3.60")
    groups = {(g["group"], g["change_pending"]): g for g in await records_of(town, person)}
    (entry,) = groups["attended", True]["entries"]
    assert (entry["course"]["course_id"], entry["state"]) == (str(course), "valid")
    assert "簽到資料待查" in entry["notes"][0]["detail"]["zh"]
    assert [e["course"]["course_id"] for e in groups["attended", False]["entries"]] == [str(other)]
    told = [news.body for news in await town.told() if news.type == "cec.public.standing_changed.v1"]
    assert [str(body.change_pending) for body in told[-2:]] == ["0.00", "3.60"]

    await town.tell(approval_of(course, a_record(), "2", Decimal("3.60"), 3))  # looked at, and left as it was

    statement = await town.get(f"/statements/{person}/2")
    assert (statement["valid"], "change_pending" in statement) == ("5.60", False)
    assert not any(g["entries"] for g in await records_of(town, person) if g["change_pending"])


async def test_what_was_known_on_a_day_includes_that_an_approval_was_being_examined(town: Town) -> None:
    person = await town.settle_in()
    course = await town.attend(person, "examined", "3.60")
    opened = review.OpenChange(reason="簽到資料待查", opened_at=NOON)
    await town.tell(approval_of(course, a_record(), "2", Decimal("3.60"), 2, under_change=opened))
    moment = later(town, hours=1).isoformat().replace("+", "%2B")
    later(town, hours=1)
    await town.tell(approval_of(course, a_record(), "2", Decimal("1.00"), 3))

    assert (await town.get(f"/statements/{person}/2"))["valid"] == "1.00"
    then = await town.get(f"/statements/{person}/2?known_by={moment}")
    assert (then["valid"], then["change_pending"]) == ("3.60", "3.60")


async def test_a_masked_id_that_came_before_it_was_kept_is_filled_in_when_identity_tells_again(town: Town) -> None:
    person = await town.settle_in()
    async with town.database.transaction() as tx:
        await tx.execute("UPDATE practitioners SET national_id_masked = NULL")
    path = f"/statements/{person}/2/course-records"
    assert (await town.get(path))["national_id_masked"] == ""
    await town.settle_in(person=person)
    assert (await town.get(path))["national_id_masked"] == "A12****789"


async def test_a_period_of_ones_own_shows_its_records_only(town: Town) -> None:
    person = await town.settle_in()
    await town.attend(person, "early", on="2019-03-01")
    await town.attend(person, "late", on="2025-03-01")
    by_window = await town.get(f"/statements/{person}/2/course-records")
    by_period = await town.get(f"/statements/{person}/2/course-records?since=2019-01-01&until=2019-12-31")
    assert titles(by_window) == ["late"]
    assert titles(by_period) == ["early"]


async def test_the_filters_of_the_statement_hold_here_too(town: Town) -> None:
    person = await town.settle_in()
    await town.attend(person, "a", course_code="C1")
    await town.attend(person, "b", on="2025-03-02", course_code="C2")
    assert titles(await town.get(f"/statements/{person}/2/course-records?course_code=C2")) == ["b"]


async def records_of(town: Town, person: UUID) -> list[dict[str, Any]]:
    groups: list[dict[str, Any]] = (await town.get(f"/statements/{person}/2/course-records"))["groups"]
    return groups


def titles(page: dict[str, object]) -> list[str]:
    groups: list[dict[str, list[dict[str, dict[str, str]]]]] = page["groups"]  # type: ignore[assignment]
    return [entry["course"]["course_title"] for group in groups for entry in group["entries"]]
