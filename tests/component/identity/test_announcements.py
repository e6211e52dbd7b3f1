"""Announcements: written, published, corrected, withdrawn; who sees them, and who may write them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.exc import DBAPIError
from tests.component.identity.conftest import Identity, good, refusal
from tests.support.tokens import an_actor

from cec_chassis.context import Actor
from cec_identity.accounts.profile import Language
from cec_identity.announcements.domain import TITLES, Category

EDITOR = "/announcement-editor"
WORDS = {
    "subject": "系統維護",
    "content": "每月第二個星期進行資料庫維護。",
    "audience": ["practitioner", "offering_unit"],
}
PRACTITIONER, OFFERING = an_actor("practitioner"), an_actor("offering_unit")


async def drafted(identity: Identity, actor: Actor | None = None, **changes: Any) -> str:
    """A draft; its id."""
    body = WORDS | {"category": "system"} | changes
    return str(good(await identity.ask(actor or identity.administrator, "POST", EDITOR, body), 201)["announcement_id"])


async def published(identity: Identity, actor: Actor | None = None, *, mail: bool = False, **changes: Any) -> str:
    """An announcement that people see; its id."""
    announcement = await drafted(identity, actor, **changes)
    await publish(identity, announcement, actor, mail=mail)
    return announcement


async def publish(
    identity: Identity, announcement: str, actor: Actor | None = None, *, mail: bool = False, reason: str = ""
) -> dict[str, Any]:
    body = {"mail": mail, "reason": reason}
    return good(await identity.ask(actor or identity.administrator, "POST", f"{EDITOR}/{announcement}/publish", body))


async def withdraw(identity: Identity, announcement: str) -> None:
    body = {"reason": "誤植"}
    good(await identity.ask(identity.administrator, "POST", f"{EDITOR}/{announcement}/withdraw", body))


async def seen(identity: Identity, actor: Actor | None, query: str = "") -> list[str]:
    """The subjects that somebody sees; nobody in particular sees the sign-in page."""
    path = "/announcements" if actor else "/public-announcements"
    return [line["subject"] for line in good(await identity.ask(actor, "GET", f"{path}?{query}"))["items"]]


async def a_review_unit(identity: Identity, code: str = "A01", name: str = "牙醫師公會") -> Actor:
    unit = await identity.organisation(code, name=name)
    return an_actor("review_unit", organisation_id=UUID(unit["organisation_id"]))


async def test_a_draft_is_seen_by_nobody_and_a_published_one_by_its_audience(identity: Identity) -> None:
    announcement = await drafted(identity)
    assert await seen(identity, PRACTITIONER) == []
    assert refusal(await identity.ask(PRACTITIONER, "GET", f"/announcements/{announcement}"))[0] == 404
    await publish(identity, announcement)
    assert await seen(identity, PRACTITIONER) == ["系統維護"]
    assert await seen(identity, OFFERING) == ["系統維護"]
    for other in (an_actor("review_unit"), an_actor("committee_member"), None):
        assert await seen(identity, other) == []
    view = good(await identity.ask(PRACTITIONER, "GET", f"/announcements/{announcement}"))
    assert (view["content"], view["version"], view["shows_until"], view["unit"]) == (WORDS["content"], 1, None, None)
    assert refusal(await identity.ask(an_actor("review_unit"), "GET", f"/announcements/{announcement}"))[0] == 404
    assert refusal(await identity.ask(None, "GET", f"/public-announcements/{announcement}"))[0] == 404


async def test_the_sign_in_page_shows_what_is_for_anybody_today(identity: Identity) -> None:
    await published(identity, category="sign_in_page", subject="首頁公告", audience=[])
    await published(identity, subject="規定", public=True, audience=["practitioner"], shows_until="2026-03-02")
    await published(identity, subject="明天", public=True, shows_from="2026-03-03")
    assert await seen(identity, None) == ["規定", "首頁公告"]
    assert await seen(identity, None, "category=sign_in_page") == ["首頁公告"]
    identity.clock.advance(timedelta(days=1))
    assert await seen(identity, None) == ["明天", "首頁公告"]
    assert await seen(identity, PRACTITIONER) == ["明天", "規定", "首頁公告"], "history keeps what is over"
    assert await seen(identity, PRACTITIONER, "in_force=true") == ["明天", "首頁公告"]
    assert await seen(identity, PRACTITIONER, "in_force=false") == ["規定"]


async def test_days_begin_and_end_in_taipei(identity: Identity) -> None:
    await published(identity, subject="今日", shows_from="2026-03-02", shows_until="2026-03-02")
    await published(identity, subject="明日", shows_from="2026-03-03")
    identity.clock.advance(timedelta(hours=11, minutes=59))  # 23:59 in Taipei
    assert await seen(identity, PRACTITIONER, "in_force=true") == ["今日"]
    identity.clock.advance(timedelta(minutes=1))
    assert await seen(identity, PRACTITIONER, "in_force=true") == ["明日"]


async def test_a_correction_is_seen_when_it_is_published_and_the_history_keeps_every_text(identity: Identity) -> None:
    announcement = await published(identity)
    corrected = WORDS | {"content": "每月第一個星期進行資料庫維護。", "based_on": 1}
    path = f"{EDITOR}/{announcement}"
    assert good(await identity.ask(identity.administrator, "PUT", path, corrected))["version"] == 2
    before = good(await identity.ask(PRACTITIONER, "GET", f"/announcements/{announcement}"))
    assert before["content"] == WORDS["content"]
    await publish(identity, announcement, reason="更正日期")
    after = good(await identity.ask(PRACTITIONER, "GET", f"/announcements/{announcement}"))
    assert (after["content"], after["version"]) == (corrected["content"], 2)
    await withdraw(identity, announcement)
    assert await seen(identity, PRACTITIONER) == []
    history = good(await identity.ask(identity.administrator, "GET", path))
    assert (history["state"], history["published"]) == ("withdrawn", None)
    assert [text["content"] for text in history["versions"]] == [corrected["content"], WORDS["content"]]
    told = [(one["version"], one["reason"]) for one in history["publications"]]
    assert told == [(None, "誤植"), (2, "更正日期"), (1, "")]
    for statement in ("UPDATE announcement_versions SET content = ''", "DELETE FROM announcement_publications"):
        with pytest.raises(DBAPIError, match="append-only"):
            async with identity.database.transaction() as tx:
                await tx.execute(statement)


async def test_two_who_edit_at_once_do_not_overwrite_each_other(identity: Identity) -> None:
    announcement = await drafted(identity)
    path, first = f"{EDITOR}/{announcement}", WORDS | {"subject": "甲", "based_on": 1}
    good(await identity.ask(identity.administrator, "PUT", path, first))
    second = await identity.ask(identity.administrator, "PUT", path, first | {"subject": "乙"})
    assert refusal(second)[:2] == (409, "announcement-changed")
    same = good(await identity.ask(identity.administrator, "PUT", path, first | {"based_on": 2}))
    assert same["version"] == 2, "the same words again are no new version"


async def test_states_that_do_not_fit_are_refused(identity: Identity) -> None:
    announcement = await drafted(identity)
    ask = identity.ask
    body = {"reason": "x"}
    administrator = identity.administrator
    refused = await ask(administrator, "POST", f"{EDITOR}/{announcement}/withdraw", body)
    assert refusal(refused)[:2] == (409, "announcement-not-published")
    await publish(identity, announcement)
    refused = await ask(administrator, "POST", f"{EDITOR}/{announcement}/publish", {})
    assert refusal(refused)[:2] == (409, "announcement-is-published")
    missing = await ask(administrator, "POST", f"{EDITOR}/{identity.clock.now().date()}/publish", {})
    assert missing.status_code == 404


async def test_a_review_unit_that_names_no_unit_writes_for_its_own(identity: Identity) -> None:
    unit = await a_review_unit(identity)
    await published(identity, unit, category="review_unit")
    [line] = good(await identity.ask(PRACTITIONER, "GET", "/announcements"))["items"]
    assert (line["unit"], line["category"]) == ("牙醫師公會", "review_unit")


async def test_a_review_unit_writes_its_own_announcements_and_no_others(identity: Identity) -> None:
    unit, other = await a_review_unit(identity), await a_review_unit(identity, "A02", "藥師公會")
    own: dict[str, Any] = {"category": "review_unit", "organisation_id": unit.organisation_id, "subject": "審查通知"}
    announcement = await published(identity, unit, **own)
    [line] = good(await identity.ask(PRACTITIONER, "GET", "/announcements"))["items"]
    assert (line["unit"], line["category"]) == ("牙醫師公會", "review_unit")
    for wrong in (
        {"category": "system"},
        {"category": "review_unit", "organisation_id": other.organisation_id},
    ):
        refused = await identity.ask(unit, "POST", EDITOR, WORDS | wrong)
        assert refusal(refused)[:2] == (403, "not-your-announcement")
    for method, path, body in (
        ("GET", "", None),
        ("PUT", "", WORDS | {"based_on": 1}),
        ("POST", "/publish", {}),
        ("POST", "/withdraw", {"reason": "x"}),
    ):
        refused = await identity.ask(other, method, f"{EDITOR}/{announcement}{path}", body)
        assert refusal(refused)[:2] == (403, "not-your-announcement"), path
    assert good(await identity.ask(other, "GET", EDITOR))["items"] == []
    assert len(good(await identity.ask(unit, "GET", EDITOR))["items"]) == 1
    await withdraw(identity, announcement)  # an administrator may


@pytest.mark.parametrize("role", ["practitioner", "offering_unit", "committee_member"])
async def test_nobody_else_writes(identity: Identity, role: str) -> None:
    assert refusal(await identity.ask(an_actor(role), "POST", EDITOR, WORDS | {"category": "system"}))[0] == 403


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"subject": " "}, ("body.subject", "missing-value")),
        ({"subject": "a\u202eb"}, ("body.subject", "bad-character")),
        ({"content": "x" * 20_001}, ("body.content", "content-length")),
        ({"content": "a\u200bb"}, ("body.content", "bad-character")),
        ({"audience": []}, ("body.audience", "missing-value")),
        ({"audience": ["other_system"]}, ("body.audience", "not-a-reader")),
        ({"shows_from": "2026-03-05", "shows_until": "2026-03-04"}, ("body.shows_until", "before-the-first-day")),
        ({"category": "review_unit"}, ("body.organisation_id", "unit-and-category")),
        ({"files": ["00000000-0000-0000-0000-000000000001"]}, ("body.files", "unknown-file")),
    ],
)
async def test_words_that_are_not_acceptable_are_refused(
    identity: Identity, changes: dict[str, Any], fault: tuple[str, str]
) -> None:
    refused = await identity.ask(identity.administrator, "POST", EDITOR, WORDS | {"category": "system"} | changes)
    assert refusal(refused) == (422, "validation-failed", [fault])


async def test_a_field_that_nobody_knows_is_refused(identity: Identity) -> None:
    body = WORDS | {"category": "system", "state": "published"}
    assert refusal(await identity.ask(identity.administrator, "POST", EDITOR, body))[0] == 422


async def test_history_is_searched_by_category_words_unit_and_days(identity: Identity) -> None:
    unit = await a_review_unit(identity)
    await published(identity, subject="積分規定 100% 適用", shows_from="2026-01-05", category="regulations")
    await published(identity, content="請下載操作手冊。", shows_from="2026-02-01", category="downloads", subject="手冊")
    await published(
        identity,
        unit,
        category="review_unit",
        organisation_id=unit.organisation_id,
        subject="審查時程",
        shows_from="2026-02-20",
    )
    assert await seen(identity, PRACTITIONER) == ["審查時程", "手冊", "積分規定 100% 適用"]
    for query, expected in {
        "category=downloads": ["手冊"],
        "subject=規定": ["積分規定 100% 適用"],
        "subject=100%25": ["積分規定 100% 適用"],
        "subject=_%25": [],
        "content=操作手冊": ["手冊"],
        "unit=牙醫": ["審查時程"],
        "since=2026-02-01": ["審查時程", "手冊"],
        "since=2026-01-06&until=2026-02-01": ["手冊"],
        "until=2026-01-05": ["積分規定 100% 適用"],
    }.items():
        assert await seen(identity, PRACTITIONER, query) == expected, query


LAW = {"title": "醫事人員執業登記及繼續教育辦法", "url": "https://law.moj.gov.tw/LawClass/LawAll.aspx?PCode=L0020166"}


async def test_manuals_videos_and_questions_are_pages_of_their_own(identity: Identity) -> None:
    """手冊下載, 影音教學, Q&A答客問."""
    for category, subject in {"downloads": "操作手冊", "videos": "操作影片", "questions": "常見問題"}.items():
        await published(identity, category=category, subject=subject, audience=["practitioner"], public=True)
        assert await seen(identity, PRACTITIONER, f"category={category}&in_force=true") == [subject]
        assert await seen(identity, None, f"category={category}") == [subject]


async def test_a_text_names_links_which_its_readers_see_and_its_history_keeps(identity: Identity) -> None:
    announcement = await published(identity, category="regulations", links=[LAW])
    view = good(await identity.ask(PRACTITIONER, "GET", f"/announcements/{announcement}"))
    assert view["links"] == [LAW]
    video = {"title": " 報名教學 ", "url": "www.youtube.com/watch?v=abc"}
    path = f"{EDITOR}/{announcement}"
    good(await identity.ask(identity.administrator, "PUT", path, WORDS | {"links": [video, LAW], "based_on": 1}))
    assert good(await identity.ask(PRACTITIONER, "GET", f"/announcements/{announcement}"))["links"] == [LAW]
    await publish(identity, announcement, reason="增列影片")
    view = good(await identity.ask(PRACTITIONER, "GET", f"/announcements/{announcement}"))
    assert view["links"] == [{"title": "報名教學", "url": "http://www.youtube.com/watch?v=abc"}, LAW]
    history = good(await identity.ask(identity.administrator, "GET", path))
    assert [len(text["links"]) for text in history["versions"]] == [2, 1]
    again = WORDS | {"links": [video, LAW], "based_on": 2}
    assert good(await identity.ask(identity.administrator, "PUT", path, again))["version"] == 2, "the same words"


@pytest.mark.parametrize(
    ("links", "fault"),
    [
        ([LAW, {"title": "x", "url": "javascript:alert(1)"}], ("body.links[1].url", "website-format")),
        ([{"title": "x", "url": "https://10.0.0.1/admin"}], ("body.links[0].url", "website-not-public")),
        ([{"title": "x", "url": " "}], ("body.links[0].url", "missing-value")),
        ([{"title": "a\u202eb", "url": LAW["url"]}], ("body.links[0].title", "bad-character")),
        ([LAW] * 21, ("body.links", "too-many-links")),
    ],
)
async def test_links_that_lead_nowhere_public_are_refused(
    identity: Identity, links: list[dict[str, str]], fault: tuple[str, str]
) -> None:
    body = WORDS | {"category": "videos", "links": links}
    assert refusal(await identity.ask(identity.administrator, "POST", EDITOR, body)) == (
        422,
        "validation-failed",
        [fault],
    )


def test_every_category_has_a_name_in_both_languages() -> None:
    assert set(TITLES) == set(Category)
    assert all(set(each) == set(Language) for each in TITLES.values())


async def test_history_comes_in_pages_of_twenty(identity: Identity) -> None:
    for number in range(21):
        await published(identity, subject=f"第 {number} 則")
        identity.clock.advance(timedelta(seconds=1))
    page = good(await identity.ask(PRACTITIONER, "GET", "/announcements"))
    assert (page["total"], len(page["items"]), page["page_size"]) == (21, 20, 20)
    assert page["items"][0]["subject"] == "第 20 則"
    assert await seen(identity, PRACTITIONER, "page=2") == ["第 0 則"]
