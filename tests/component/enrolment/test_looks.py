"""Who looked at a roster is written down, and those who stand on it can read it."""

from __future__ import annotations

from typing import Any

from tests.component.enrolment.conftest import CHEN, COURSE, LIN, OFFERING, OTHER_COURSE, Enrolment, good
from tests.support.tokens import an_actor


async def looks(enrolment: Enrolment, person: Any) -> list[dict[str, Any]]:
    me = an_actor("practitioner", practitioner_id=person)
    found: list[dict[str, Any]] = good(await enrolment.ask(me, "GET", "/looks"))["items"]
    return found


async def test_those_on_a_roster_read_who_looked_at_it(enrolment: Enrolment) -> None:
    await enrolment.added(practitioner_id=str(LIN))
    unit = an_actor("offering_unit", organisation_id=OFFERING)
    for course in (COURSE, OTHER_COURSE):
        await enrolment.ask(unit, "GET", f"/rosters/{course}/attendances")
    await enrolment.ask(an_actor("system_administrator"), "GET", f"/rosters/{COURSE}/attendances")
    newest, oldest = await looks(enrolment, LIN)
    assert (newest["role"], newest["organisation"], newest["name"]) == ("system_administrator", None, "測試帳號")
    assert (oldest["role"], oldest["organisation"], oldest["action"]) == ("offering_unit", "甲醫事學會", "roster.read")
    assert (newest["purpose"], oldest["purpose"]) == ("attendance", "attendance")
    assert await looks(enrolment, CHEN) == []


async def test_a_look_that_was_refused_shows_nobodys_data(enrolment: Enrolment) -> None:
    await enrolment.added(practitioner_id=str(LIN))
    stranger = an_actor("offering_unit", organisation_id=COURSE)
    assert (await enrolment.ask(stranger, "GET", f"/rosters/{COURSE}/attendances")).status_code == 403
    assert await looks(enrolment, LIN) == []
