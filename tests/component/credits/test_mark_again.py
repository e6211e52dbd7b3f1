"""Marking standings again, for what no fact tells."""

from __future__ import annotations

import pytest
from tests.component.credits.town import also_a
from tests.support.cases import load_case
from tests.support.credits_worker import recalculate, standing_of, take_in
from tests.support.facts import events_of, practitioner_of
from typer.testing import CliRunner

from cec_chassis.database import Database
from cec_chassis.ids import new_id
from cec_credits.__main__ import cli
from cec_credits.recalculation import mark_again
from cec_credits.recalculation.failures import record

E1 = load_case("e1-dental-technician")


async def marked(database: Database) -> int:
    async with database.reading() as tx:
        return int(await tx.scalar("SELECT count(*) FROM dirty_standings"))


async def test_everybody_is_marked_whatever_the_size_of_a_step(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mark_again, "STEP", 2)
    people = [new_id() for _ in range(5)]
    for person in people:
        await take_in(database, list(events_of(E1["case"], person))[:1])
    await recalculate(database)
    assert await marked(database) == 0
    assert await mark_again.mark_everybody(database) == 5
    assert await marked(database) == 5
    before = [(await standing_of(database, person, "2"))["version"] for person in people]
    await recalculate(database)
    assert [(await standing_of(database, person, "2"))["version"] for person in people] == before, "no news, no event"


async def test_those_that_failed_are_tried_again_and_no_others(database: Database) -> None:
    failed, fine = new_id(), new_id()
    for person in (failed, fine):
        await take_in(database, list(events_of(E1["case"], person)))
    await recalculate(database)
    async with database.transaction() as tx:
        await record(tx, [(failed, "2", "an error that is mended now")])
    assert await mark_again.mark_failures(database) == 1
    assert await marked(database) == 1
    await recalculate(database)
    async with database.reading() as tx:
        assert await tx.scalar("SELECT count(*) FROM recalculation_failures") == 0
    assert (await standing_of(database, failed, "2"))["counted"] == "290.36"


async def test_one_practitioner_is_marked_in_every_profession_they_hold(database: Database) -> None:
    one, other = new_id(), new_id()
    for person in (one, other):
        await take_in(database, [also_a("A", practitioner_of(E1["case"], person))])
    await recalculate(database)
    assert await mark_again.mark_practitioner(database, one) == 2
    async with database.reading() as tx:
        rows = await tx.all("SELECT practitioner_id, profession FROM dirty_standings ORDER BY 2")
    assert [tuple(row) for row in rows] == [(one, "2"), (one, "A")]


async def test_a_practitioner_nobody_knows_marks_nobody(database: Database) -> None:
    assert await mark_again.mark_practitioner(database, new_id()) == 0
    assert await marked(database) == 0


def test_the_command_takes_one_choice_at_a_time() -> None:
    refused = CliRunner().invoke(cli, ["recalculate", "--all", "--failed"], env={"CEC_SERVICE_DATABASE_URL": "none"})
    assert refused.exit_code == 2
