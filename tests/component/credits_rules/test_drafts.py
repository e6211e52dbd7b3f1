"""Drafting through the API: what is refused, who may, and that two editors do not overwrite each other."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import msgspec
import pytest
from tests.component.credits_rules.conftest import ADMIN, R2022, SOCIAL_WORKERS, RulesDesk, r2027
from tests.support.tokens import an_actor

from cec_credits.rulesets.load import bundled


def errors(answer: Any) -> list[tuple[str, str]]:
    return [(error["path"], error["slug"]) for error in answer.json()["errors"]]


async def drafts(rules: RulesDesk) -> list[str]:
    return [each["rule_set"] for each in (await rules.ask("GET", "/rule-sets/drafts")).json()]


async def test_a_draft_keeps_its_text_and_says_who_wrote_it(rules: RulesDesk) -> None:
    answer = await rules.draft(SOCIAL_WORKERS, note="社工師")
    draft = answer.json()
    assert answer.status_code == 201
    assert (draft["rule_set"], draft["version"], draft["revision"], draft["state"]) == ("SW2020", 1, 1, "draft")
    assert (draft["drafted_by"], draft["note"], draft["published_at"]) == (str(ADMIN), "社工師", None)
    assert draft["text"] == SOCIAL_WORKERS
    assert (await rules.ask("GET", "/rule-sets/drafts/SW2020")).json() == draft
    assert (await rules.service.audited())[-1] == "rule_set.drafted"


async def test_a_draft_is_not_published_and_counts_for_nobody(rules: RulesDesk) -> None:
    await rules.draft(SOCIAL_WORKERS)
    listed = (await rules.ask("GET", "/rule-sets")).json()
    assert [each["rule_set"] for each in listed] == [each.id for each in bundled()]
    assert (await rules.ask("GET", "/rule-sets/SW2020")).json()["type"] == "/problems/no-such-rule-set"


async def test_every_fault_of_a_bad_draft_is_told_with_its_key_and_nothing_is_kept(rules: RulesDesk) -> None:
    text = SOCIAL_WORKERS.replace("minutes = 60", "minutes = 0").replace('"quality"]', '"kindness"]')
    answer = await rules.draft(text.replace('role = "lecturer"', 'role = "chair"'))
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/not-a-rule-set")
    assert answer.headers["content-type"] == "application/problem+json"
    assert errors(answer) == [
        ("body.document.credit_hour.minutes", "rule-set-fault"),
        ("body.document.standards.full.limited.attributes", "rule-set-fault"),
        ("body.document.methods[0].rates[1].role", "rule-set-fault"),
    ]
    assert await drafts(rules) == []
    assert "rule_set.drafted" not in await rules.service.audited()


NUMBER = re.compile(r"(?<![\w-])(points|minimum|minutes|years) = (\d+)")
IMPOSSIBLE = ("nan", "inf", "1e400", "1e5000000", "-1", "1.005", "9" * 20)


async def test_no_draft_holds_a_number_that_cannot_be_reckoned_with(rules: RulesDesk) -> None:
    """Every number of the file in turn, as a new draft and as an edit: told with its key in both languages."""
    good = await rules.draft(SOCIAL_WORKERS)
    assert good.status_code == 201
    numbers = list(NUMBER.finditer(SOCIAL_WORKERS))
    assert len(numbers) == 8
    for at, found in enumerate(numbers):
        for bad in IMPOSSIBLE[at % 2 :: 2]:
            document = {
                "format": "toml",
                "text": SOCIAL_WORKERS[: found.start(2)] + bad + SOCIAL_WORKERS[found.end(2) :],
            }
            for answer in (
                await rules.ask("POST", "/rule-sets/drafts", {"document": document}),
                await rules.ask("PUT", "/rule-sets/drafts/SW2020", {"revision": 1, "document": document}),
            ):
                assert (answer.status_code, answer.json()["type"]) == (422, "/problems/not-a-rule-set"), bad
                (error,) = answer.json()["errors"]
                assert error["path"].endswith(found[1])
                assert re.fullmatch(r"[^a-z]+(\(.*\)[^a-z]*)? / .+", error["message"]), error["message"]
    assert (await rules.ask("GET", "/rule-sets/drafts/SW2020")).json() == good.json()


async def test_a_draft_from_before_a_check_is_at_fault_and_cannot_be_published(rules: RulesDesk) -> None:
    await rules.draft(SOCIAL_WORKERS)
    async with rules.service.database.transaction() as tx:
        await tx.execute(
            "UPDATE rule_set_versions SET document = replace(document, 'points = 120', 'points = nan')"
            " WHERE state = 'draft'"
        )
    publish = {"revision": 1, "reason": "x", "waive": ["takes-effect-in-the-past"]}
    for step, body in (("check", None), ("publish", publish)):
        answer = await rules.ask("POST", f"/rule-sets/drafts/SW2020/{step}", body)
        assert (answer.status_code, answer.json()["type"]) == (422, "/problems/not-a-rule-set")
        assert errors(answer) == [("document.standards.full.total.points", "rule-set-fault")]
    assert (await rules.ask("GET", "/rule-sets/drafts/SW2020/diff")).status_code == 200


async def test_what_is_wrong_with_the_shape_is_told_in_both_languages(rules: RulesDesk) -> None:
    text = '{"id": 5, "regulation": "x"}'
    (error,) = (await rules.draft(text, "json")).json()["errors"]
    assert (error["path"], error["slug"], error["message"]) == (
        "body.document.id",
        "wrong-type",
        "須為文字,而非整數 / Must be text, not a whole number",
    )
    (error,) = (await rules.draft('{"id": "X"}', "json")).json()["errors"]
    assert (error["path"], error["slug"], error["message"]) == (
        "body.document.regulation",
        "missing-field",
        "缺少必要欄位 regulation / The field regulation is required",
    )


NO_DRAFTS: list[tuple[dict[str, Any], int, str | None]] = [
    ({}, 422, "body"),
    ({"copy_of": "R2022", "file": "R2022"}, 422, "body"),
    ({"copy_of": "R1999"}, 404, None),
    ({"file": "../../R2022"}, 404, None),
    ({"document": {"format": "yaml", "text": ""}}, 422, "body.document.format"),
    ({"document": {"format": "toml", "text": "id = "}}, 422, "body.document.text"),
    ({"document": {"format": "json", "text": "[]"}}, 422, "body.document.text"),
    ({"document": {"format": "json", "text": "{" * 2000}}, 422, "body.document.text"),
    ({"document": {"format": "json", "text": '{"id": NaN}'}}, 422, "body.document.text"),
    ({"copy_of": "R2022", "rule_set": "lower"}, 422, "body.id"),
    ({"document": {"format": "toml", "text": ""}, "surprise": 1}, 422, "body.surprise"),
    ({"document": {"format": "toml", "text": "x" * 500_001}}, 422, "body.document.text"),
    ({"document": {"format": "json", "text": '{"id": "X", "professions": 1}'}}, 422, "body.document.professions"),
]


async def test_what_is_no_draft_is_refused_with_the_field(rules: RulesDesk) -> None:
    for body, status, path in NO_DRAFTS:
        answer = await rules.ask("POST", "/rule-sets/drafts", body)
        assert answer.status_code == status, answer.text
        assert [error["path"] for error in answer.json().get("errors", [])][:1] == ([path] if path else []), body
    assert await drafts(rules) == []


async def test_json_says_the_same_as_toml(rules: RulesDesk) -> None:
    document = next(each.document for each in bundled() if each.id == "R2022")
    text = json.dumps(msgspec.to_builtins(document) | {"id": "R2022"}, ensure_ascii=False)
    drafted = await rules.draft(text, "json")
    assert drafted.status_code == 201, drafted.text
    found = (await rules.ask("POST", "/rule-sets/drafts/R2022/check")).json()["findings"]
    assert [finding["slug"] for finding in found] == ["nothing-changed", "takes-effect-in-the-past"]


async def test_a_copy_takes_a_new_name_and_day_and_supersedes_its_source(rules: RulesDesk) -> None:
    body = {"copy_of": "R2022", "rule_set": "R2027", "effective_from": "2027-01-01"}
    draft = (await rules.ask("POST", "/rule-sets/drafts", body)).json()
    assert draft["text"] == r2027()
    assert (draft["rule_set"], draft["effective_from"], draft["regulation"]) == (
        "R2027",
        "2027-01-01",
        "medical-personnel",
    )


async def test_a_copy_under_its_own_name_is_its_next_version(rules: RulesDesk) -> None:
    draft = (await rules.ask("POST", "/rule-sets/drafts", {"copy_of": "R2022"})).json()
    assert (draft["rule_set"], draft["version"], draft["text"]) == ("R2022", 2, R2022)
    from_file = (await rules.ask("POST", "/rule-sets/drafts", {"file": "R2013"})).json()
    assert (from_file["rule_set"], from_file["version"]) == ("R2013", 2)
    assert await drafts(rules) == ["R2013", "R2022"]


async def test_a_rule_set_has_one_draft_at_a_time(rules: RulesDesk) -> None:
    answers = await asyncio.gather(*(rules.draft(SOCIAL_WORKERS) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert {a.json()["type"] for a in answers if a.status_code == 409} == {"/problems/draft-exists"}


async def test_an_edit_bumps_the_revision_and_undoes_the_check(rules: RulesDesk) -> None:
    await rules.draft(r2027())
    checked = (await rules.ask("POST", "/rule-sets/drafts/R2027/check")).json()
    assert (checked["ready"], checked["findings"], checked["checked_at"]) == (True, [], "2026-03-02T04:00:00Z")
    edit = {"revision": 1, "document": {"format": "toml", "text": r2027(c="points = 80 -> points = 90")}, "note": "90"}
    edited = (await rules.ask("PUT", "/rule-sets/drafts/R2027", edit)).json()
    assert (edited["revision"], edited["checked_at"], edited["note"]) == (2, None, "90")
    again = await rules.ask("PUT", "/rule-sets/drafts/R2027", edit)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/draft-changed")
    assert (await rules.ask("GET", "/rule-sets/drafts/R2027")).json() == edited


async def test_of_two_editors_at_once_one_is_told_to_read_again(rules: RulesDesk) -> None:
    await rules.draft(r2027())
    edits = [
        {"revision": 1, "document": {"format": "toml", "text": r2027(c=f"points = 80 -> points = {n}")}}
        for n in (90, 91)
    ]
    answers = await asyncio.gather(*(rules.ask("PUT", "/rule-sets/drafts/R2027", edit) for edit in edits))
    assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_an_edit_with_faults_or_another_name_leaves_the_draft_as_it_was(rules: RulesDesk) -> None:
    before = (await rules.draft(r2027())).json()
    for text, path in (
        (r2027(c="points = 80 -> points = -1"), "body.document.caps[1].points"),
        (R2022, "body.document.id"),
    ):
        edit = {"revision": 1, "document": {"format": "toml", "text": text}}
        answer = await rules.ask("PUT", "/rule-sets/drafts/R2027", edit)
        assert (answer.status_code, errors(answer)[0][0]) == (422, path)
    assert (await rules.ask("GET", "/rule-sets/drafts/R2027")).json() == before


async def test_a_discarded_draft_is_gone_and_its_text_is_in_the_audit_log(rules: RulesDesk) -> None:
    await rules.draft(SOCIAL_WORKERS)
    path = "/rule-sets/drafts/SW2020/discard"
    assert (await rules.ask("POST", path, {"revision": 2, "reason": "不需要"})).status_code == 409
    assert (await rules.ask("POST", path, {"revision": 1, "reason": "不需要"})).status_code == 204
    assert (await rules.ask("POST", path, {"revision": 1, "reason": "不需要"})).status_code == 404
    rows = await rules.service.rows("SELECT reason, before FROM audit_log WHERE action = 'rule_set.draft_discarded'")
    assert [(row.reason, row.before["document"]) for row in rows] == [("不需要", SOCIAL_WORKERS)]


@pytest.mark.parametrize(
    ("change", "slugs"),
    [
        ("effective_from = 2027-01-01 -> effective_from = 2026-03-02", []),
        ("effective_from = 2027-01-01 -> effective_from = 2026-03-01", ["takes-effect-in-the-past"]),
        ('supersedes = ["R2022"] -> supersedes = ["R2022", "R1999"]', ["predecessor-missing"]),
        (
            '  { code = "J", zh = "醫事檢驗師", en = "Medical technologist", standard = "full" },\n -> ',
            ["profession-no-longer-covered"],
        ),
    ],
)
async def test_a_check_finds_what_does_not_go_with_today_and_the_book(
    rules: RulesDesk, change: str, slugs: list[str]
) -> None:
    await rules.draft(r2027(change=change))
    check = (await rules.ask("POST", "/rule-sets/drafts/R2027/check")).json()
    assert ([finding["slug"] for finding in check["findings"]], check["ready"]) == (slugs, not slugs)


async def test_two_rule_sets_may_not_cover_a_profession_from_one_day(rules: RulesDesk) -> None:
    await rules.publish(r2027())
    text = SOCIAL_WORKERS.replace('code = "SW"', 'code = "J"').replace("2020-01-01", "2027-01-01")
    await rules.draft(text)
    findings = (await rules.ask("POST", "/rule-sets/drafts/SW2020/check")).json()["findings"]
    assert [(each["path"], each["slug"], each["waivable"]) for each in findings] == [
        ("professions[0].code", "same-profession-same-day", False)
    ]


async def test_moving_the_day_of_a_published_rule_set_is_found(rules: RulesDesk) -> None:
    await rules.draft(R2022.replace("effective_from = 2022-08-26", "effective_from = 2027-01-01"))
    findings = (await rules.ask("POST", "/rule-sets/drafts/R2022/check")).json()["findings"]
    assert [each["slug"] for each in findings] == ["effective-date-moved"]


async def test_a_difference_is_told_by_key_and_in_words(rules: RulesDesk) -> None:
    await rules.draft(r2027(a="points = 120 -> points = 100", b='except_methods = ["M10"] -> except_methods = []'))
    diff = (await rules.ask("GET", "/rule-sets/drafts/R2027/diff")).json()
    assert diff["against"] == "R2022 version 1"
    by_path = {each["path"]: each for each in diff["differences"]}
    assert set(by_path) == {
        "id",
        "effective_from",
        "supersedes",
        "standards[full].total.points",
        "areas[offshore].except_methods",
    }
    total = by_path["standards[full].total.points"]
    assert (total["old"], total["new"]) == ("120", "100")
    assert total["zh"] == "標準 full／所需總積分／積分：120 → 100"
    assert total["en"] == "standard full / total needed / points: 120 → 100"
    older = (await rules.ask("GET", "/rule-sets/drafts/R2027/diff?against=R2016")).json()
    assert {"caps[M05 window].points", "caps[M06 window].points"} < {each["path"] for each in older["differences"]}


async def test_the_amendment_of_2022_in_words(rules: RulesDesk) -> None:
    diff = (await rules.ask("GET", "/rule-sets/R2022/diff")).json()
    words = [each["zh"] for each in diff["differences"]]
    assert "上限 M05 window／積分：60 → 80" in words
    assert "上限 M06 window／積分：60 → 80" in words
    assert diff["against"] == "R2016 version 1"


ROUTES = [
    ("GET", "/rule-sets/drafts"),
    ("POST", "/rule-sets/drafts"),
    ("GET", "/rule-sets/drafts/R2027"),
    ("PUT", "/rule-sets/drafts/R2027"),
    ("POST", "/rule-sets/drafts/R2027/check"),
    ("GET", "/rule-sets/drafts/R2027/diff"),
    ("POST", "/rule-sets/drafts/R2027/publish"),
    ("POST", "/rule-sets/drafts/R2027/discard"),
    ("GET", "/rule-sets/R2022/history"),
]


async def test_nobody_but_an_administrator_drafts(rules: RulesDesk) -> None:
    for role in ("practitioner", "offering_unit", "review_unit", "committee_member", "other_system"):
        for method, path in ROUTES:
            assert (await rules.ask(method, path, actor=an_actor(role))).status_code == 403, path
    for role in ("practitioner", "offering_unit", "review_unit", "committee_member"):
        assert (await rules.ask("GET", "/rule-sets/R2022", actor=an_actor(role))).json()["text"] == R2022
