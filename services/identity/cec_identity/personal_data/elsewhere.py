"""Where the other services tell their part of what is held about somebody, as addresses behind the gateway."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from uuid import UUID

OF_EVERYBODY: Final = {
    "帳號使用紀錄 / what happened to my account": "/api/v1/identity/profile/usage",
    "誰查閱過本人資料 / who looked at my record": "/api/v1/identity/looks",
}
OF_PRACTITIONERS: Final = {
    "積分統計 / statements": "/api/v1/credits/statements/mine",
    "誰查閱過本人積分 / who looked at my credits": "/api/v1/credits/looks",
    "誰查閱過本人所在之名單 / who looked at rosters with me on them": "/api/v1/enrolment/looks",
    "誰查閱過本人擔任講師之活動 / who looked at activities that I lecture at": "/api/v1/activities/looks",
    "誰查閱過本人擔任講師之案件 / who looked at cases that I lecture at": "/api/v1/review/looks",
}
IN_A_PROFESSION: Final = {
    "積分明細 / credits one by one": "entries",
    "上課紀錄 / course records, attendances": "course-records",
}


def elsewhere(practitioner_id: UUID | None = None, professions: Iterable[str] = ()) -> dict[str, str]:
    """What is there → its address, answered to the person who signs in. Credits shows attendances, approvals and courses under
    the record that speaks for the person, whichever of their records they stand under."""
    links = dict(OF_EVERYBODY)
    if practitioner_id is not None:
        links |= OF_PRACTITIONERS
        statements = f"/api/v1/credits/statements/{practitioner_id}"
        for profession in sorted(professions):
            links |= {
                f"{what} ({profession})": f"{statements}/{profession}/{at}" for what, at in IN_A_PROFESSION.items()
            }
    return links
