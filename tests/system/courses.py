"""People of the registry, courses that were approved, and who was there: what a test of its own does over HTTP."""

from __future__ import annotations

from typing import Any

from tests.support.eventually import eventually
from tests.system.people import LENIENT_SECONDS, Caller, World, proposal, sign_in

from cec_local.stack import Stack

POINTS = "3.60"
"""Of each course that :func:`passed` approves."""
AS_OF = "2016-07-07"
"""A day in the window of :func:`registered` people's licences, after all courses."""
HEADER = (
    "national_id,name,number,profession,certificate_number,certificate_issued_on,licence_valid_from,licence_valid_until,"
    "licence_extended_until,institution_code,county,area,area_since"
)


async def administrator(world: World, stack: Stack) -> Caller:
    """Just signed in."""
    return await sign_in(world.http, *stack.administrator)


async def registered(admin: Caller, number: str, national_id: str, name: str = "林受測") -> str:
    """The id of a dental technician of the registry."""
    row = f"{national_id},{name},{number},2,{number},2011-04-01,2011-04-15,2016-12-05,,,臺北市,ordinary,2000-01-01"
    report = await admin.upload("/identity/registry/imports", f"{HEADER}\n{row}\n".encode())
    return str(report["results"][0]["practitioner_id"])


async def submitted(world: World, review_unit_id: str, **course: Any) -> str:
    """The id of an activity with one course, of which `course` says what is unusual."""
    activity: dict[str, Any] = {}
    body = proposal(review_unit_id)
    body["courses"] = [{**body["courses"][0], **course}]

    async def is_known() -> bool:
        answer = await world.offering.ask("POST", "/activities/activities", json=body)
        activity.update(answer.json() if answer.is_success else {})
        return answer.is_success

    await eventually(is_known, within=LENIENT_SECONDS)
    await world.offering.post(f"/activities/activities/{activity['activity_id']}/submit")
    return str(activity["activity_id"])


async def case_of(review: Caller, activity_id: str) -> dict[str, Any]:
    """The case of an activity, once it has reached the review unit."""
    found: list[dict[str, Any]] = []

    async def has_arrived() -> bool:
        found[:] = (await review.get("/review/cases", activity_id=activity_id))["items"]
        return bool(found)

    await eventually(has_arrived, within=LENIENT_SECONDS)
    return found[0]


async def passed(review: Caller, activity_id: str) -> str:
    """The id of the activity's course, approved with points for learners and lecturers."""
    case = await case_of(review, activity_id)
    [course] = (await review.get(f"/review/cases/{case['case_id']}"))["activity"]["courses"]
    awards = [{"profession": "2", "role": role, "points": POINTS} for role in ("learner", "lecturer")]
    decision = {"decision": "pass", "courses": [{"course_id": course["course_id"], "awards": awards}]}
    [approval] = (await review.post(f"/review/cases/{case['case_id']}/decision", decision))["approvals"]
    return str(approval["course_id"])


async def approved(world: World, **course: Any) -> str:
    """The id of another course, approved by `world.review`."""
    return await passed(world.review, await submitted(world, str(world.review.tokens["organisation_id"]), **course))


async def attended(world: World, course_id: str, **who: str) -> None:
    """Somebody is put on the roster, once approval and person are known there."""

    async def is_on_it() -> bool:
        answer = await world.offering.ask("POST", f"/enrolment/rosters/{course_id}/attendances", json=who)
        assert answer.is_success or answer.status_code in {404, 422}, answer.text
        return answer.is_success

    await eventually(is_on_it, within=LENIENT_SECONDS)


async def stands(admin: Caller, person: str, **expected: Any) -> dict[str, Any]:
    """The statement of somebody, once it says what is expected."""
    seen: dict[str, Any] = {}

    async def is_so() -> bool:
        path = f"/credits/statements/{person}/2"
        answer = await admin.ask("GET", path, params={"as_of": AS_OF, "purpose": "audit"})
        seen.clear()
        seen.update(answer.json())
        return {name: seen.get(name) for name in expected} == expected

    try:
        await eventually(is_so, within=LENIENT_SECONDS)
    except AssertionError:
        raise AssertionError({name: seen.get(name, seen) for name in expected}) from None
    return seen


async def entries(reader: Caller, person: str) -> dict[str, dict[str, Any]]:
    """Course → the record of it, as the person's statement has it."""
    path = f"/credits/statements/{person}/2/entries"
    found = (await reader.get(path, as_of=AS_OF, purpose="audit"))["entries"]
    return {entry["course"]["course_id"]: entry for entry in found}
