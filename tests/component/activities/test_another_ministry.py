"""Activities for a profession of another ministry, as soon as its rule set is published."""

from __future__ import annotations

from datetime import date

from tests.component.activities.conftest import REVIEWING, Activities, organisation, proposal
from tests.support.one_service import News

from cec_contracts import credits


def published(*professions: str, sequence: int = 1) -> News:
    body = credits.RuleSet(
        rule_set_id="SW2020",
        effective_from=date(2020, 1, 1),
        minutes_per_credit_hour=60,
        professions=list(professions),
        rates=[],
    )
    return News(event=credits.RULE_SET_PUBLISHED, subject="SW2020", sequence=sequence, body=body)


async def test_an_activity_is_for_social_workers_once_their_rules_are_published(activities: Activities) -> None:
    wanted = proposal(professions=["SW"])
    refused = await activities.ask(activities.unit, "POST", "/activities", wanted)
    [error] = refused.json()["errors"]
    assert (error["path"], error["slug"]) == ("body.professions[0]", "unknown-profession")

    await activities.hear(published("SW"), published("SX", sequence=2))
    await activities.hear(published("SW"))  # old news comes again and changes nothing
    assert (await activities.ask(activities.unit, "POST", "/activities", wanted)).status_code == 422
    await activities.hear(published("SW", "SX", sequence=3))

    drafted = await activities.draft(professions=["SW", "2"])
    assert drafted["professions"] == ["SW", "2"]
    refused = await activities.ask(activities.unit, "POST", f"/activities/{drafted['activity_id']}/submit")
    [error] = refused.json()["errors"]
    assert (error["slug"], error["message"].partition(" / ")[0]) == (
        "profession-not-reviewed",
        "牙體技術師公會全聯會不審查SW",
    )
    await activities.hear(organisation(REVIEWING, "社工師公會", 2, reviews_professions=["SW", "2"]))
    assert (await activities.submit(drafted["activity_id"]))["status"] == "submitted"
