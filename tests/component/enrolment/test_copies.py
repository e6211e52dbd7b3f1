"""The copies of practitioners and courses: news twice, late and shuffled leaves what is newest."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from tests.component.enrolment.conftest import (
    COURSE,
    DENTAL_TECHNICIAN,
    DENTIST,
    LIN,
    LIN_ID,
    Enrolment,
    approval,
    award,
    practitioner,
)

from cec_chassis.database.schema import CHASSIS_TABLES
from cec_enrolment.schema import metadata

LIN_S_STORY = (
    practitioner(LIN, "P0001", LIN_ID, DENTAL_TECHNICIAN, sequence=2),
    practitioner(LIN, "P0001", LIN_ID, DENTAL_TECHNICIAN, DENTIST, sequence=3),
    practitioner(LIN, "P0001", LIN_ID, DENTAL_TECHNICIAN, DENTIST, sequence=4, active=False),
)
COURSE_STORY = (
    approval(sequence=2, awards=[award(DENTIST)]),
    approval(sequence=3, status="withdrawn", reason="重複"),
    approval(sequence=4, awards=[award(DENTIST, points="5")]),
)


@pytest.mark.parametrize("order", list(permutations(range(3))))
@pytest.mark.parametrize("together", [True, False])
async def test_news_shuffled_and_repeated_leaves_the_newest(
    enrolment: Enrolment, order: tuple[int, ...], together: bool
) -> None:
    news = [story[at] for at in order for story in (LIN_S_STORY, COURSE_STORY)]
    news += news
    if together:
        await enrolment.hear(*news)
    else:
        for item in news:
            await enrolment.hear(item)

    (person,) = await enrolment.rows("SELECT * FROM practitioners WHERE practitioner_id = :id", id=LIN)
    assert (person.sequence, person.professions, person.active) == (4, [DENTAL_TECHNICIAN, DENTIST], False)
    (course,) = await enrolment.rows(
        "SELECT sequence, status, awards->0->>'points' AS points FROM approved_courses WHERE course_id = :id", id=COURSE
    )
    assert tuple(course) == (4, "approved", "5")


async def test_a_withdrawn_course_stays_in_the_copy(enrolment: Enrolment) -> None:
    await enrolment.hear(approval(sequence=2, status="withdrawn"), approval(sequence=1))

    (course,) = await enrolment.rows("SELECT status FROM approved_courses WHERE course_id = :id", id=COURSE)
    assert course.status == "withdrawn"


async def test_the_tables_are_those_that_the_stores_describe(enrolment: Enrolment) -> None:
    def differences(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(connection, opts={"include_name": _is_ours})
        return list(compare_metadata(context, metadata))

    async with enrolment.database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    return kind != "table" or not (
        name in CHASSIS_TABLES or str(name).startswith("outbox_") or name == "alembic_version"
    )
