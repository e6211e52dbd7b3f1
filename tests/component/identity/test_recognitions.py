"""Recognition of review units: given, extended, revoked with the ban of a year, and what is found in breach."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.component.identity.conftest import Identity, good, refusal
from tests.support.tokens import an_actor

from cec_chassis.ids import new_id
from cec_identity.recognitions.recognise_as_registered import recognise_those_registered_before
from cec_identity.recognitions.settle_due_recognitions import settle_due

TODAY = "2026-03-02"


async def society(identity: Identity, code: str = "S01", **changes: Any) -> str:
    """A society that reviews nothing yet."""
    plain = {"reviews_courses": False, "reviews_professions": []}
    return str((await identity.organisation(code, **(plain | changes)))["organisation_id"])


async def ask(identity: Identity, path: str, body: dict[str, Any]) -> Any:
    return await identity.ask(identity.administrator, "POST", f"/recognitions{path}", body)


async def recognised(identity: Identity, unit: str, **changes: Any) -> dict[str, Any]:
    """A recognition from today on until the end of 2028."""
    return good(await recognising(identity, unit, **changes), 201)


async def recognising(identity: Identity, unit: str, **changes: Any) -> Any:
    body = {
        "organisation_id": unit,
        "professions": ["2"],
        "applied_on": "2026-01-05",
        "valid_from": TODAY,
        "valid_until": "2028-12-31",
        "document": "衛部醫字第1150000001號",
    }
    return await ask(identity, "", body | changes)


async def revoked(identity: Identity, recognition: dict[str, Any], **changes: Any) -> Any:
    body = {"ground": "improper_review", "reason": "未依計畫書審查，情節重大"} | changes
    return await ask(identity, f"/{recognition['recognition_id']}/revoke", body)


async def unit_now(identity: Identity, unit: str) -> tuple[bool, list[str]]:
    found = good(await identity.ask(identity.administrator, "GET", f"/organisations/{unit}"))
    return found["reviews_courses"], found["reviews_professions"]


async def test_a_recognised_unit_reviews_and_both_are_told(identity: Identity) -> None:
    unit = await society(identity)
    recognition = await recognised(identity, unit, professions=["D", "2", "D"])
    assert recognition["professions"] == ["2", "D"]
    news, changed = (await identity.told())[-2:]
    assert (news.type, news.subject, news.sequence) == (
        "cec.identity.review_unit_recognised.v1",
        recognition["recognition_id"],
        1,
    )
    assert (changed.type, changed.body.reviews_courses) == ("cec.identity.organisation_changed.v1", True)
    assert changed.body.reviews_professions == ["2", "D"]
    page = good(await identity.ask(an_actor("practitioner"), "GET", f"/recognitions?organisation_id={unit}"))
    assert page["items"] == [recognition]


async def test_a_unit_registered_as_reviewing_is_recognised_from_that_day_without_end(identity: Identity) -> None:
    unit = (await identity.organisation())["organisation_id"]
    [found] = good(await identity.ask(identity.administrator, "GET", f"/recognitions?organisation_id={unit}"))["items"]
    assert (found["valid_from"], found["valid_until"], found["professions"]) == (TODAY, None, ["2", "D"])


async def test_what_a_unit_reviews_is_changed_by_recognition_only(identity: Identity) -> None:
    unit = await identity.organisation()
    path = f"/organisations/{unit.pop('organisation_id')}"
    for change in ({"reviews_professions": ["2"]}, {"reviews_courses": False, "reviews_professions": []}):
        answer = await identity.ask(identity.administrator, "PUT", path, unit | change)
        assert refusal(answer)[:2] == (409, "recognition-decides")


@pytest.mark.parametrize(
    ("changes", "status", "slug", "errors"),
    [
        ({"professions": []}, 422, "validation-failed", [("body.professions", "wrong-length")]),
        ({"professions": ["牙"]}, 422, "validation-failed", [("body.professions[0]", "wrong-format")]),
        ({"document": " "}, 422, "validation-failed", [("body.document", "missing-value")]),
        ({"valid_from": "2026-01-04"}, 422, "validation-failed", [("body.valid_from", "before-application")]),
        ({"valid_until": "2026-03-01"}, 422, "validation-failed", [("body.valid_until", "end-before-start")]),
        (
            {"applied_on": "2026-03-03", "valid_from": "2026-03-03"},
            422,
            "validation-failed",
            [("body.applied_on", "in-the-future")],
        ),
        ({"organisation_id": str(UUID(int=9))}, 404, "not-found", []),
        ({"revoked_at": None}, 422, "validation-failed", [("body.revoked_at", "unknown-field")]),
        ({"version": 7}, 422, "validation-failed", [("body.version", "unknown-field")]),
    ],
)
async def test_what_is_not_acceptable_is_refused(
    identity: Identity, changes: dict[str, Any], status: int, slug: str, errors: list[tuple[str, str]]
) -> None:
    unit = await society(identity)
    assert refusal(await recognising(identity, unit, **changes)) == (status, slug, errors)
    assert await unit_now(identity, unit) == (False, [])


async def test_hospitals_and_units_out_of_use_are_not_recognised(identity: Identity) -> None:
    hospital = await society(identity, "H01", kind="教學醫院")
    assert refusal(await recognising(identity, hospital))[:2] == (409, "kind-may-not-review")
    unit = await identity.organisation("S02", reviews_courses=False, reviews_professions=[])
    path = f"/organisations/{unit.pop('organisation_id')}"
    good(await identity.ask(identity.administrator, "PUT", path, unit | {"active": False}))
    assert refusal(await recognising(identity, path.rsplit("/", maxsplit=1)[-1]))[:2] == (
        409,
        "organisation-not-active",
    )


async def test_one_profession_has_one_recognition_at_a_time(identity: Identity) -> None:
    unit = await society(identity)
    await recognised(identity, unit)
    for changes in ({}, {"professions": ["D", "2"]}, {"valid_from": "2028-12-31", "valid_until": None}):
        assert refusal(await recognising(identity, unit, **changes))[:2] == (409, "already-recognised")
    await recognised(identity, unit, professions=["D"])
    await recognised(identity, unit, valid_from="2029-01-01", valid_until=None)
    assert await unit_now(identity, unit) == (True, ["2", "D"])


async def test_two_who_recognise_the_same_unit_at_once_do_not_both_succeed(identity: Identity) -> None:
    unit = await society(identity)
    answers = await asyncio.gather(*(recognising(identity, unit) for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [201, 409]


async def test_an_extension_lasts_longer_and_never_shorter(identity: Identity) -> None:
    unit = await society(identity)
    path = f"/{(await recognised(identity, unit))['recognition_id']}/extend"
    for until in ("2028-12-31", "2027-01-01"):
        answer = await ask(identity, path, {"valid_until": until, "reason": "展延"})
        assert refusal(answer)[2] == [("body.valid_until", "not-later")]
    extended = good(await ask(identity, path, {"valid_until": "2031-12-31", "reason": "展延"}))
    assert (extended["valid_until"], extended["version"]) == ("2031-12-31", 2)
    assert (await identity.told())[-1].type == "cec.identity.review_unit_recognition_extended.v1"
    without_end = good(await ask(identity, path, {"valid_until": None, "reason": "展延"}))
    assert without_end["valid_until"] is None
    assert refusal(await ask(identity, path, {"valid_until": "2040-01-01", "reason": "展延"}))[2] == [
        ("body.valid_until", "not-later")
    ]


async def test_a_recognition_runs_out_and_stands_again_when_extended(identity: Identity) -> None:
    unit = await society(identity)
    recognition = await recognised(identity, unit, valid_until="2026-03-31")
    later = await recognised(identity, unit, professions=["D"], valid_from="2026-04-15", valid_until=None)
    assert later["valid_from"] == "2026-04-15"
    assert await settle_due(identity.database) == 0
    identity.clock.set(datetime(2026, 3, 31, 15, 59, tzinfo=UTC))
    assert await settle_due(identity.database) == 0
    identity.clock.set(datetime(2026, 3, 31, 16, 0, tzinfo=UTC))  # 1 April in Taipei
    assert await settle_due(identity.database) == 1
    assert await unit_now(identity, unit) == (False, [])
    identity.clock.set(datetime(2026, 4, 15, 4, tzinfo=UTC))
    assert [await settle_due(identity.database) for _ in range(2)] == [1, 0]
    assert await unit_now(identity, unit) == (True, ["D"])
    good(await ask(identity, f"/{recognition['recognition_id']}/extend", {"valid_until": None, "reason": "展延"}))
    assert await unit_now(identity, unit) == (True, ["2", "D"])


async def test_a_revoked_unit_reviews_nothing_more_and_the_news_says_why(identity: Identity) -> None:
    unit = await society(identity)
    recognition = await recognised(identity, unit)
    answer = good(await revoked(identity, recognition, ground="obstruction", reason="拒絕查核"))
    assert (answer["article"], answer["reason"], answer["may_apply_from"]) == ("18(1)(3)", "拒絕查核", "2027-03-03")
    news = (await identity.told())[-2]
    assert news.type == "cec.identity.review_unit_recognition_revoked.v1"
    assert (news.body.revoked_at, news.body.revoked_under) == (identity.clock.now(), "18(1)(3)")
    assert await unit_now(identity, unit) == (False, [])
    assert refusal(await revoked(identity, recognition))[:2] == (409, "recognition-revoked")
    extension = await ask(identity, f"/{recognition['recognition_id']}/extend", {"valid_until": None, "reason": "展延"})
    assert refusal(extension)[:2] == (409, "recognition-revoked")


@pytest.mark.parametrize(
    ("applied_on", "status"), [("2026-03-02", 409), ("2027-03-02", 409), ("2027-03-03", 201), ("2027-06-01", 201)]
)
async def test_a_revoked_unit_may_apply_again_after_a_year(identity: Identity, applied_on: str, status: int) -> None:
    unit = await society(identity)
    good(await revoked(identity, await recognised(identity, unit)))
    identity.clock.advance(timedelta(days=500))
    answer = await recognising(
        identity, unit, professions=["D"], applied_on=applied_on, valid_from="2027-07-01", valid_until=None
    )
    assert answer.status_code == status
    if status == 409:
        assert refusal(answer)[1] == "barred-from-applying"


async def test_findings_go_with_improper_review_only(identity: Identity) -> None:
    recognition = await recognised(identity, await society(identity))
    finding = {"course_ids": [str(new_id())], "reason": "未依申請內容實施"}
    for ground in ("improper_fees", "obstruction", "membership"):
        answer = await revoked(identity, recognition, ground=ground, breaches=[finding])
        assert refusal(answer)[2] == [("body.breaches", "only-on-improper-review")]
    answer = good(await revoked(identity, recognition, breaches=[finding, finding]))
    assert [breach["course_ids"] for breach in answer["breaches"]] == [finding["course_ids"]] * 2
    assert len((await identity.told())[-2].body.breaches) == 2


async def test_a_finding_needs_no_revocation_and_may_follow_one(identity: Identity) -> None:
    recognition = await recognised(identity, await society(identity))
    path = f"/{recognition['recognition_id']}/breaches"
    period = {"decided_from": TODAY, "decided_until": TODAY, "reason": "查核發現"}
    good(await ask(identity, path, period))
    assert (await identity.told())[-1].type == "cec.identity.review_unit_breach_found.v1"
    good(await revoked(identity, recognition))
    found = good(await ask(identity, path, {"course_ids": [str(new_id())], "reason": "再查"}))
    assert (len(found["breaches"]), found["version"]) == (2, 4)
    assert [row.action for row in await identity.rows("SELECT action FROM audit_log ORDER BY id DESC LIMIT 1")] == [
        "review_unit.breach_found"
    ]


@pytest.mark.parametrize(
    ("finding", "error"),
    [
        ({}, ("body", "courses-or-period")),
        (
            {"course_ids": [str(UUID(int=1))], "decided_from": TODAY, "decided_until": TODAY},
            ("body", "courses-or-period"),
        ),
        ({"decided_from": TODAY}, ("body.decided_until", "period-incomplete")),
        ({"decided_from": "2026-03-01", "decided_until": TODAY}, ("body.decided_from", "before-recognition")),
        ({"decided_from": TODAY, "decided_until": "2026-03-03"}, ("body.decided_until", "after-recognition")),
        ({"decided_from": "2026-03-05", "decided_until": TODAY}, ("body.decided_until", "end-before-start")),
    ],
)
async def test_a_finding_says_which_courses(
    identity: Identity, finding: dict[str, Any], error: tuple[str, str]
) -> None:
    recognition = await recognised(identity, await society(identity))
    answer = await ask(identity, f"/{recognition['recognition_id']}/breaches", {"reason": "查核", **finding})
    assert refusal(answer) == (422, "validation-failed", [error])


async def test_nobody_but_the_ministry_recognises(identity: Identity) -> None:
    unit = await society(identity)
    recognition = await recognised(identity, unit)
    own = UUID(unit)
    for role in ("review_unit", "offering_unit", "committee_member", "practitioner", "other_system"):
        actor = an_actor(role, organisation_id=own)
        for path in ("", *(f"/{recognition['recognition_id']}/{act}" for act in ("extend", "revoke", "breaches"))):
            assert (await identity.ask(actor, "POST", f"/recognitions{path}", {})).status_code == 403
    assert refusal(await ask(identity, f"/{new_id()}/revoke", {"ground": "membership", "reason": "x"}))[0] == 404


async def test_units_of_before_there_were_recognitions_get_theirs_once(identity: Identity) -> None:
    unit = (await identity.organisation())["organisation_id"]
    async with identity.database.transaction() as tx:
        await tx.execute("DELETE FROM recognitions")
    assert [await recognise_those_registered_before(identity.database) for _ in range(2)] == [1, 0]
    [row] = await identity.rows("SELECT organisation_id, professions, valid_from FROM recognitions")
    assert (str(row.organisation_id), row.professions, row.valid_from) == (unit, ["2", "D"], date(2026, 3, 2))
