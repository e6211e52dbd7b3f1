"""The bundle of one's own data says where the other services tell their part; each of these addresses does."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

import pytest
from tests.support.eventually import eventually
from tests.system.courses import administrator, approved, attended, registered, stands
from tests.system.people import LENIENT_SECONDS, Caller, World, sign_in

from cec_local.stack import Stack

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]
PREFIX = "/api/v1"
MINE = "/identity/personal-data/mine"


class Person(NamedTuple):
    """Somebody with two records that are one by now, who was looked at under the former one in every service."""

    me: Caller
    survivor: str
    former: str
    courses: frozenset[str]
    """Where the person was, under one number or the other."""
    links: Mapping[str, str]
    """Of the bundle, without what the gateway puts before them."""


@pytest.fixture(scope="module")
async def person(stack: Stack, world: World) -> Person:
    admin = await administrator(world, stack)
    survivor = await registered(admin, "H000001", "L120000006", "林兩筆")
    former = await registered(admin, "H000002", "P120000009", "林兩筆")
    account = {"name": "person-of-two-records", "password": stack.demo_password, "role": "practitioner"}
    await admin.post("/identity/accounts", account | {"practitioner_id": survivor})
    lecturers = [{"name": "林兩筆", "practitioner_number": "H000002"}]
    lectured = await approved(world, lecturers=lecturers)  # the review unit reads the case
    first = await approved(world)
    await attended(world, first, number="H000001")
    await stands(admin, survivor, valid="3.60")
    await stands(admin, former, valid="3.60")  # a look at the former record's credits, too
    await admin.get(f"/identity/practitioners/{former}")
    await world.offering.get(f"/enrolment/rosters/{lectured}/attendances")
    [case] = [each for each in (await world.review.get("/review/approvals"))["items"] if each["course_id"] == lectured]
    await world.review.get(f"/activities/activities/{case['activity_id']}")
    await admin.post(f"/identity/practitioners/{survivor}/merge", {"former_id": former, "reason": "同一人"})
    await stands(admin, survivor, valid="7.20")
    me = await sign_in(world.http, account["name"], account["password"])
    links = (await me.get(MINE))["elsewhere"]
    return Person(me, survivor, former, frozenset({first, lectured}), links)


async def follow(caller: Caller, link: str) -> Any:
    """The body of what an address of the bundle answers."""
    return await caller.get(link.removeprefix(PREFIX))


def courses_in(answer: Any) -> set[str]:
    """The ids of all courses in an answer, however deep."""
    if isinstance(answer, list):
        return set().union(*map(courses_in, answer))
    if not isinstance(answer, dict):
        return set()
    own = {str(answer["course_id"])} if "course_id" in answer else set()
    return own.union(*map(courses_in, answer.values()))


async def test_every_address_answers_the_person_with_what_is_theirs_under_either_record(person: Person) -> None:
    services = {link.split("/")[3] for link in person.links.values()}
    assert services == {"identity", "credits", "enrolment", "activities", "review"}
    for link in person.links.values():
        assert link.startswith(PREFIX)
        if link.endswith("/looks"):
            await eventually(partial(_has_looks, person.me, link), within=LENIENT_SECONDS, what=link)
            continue
        answer = await follow(person.me, link)
        if link.endswith("/statements/mine"):
            assert answer["practitioner_id"] == person.survivor
            assert [each["merged_from"] for each in answer["statements"]] == [[person.former]]
        elif link.endswith("/usage"):
            assert {"account.opened", "succeeded"} <= {line["what"] for line in answer["items"]}
        else:
            assert courses_in(answer) == person.courses, link
    assert {link.rpartition("/")[2] for link in person.links.values()} >= {"mine", "entries", "course-records", "usage"}


async def _has_looks(me: Caller, link: str) -> bool:
    return bool((await follow(me, link))["total"])


async def test_the_looks_are_those_at_the_former_record(person: Person) -> None:
    """What was looked at stands in each, and by whom."""
    looks = {
        link.split("/")[3]: await follow(person.me, link) for link in person.links.values() if link.endswith("/looks")
    }
    told = {service: {(look["action"], look["role"]) for look in page["items"]} for service, page in looks.items()}
    assert ("practitioner.read", "system_administrator") in told["identity"]
    assert ("statement.read", "system_administrator") in told["credits"]
    assert ("roster.read", "offering_unit") in told["enrolment"]
    assert ("activity.read", "review_unit") in told["activities"]
    assert ("case.read", "review_unit") in told["review"]


async def test_nobody_else_gets_it_there(person: Person, world: World) -> None:
    for link in person.links.values():
        path = link.removeprefix(PREFIX)
        assert (await world.nobody.ask("GET", path)).status_code == 401
        answer = await world.other_practitioner.ask("GET", path)
        assert answer.status_code == (403 if person.survivor in path else 200), path
        assert not person.courses & courses_in(answer.json())
        assert person.former not in answer.text


async def test_the_addresses_of_somebody_of_a_unit_answer_as_well(stack: Stack, world: World) -> None:
    admin = await administrator(world, stack)
    unit = str(world.offering.tokens["organisation_id"])
    account = {"name": "somebody-of-a-unit", "password": stack.demo_password, "role": "offering_unit"}
    opened = await admin.post("/identity/accounts", account | {"organisation_id": unit})
    me = await sign_in(world.http, account["name"], account["password"])
    await admin.post(f"/identity/accounts/{opened['account_id']}/personal-data", {"purpose": "本人書面申請"})
    bundle = await me.get(MINE)
    assert [row["name"] for row in bundle["held"]["accounts"]] == [account["name"]]
    answers = {link.rpartition("/")[2]: await follow(me, link) for link in bundle["elsewhere"].values()}
    assert answers.keys() == {"usage", "looks"}
    assert "succeeded" in {line["what"] for line in answers["usage"]["items"]}
    newest = answers["looks"]["items"][0]
    assert (newest["action"], newest["purpose"]) == ("personal_data.exported", "本人書面申請")
