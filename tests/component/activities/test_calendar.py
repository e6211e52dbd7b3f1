"""A unit's calendar: red dates for the portal, and a feed behind a secret link that can be made anew."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from icalendar import Calendar, Event
from tests.component.activities.conftest import OFFERING, OTHER, Activities, course
from tests.support.tokens import an_actor

APRIL = "since=2026-04-01&until=2026-04-30"
CALENDAR = f"/organisations/{OFFERING}/calendar"
LINK = f"/organisations/{OFFERING}/calendar-link"


async def begins(activities: Activities, day: str, title: str, *, submit: bool = True) -> dict[str, Any]:
    """An activity of one day."""
    times = course(starts_at=f"{day}T09:00:00+08:00", ends_at=f"{day}T12:00:00+08:00")
    draft = await activities.draft(starts_on=day, ends_on=day, title=title, courses=[times])
    return await activities.submit(draft["activity_id"]) if submit else draft


async def red(activities: Activities, query: str = APRIL) -> list[tuple[str, list[str]]]:
    answer = await activities.ask(activities.unit, "GET", f"{CALENDAR}?{query}")
    assert answer.status_code == 200, answer.text
    return [(day["on"], [entry["title"] for entry in day["activities"]]) for day in answer.json()]


async def link(activities: Activities) -> str:
    answer = await activities.ask(activities.unit, "POST", LINK)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert made["address"] == f"http://127.0.0.1:8080/api/v1/activities{made['path']}"
    return str(made["path"])


async def events(activities: Activities, path: str) -> list[Any]:
    """What a calendar program reads, without signing in."""
    answer = await activities.client.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].startswith("text/calendar")
    calendar = Calendar.from_ical(answer.content)
    assert calendar["X-WR-CALNAME"] == "甲醫事學會 團體類活動"
    return [part for part in calendar.walk() if isinstance(part, Event)]


async def test_red_are_the_first_days_of_what_the_unit_has_applied_for(activities: Activities) -> None:
    await begins(activities, "2026-04-20", "乙")
    await begins(activities, "2026-04-05", "甲")
    await begins(activities, "2026-04-20", "丙")
    await begins(activities, "2026-05-01", "五月")
    await begins(activities, "2026-04-10", "草稿", submit=False)
    withdrawn = await begins(activities, "2026-04-11", "撤回")
    await activities.ask(activities.unit, "POST", f"/activities/{withdrawn['activity_id']}/withdraw")
    failed = await begins(activities, "2026-04-12", "不通過")
    await activities.hear(activities.decision(failed, "failed"))
    assert await red(activities) == [("2026-04-05", ["甲"]), ("2026-04-20", ["乙", "丙"])]


async def test_a_unit_reads_its_own_red_dates_and_an_administrator_everybodys(activities: Activities) -> None:
    await begins(activities, "2026-04-05", "甲")
    assert (await activities.ask(activities.administrator, "GET", f"{CALENDAR}?{APRIL}")).json()
    assert (await activities.ask(activities.other_unit, "GET", f"{CALENDAR}?{APRIL}")).status_code == 403
    assert (await activities.ask(activities.review_unit, "GET", f"{CALENDAR}?{APRIL}")).status_code == 403


@pytest.mark.parametrize("query", ["", "since=2026-04-02&until=2026-04-01", "since=2026-01-01&until=2027-12-31"])
async def test_days_that_make_no_sense_are_refused(activities: Activities, query: str) -> None:
    assert (await activities.ask(activities.unit, "GET", f"{CALENDAR}?{query}")).status_code == 422


async def test_the_feed_says_what_when_where_and_how_it_stands(activities: Activities) -> None:
    made = await activities.submitted()
    path = await link(activities)
    [event] = await events(activities, path)
    assert (event["SUMMARY"], event["LOCATION"]) == ("年度學術研討會", "臺北市 國際會議中心")
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (date(2026, 4, 1), date(2026, 4, 4))
    assert (event["STATUS"], event["SEQUENCE"], event["UID"]) == (
        "TENTATIVE",
        made["version"],
        f"{made['activity_id']}@activities.cec",
    )
    assert made["code"] in event["DESCRIPTION"]
    await activities.hear(activities.decision(made, "passed"))
    [passed] = await events(activities, path)
    assert (passed["STATUS"], passed["UID"]) == ("CONFIRMED", event["UID"])
    assert passed["SEQUENCE"] > event["SEQUENCE"]


async def test_what_was_withdrawn_is_struck_out_and_drafts_are_not_told(activities: Activities) -> None:
    withdrawn = await begins(activities, "2026-04-11", "撤回")
    await activities.ask(activities.unit, "POST", f"/activities/{withdrawn['activity_id']}/withdraw")
    await begins(activities, "2026-04-10", "草稿", submit=False)
    assert [(event["SUMMARY"], event["STATUS"]) for event in await events(activities, await link(activities))] == [
        ("撤回", "CANCELLED")
    ]


async def test_a_title_cannot_add_anything_to_the_feed(activities: Activities) -> None:
    title = "講座;附件,ATTACH:http://example.org"
    await begins(activities, "2026-04-05", title)
    [event] = await events(activities, await link(activities))
    assert event["SUMMARY"] == title
    assert "ATTACH" not in event


async def test_a_new_link_ends_the_one_before_and_a_link_can_be_taken_away(activities: Activities) -> None:
    old = await link(activities)
    new = await link(activities)
    assert old != new
    assert (await activities.client.get(old)).status_code == 404
    assert (await activities.client.get(new)).status_code == 200
    rows = await activities.rows("SELECT token_digest FROM calendar_links")
    assert [len(row.token_digest) for row in rows] == [32]
    assert (await activities.ask(activities.unit, "DELETE", LINK)).status_code == 204
    assert (await activities.client.get(new)).status_code == 404
    assert (await activities.ask(activities.unit, "DELETE", LINK)).status_code == 404
    assert [action for action in await activities.audited() if action.startswith("calendar")] == [
        "calendar_link.made",
        "calendar_link.made",
        "calendar_link.removed",
    ]


async def test_the_link_opens_one_calendar_and_nothing_without_it(activities: Activities) -> None:
    path = await link(activities)
    for wrong in (CALENDAR + ".ics", path[:-1], path.replace(str(OFFERING), str(OTHER))):
        assert (await activities.client.get(wrong)).status_code == 404, wrong
    assert (await activities.client.get(f"{CALENDAR}.ics?token=%00")).status_code == 422


async def test_only_the_unit_itself_makes_its_link(activities: Activities) -> None:
    for actor in (activities.other_unit, activities.administrator, activities.review_unit, an_actor("practitioner")):
        for method in ("POST", "DELETE"):
            assert (await activities.ask(actor, method, LINK)).status_code == 403
