"""A person reads who looked at their credits; administrators read the audit log, and that look is written into it too."""

from __future__ import annotations

from datetime import timedelta

from tests.component.credits.town import Town
from tests.support.one_service import News
from tests.support.tokens import an_actor

from cec_contracts import identity

HOSPITAL = identity.Organisation(
    organisation_id=Town.unit.organisation_id or Town.unit.account_id,
    code="A01",
    name="甲醫院",
    kind="教學醫院",
    offers_courses=True,
    reviews_courses=False,
)


async def test_a_person_reads_who_looked_newest_first_and_by_pages(town: Town) -> None:
    person, other = await town.settle_in(), await town.settle_in()
    await town.hear(
        News(event=identity.ORGANISATION_REGISTERED, subject=HOSPITAL.organisation_id, sequence=1, body=HOSPITAL)
    )
    own = an_actor("practitioner", practitioner_id=person)
    begun = town.clock.now()
    await town.get(f"/statements/{person}/2", town.unit, **{"X-Purpose": "employer"})
    town.clock.advance(timedelta(minutes=5))
    await town.get(f"/statements/{person}", town.administrator, **{"X-Purpose": "support"})
    await town.get(f"/statements/{other}", town.administrator, **{"X-Purpose": "support"})
    await town.get(f"/statements/{person}/2", own, Accept="application/json")

    page = await town.get("/looks", own)
    assert page["total"] == 2
    newest, oldest = page["items"]
    assert (newest["role"], newest["organisation"], newest["name"]) == ("system_administrator", None, "測試帳號")
    assert (newest["purpose"], newest["action"]) == ("support", "statement.read")
    assert (oldest["role"], oldest["organisation"], oldest["name"]) == ("offering_unit", "甲醫院", None)
    assert oldest["what"] == {"profession": "2", "purpose": "employer"}
    assert oldest["at"].removesuffix("Z") == begun.isoformat().removesuffix("+00:00")
    assert (await town.get("/looks?page_size=1&page=2", own))["items"] == [oldest]


async def test_a_look_that_was_refused_is_told_as_well(town: Town) -> None:
    person, other = await town.settle_in(), await town.settle_in()
    curious = an_actor("practitioner", practitioner_id=other)
    await town.refused(f"/statements/{person}/2", curious, **{"X-Purpose": "audit"})
    [look] = (await town.get("/looks", an_actor("practitioner", practitioner_id=person)))["items"]
    assert (look["action"], look["what"]["refused"]) == ("statement.read_refused", "not-your-statement")
    assert (await town.get("/looks", curious))["total"] == 0


async def test_nobody_reads_who_looked_at_somebody_else(town: Town) -> None:
    assert await town.refused("/looks", town.unit) == (403, "forbidden")
    assert await town.refused("/looks", town.administrator) == (403, "forbidden")
    assert (await town.get("/looks", an_actor("practitioner")))["total"] == 0


async def test_an_administrator_who_reads_the_rows_about_a_person_is_seen_by_that_person(town: Town) -> None:
    person = await town.settle_in()
    await town.get(f"/statements/{person}/2", town.unit, **{"X-Purpose": "employer"})
    found = await town.get(f"/audit?reason=complaint&subject_type=practitioner&subject_id={person}")
    assert [row["action"] for row in found["items"]] == ["statement.read"]
    looks = (await town.get("/looks", an_actor("practitioner", practitioner_id=person)))["items"]
    assert [(look["action"], look["purpose"]) for look in looks] == [
        ("audit_log.read", "complaint"),
        ("statement.read", "employer"),
    ]
