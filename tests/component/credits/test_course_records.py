"""Course records in their groups."""

from __future__ import annotations

from tests.component.credits.town import Town

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
    assert page["groups"][5]["title"]["zh"].startswith("異動中－")


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


def titles(page: dict[str, object]) -> list[str]:
    groups: list[dict[str, list[dict[str, dict[str, str]]]]] = page["groups"]  # type: ignore[assignment]
    return [entry["course"]["course_title"] for group in groups for entry in group["entries"]]
