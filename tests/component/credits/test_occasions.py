"""What a statement is asked for: the renewal, or another occasion that the rules know."""

from __future__ import annotations

from tests.component.credits.town import CASE, Town, also_a
from tests.support.facts import practitioner_of

from cec_chassis.ids import new_id

SPECIALIST = "profile=specialist"


async def test_who_comes_back_is_told_of_the_sixth_that_is_needed_within_a_year(town: Town) -> None:
    person = await town.settle_in()
    await town.attend(person, "old", points="15.00", on="2024-03-01")
    await town.attend(person, "new", points="21.00", on="2025-06-01")
    path = f"/statements/{person}/2"
    came_back = await town.get(f"{path}?profile=re_entry")
    assert (came_back["occasion"]["profile"], came_back["occasion"]["source"]["article"]) == ("re_entry", "6(1)")
    assert came_back["occasion"]["text"]["zh"].startswith("領證逾五年首次執業登記")
    assert (came_back["window"]["since"], came_back["window"]["until"]) == ("2025-03-03", "2026-03-02")
    total = came_back["requirements"][0]
    assert (total["target"], total["current"], came_back["met"], came_back["version"]) == ("20.00", "21.00", True, None)
    assert came_back["verdict"]["en"] == "What this occasion asks for is met"

    renewal = await town.get(path)
    assert (renewal["occasion"]["profile"], renewal["occasion"]["source"]["article"]) == ("renewal", "7(1)")
    assert (renewal["requirements"][0]["target"], renewal["met"]) == ("120.00", False)


async def test_entries_and_course_records_are_those_of_the_occasion(town: Town) -> None:
    person = await town.settle_in()
    await town.attend(person, "old", on="2024-03-01")
    await town.attend(person, "new", on="2025-06-01")
    entries = await town.get(f"/statements/{person}/2/entries?profile=re_entry")
    assert [entry["state"] for entry in entries["entries"]] == ["out_of_window", "valid"]
    assert entries["occasion"]["profile"] == "re_entry"
    records = await town.get(f"/statements/{person}/2/course-records?profile=re_entry")
    assert sum(len(group["entries"]) for group in records["groups"]) == 1
    assert records["occasion"]["profile"] == "re_entry"


async def test_an_occasion_that_does_not_exist_or_is_for_others_is_refused_with_those_that_are_possible(
    town: Town,
) -> None:
    person = await town.settle_in()
    for name in ("birthday", "specialist"):
        for what in ("", "/entries", "/course-records", "/statement.pdf"):
            path = f"/statements/{person}/2{what}?profile={name}"
            refused = await town.ask(town.administrator, "GET", path, headers={"X-Purpose": "audit"})
            assert refused.status_code == 422, path
            problem = refused.json()
            assert problem["type"] == "/problems/occasion-not-open"
            [error] = problem["errors"]
            assert error["path"] == "query.profile"
            assert "renewal、registration、first_registration、re_registration、re_entry" in error["message"]
            assert "specialist" not in error["message"]


async def test_of_several_professions_those_are_told_to_which_the_occasion_is_open(town: Town) -> None:
    person = new_id()
    await town.tell(also_a("A", practitioner_of(CASE, person)))
    told = await town.get(f"/statements/{person}?{SPECIALIST}")
    assert [each["profession"] for each in told["statements"]] == ["A"]
    technician = await town.settle_in()
    path = f"/statements/{technician}?{SPECIALIST}"
    refused = await town.ask(town.administrator, "GET", path, headers={"X-Purpose": "audit"})
    assert (refused.status_code, refused.json()["errors"][0]["path"]) == (422, "query.profile")
