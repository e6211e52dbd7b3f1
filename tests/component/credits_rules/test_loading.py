"""Files of the service become published versions, once; a published version never changes."""

from __future__ import annotations

import asyncio
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
import structlog
from sqlalchemy.exc import DBAPIError
from tests.component.credits_rules.conftest import RulesDesk, r2027
from tests.conftest import MakeDatabase

from cec_chassis.clock import SystemClock
from cec_chassis.database import Database
from cec_credits.rulesets.book import RuleBookRefused
from cec_credits.rulesets.edition import PublishedRules
from cec_credits.rulesets.load import DATA, bundled
from cec_credits.rulesets.load_bundled import files_in, load_bundled, load_files

VERSIONS = "SELECT rule_set_id, version, state, document, digest, drafted_by FROM rule_set_versions ORDER BY 1, 2"


async def test_every_file_is_a_published_version_with_its_very_text(rules: RulesDesk) -> None:
    rows = await rules.service.rows(VERSIONS)
    assert {row.rule_set_id for row in rows} == {rule_set.id for rule_set in bundled()}
    for row in rows:
        assert (row.version, row.state, row.drafted_by) == (1, "published", None)
        assert row.document == (DATA / f"{row.rule_set_id}.toml").read_text(encoding="utf-8")


async def test_the_book_from_the_database_says_what_the_files_say(rules: RulesDesk) -> None:
    async with rules.service.database.reading() as tx:
        edition = await PublishedRules().edition(tx)
    assert [each.document for each in edition.book] == [each.document for each in bundled()]
    assert edition.generation == 1
    assert edition.book.rules_on("J", date(2026, 3, 2)).rule_set == "R2022"


async def test_loading_again_changes_nothing_and_says_nothing(rules: RulesDesk) -> None:
    told, versions = await rules.service.told(), await rules.service.rows(VERSIONS)
    await load_bundled(rules.service.runtime)
    assert await rules.service.rows(VERSIONS) == versions
    assert len(await rules.service.told()) == len(told) == len(versions)


async def test_replicas_that_start_together_load_once(make_database: MakeDatabase) -> None:
    database = Database(await make_database("credits"), SystemClock(), pool_size=4)
    files = files_in(DATA)

    async def load() -> int:
        async with database.transaction() as tx:
            return len(await load_files(tx, files))

    assert sorted(await asyncio.gather(*(load() for _ in range(4)))) == [0, 0, 0, len(files)]
    await database.close()


async def test_a_file_that_differs_from_the_published_text_is_named_and_not_taken(
    rules: RulesDesk, tmp_path: Path
) -> None:
    (tmp_path / "R2022.toml").write_text((DATA / "R2022.toml").read_text("utf-8") + "\n# changed\n", "utf-8")
    with structlog.testing.capture_logs() as logs:
        async with rules.service.database.transaction() as tx:
            assert await load_files(tx, files_in(tmp_path)) == []
    assert [(line["event"], line["rule_set"]) for line in logs] == [("rule_set.file_differs_from_published", "R2022")]
    assert len(await rules.service.rows(VERSIONS)) == len(list(bundled()))


async def test_a_new_file_that_contradicts_the_book_stops_the_loading(rules: RulesDesk, tmp_path: Path) -> None:
    (tmp_path / "R2027.toml").write_text(r2027(day="2027-01-01 -> 2022-08-26"), "utf-8")
    with pytest.raises(RuleBookRefused, match="R2027 do not go with what is published: R2022 and R2027 both cover"):
        async with rules.service.database.transaction() as tx:
            await load_files(tx, files_in(tmp_path))
    assert len(await rules.service.rows(VERSIONS)) == len(list(bundled()))


CHANGES = (
    "UPDATE rule_set_versions SET document = document || ' '",
    "UPDATE rule_set_versions SET state = 'draft', published_at = NULL",
    "UPDATE rule_set_versions SET state = 'superseded', note = 'other'",
    "UPDATE rule_set_versions SET effective_from = effective_from + 1",
    "DELETE FROM rule_set_versions",
)


async def test_a_published_version_never_changes(rules: RulesDesk) -> None:
    for change in CHANGES:
        with pytest.raises(DBAPIError, match="is published and never changes"):
            async with rules.service.database.transaction() as tx:
                await tx.execute(change)


async def test_review_is_told_every_rule_set_with_its_rates(rules: RulesDesk) -> None:
    told = {each.subject: each for each in await rules.service.told()}
    body = told["R2013"].body
    assert (body.effective_from, body.minutes_per_credit_hour, len(body.professions)) == (date(2013, 7, 1), 50, 23)
    by_whom = {(str(r.points), tuple(r.professions)) for r in body.rates if r.method == "M10"}
    assert by_whom == {("30", ("A", "B", "C")), ("25", ())}
    assert await rules.service.audited() == ["rule_set.published"] * len(told)
    assert all(UUID(int=0) != each for each in told)
