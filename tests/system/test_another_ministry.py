"""The regulation of another ministry, from its file to the statement of somebody in its profession: no service knows of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.support.eventually import eventually
from tests.system.courses import HEADER, administrator, attended, case_of
from tests.system.people import LENIENT_SECONDS, Caller, World, proposal

from cec_local.stack import Stack

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

FILE = Path(__file__).parents[1] / "component" / "credits_rules" / "social_workers.toml"
ROW = "A147258365,陳社工,SW00001,SW,社工字第000001號,2020-04-01,2020-04-15,2026-04-14,,,臺北市,ordinary,2000-01-01"
DAY = "2021-05-03"


async def publish(admin: Caller) -> None:
    """Through the API, as an administrator would."""
    document = {"format": "toml", "text": FILE.read_text(encoding="utf-8")}
    draft = await admin.post("/credits/rule-sets/drafts", {"document": document})
    publication = {"revision": draft["revision"], "reason": "社工師", "waive": ["takes-effect-in-the-past"]}
    await admin.post(f"/credits/rule-sets/drafts/{draft['rule_set']}/publish", publication)


async def registered(admin: Caller) -> str:
    """The id of the social worker, once the registry has heard of the profession."""
    found: list[str] = []

    async def is_taken() -> bool:
        [result] = (await admin.upload("/identity/registry/imports", f"{HEADER}\n{ROW}\n".encode()))["results"]
        found[:] = [result["practitioner_id"]] if result["result"] != "refused" else []
        return bool(found)

    await eventually(is_taken, within=LENIENT_SECONDS)
    return found[0]


async def submitted(world: World) -> str:
    """The id of an activity for social workers, once activities has heard of the profession."""
    course = proposal("")["courses"][0] | {
        "attribute": "ethics",
        "starts_at": f"{DAY}T09:00:00+08:00",
        "ends_at": f"{DAY}T12:00:00+08:00",
    }
    body = proposal(
        str(world.other_review.tokens["organisation_id"]),
        professions=["SW"],
        starts_on=DAY,
        ends_on=DAY,
        courses=[course],
    )
    made: dict[str, Any] = {}

    async def is_taken() -> bool:
        answer = await world.offering.ask("POST", "/activities/activities", json=body)
        made.update(answer.json() if answer.is_success else {})
        return answer.is_success

    await eventually(is_taken, within=LENIENT_SECONDS)
    activity = str(made["activity_id"])
    answer = await world.offering.ask("POST", f"/activities/activities/{activity}/submit")
    assert answer.is_success, answer.text
    return activity


async def test_from_a_published_file_to_the_statement_of_a_social_worker(stack: Stack, world: World) -> None:
    admin = await administrator(world, stack)
    refused = (await admin.upload("/identity/registry/imports", f"{HEADER}\n{ROW}\n".encode()))["results"][0]
    assert [error["slug"] for error in refused["errors"]] == ["unknown-profession"]
    await publish(admin)
    person = await registered(admin)

    case = await case_of(world.other_review, await submitted(world))
    opened = await world.other_review.get(f"/review/cases/{case['case_id']}")
    [suggested] = [each for each in opened["suggestions"][0]["awards"] if each["role"] == "learner"]
    assert (suggested["profession"], suggested["points"], suggested["rule_set"]) == ("SW", "3.00", "SW2020")
    decided = await world.other_review.post(f"/review/cases/{case['case_id']}/decision", {"decision": "pass"})
    await attended(world, decided["approvals"][0]["course_id"], number="SW00001")

    seen: dict[str, Any] = {}

    async def is_counted() -> bool:
        path = f"/credits/statements/{person}/SW"
        answer = await admin.ask("GET", path, params={"as_of": "2022-01-01", "purpose": "audit"})
        seen.update(answer.json())
        return seen.get("counted") == "3.00"

    await eventually(is_counted, within=LENIENT_SECONDS)
    assert seen["rule_set"] == "SW2020"
    batch = await admin.ask(
        "POST",
        "/credits/batches?as_of=2022-01-01&purpose=audit",
        content=b"number,profession\nSW00001,SW\n",
        headers={"Content-Type": "text/csv"},
    )
    [line] = batch.json()["lines"]
    assert (line["problem"], line["figures"]["counted"]) == (None, "3.00")
