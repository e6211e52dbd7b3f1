"""What the owner of an account is told when somebody suspends, disables or resumes it, or decides on their rights."""

from __future__ import annotations

from typing import Any

import pytest
from tests.component.identity.conftest import PASSWORD, Identity, good, refusal
from tests.component.identity.test_profile import DATA, somebody, with_email

from cec_chassis.context import Actor
from cec_identity.accounts.profile import Language
from cec_identity.mail.templates import Rendered, render


@pytest.fixture
async def owner(identity: Identity) -> Actor:
    """Of a unit's account, with an address and a password."""
    actor = await somebody(identity)
    await with_email(identity, actor)
    return actor


async def act(identity: Identity, owner: Actor, name: str, reason: str = "盜用") -> None:
    path = f"/accounts/{owner.account_id}/{name}"
    good(await identity.ask(identity.administrator, "POST", path, {"reason": reason}))


async def last_mail(identity: Identity, language: Language | None = None) -> tuple[str, Rendered]:
    """The template of the latest mail, and what is written in it."""
    row = (
        await identity.rows("SELECT template, recipient, language, template_values FROM mails ORDER BY id DESC LIMIT 1")
    )[0]
    assert row.recipient == "old@example.org"
    language = language or Language(row.language)
    return row.template, render(row.template, language, row.template_values, "https://portal.example")


@pytest.mark.parametrize(
    ("acts", "template", "in_chinese", "in_english"),
    [
        (["suspend"], "account_suspended", ["停權", "盜用", "請洽系統管理者"], ["suspended", "盜用", "help desk"]),
        (["disable"], "account_disabled", ["停用", "盜用", "請洽系統管理者"], ["disabled", "盜用", "help desk"]),
        (["suspend", "resume"], "account_resumed", ["恢復使用", "以原密碼登入"], ["resumed", "Sign in with"]),
        (["disable", "resume"], "account_resumed", ["恢復使用", "以原密碼登入"], ["resumed", "Sign in with"]),
    ],
)
async def test_the_owner_is_mailed_what_was_done_to_the_account_why_and_whom_to_ask(
    identity: Identity, owner: Actor, acts: list[str], template: str, in_chinese: list[str], in_english: list[str]
) -> None:
    for name in acts:
        await act(identity, owner, name)
    mails = await identity.rows("SELECT template FROM mails")
    assert len(mails) == len(acts)
    for language, words in ((Language.CHINESE, in_chinese), (Language.ENGLISH, in_english)):
        told, mail = await last_mail(identity, language)
        assert told == template
        for text in (mail.text, mail.html):
            assert [word for word in words if word not in text] == []


async def test_what_changes_nothing_mails_nothing(identity: Identity, owner: Actor) -> None:
    for name in ("resume", "suspend", "suspend", "disable"):
        await act(identity, owner, name)
    assert [row.template for row in await identity.rows("SELECT template FROM mails")] == ["account_suspended"]


async def test_who_disables_their_own_account_gets_a_confirmation(identity: Identity, owner: Actor) -> None:
    good(await identity.ask(owner, "POST", "/profile/disable", {"reason": "離職"}))
    template, mail = await last_mail(identity)
    assert template == "account_disabled"
    assert "由您本人停用" in mail.text


@pytest.mark.parametrize(("name", "slug"), [("suspend", "account-suspended"), ("disable", "account-disabled")])
async def test_who_has_the_right_password_is_told_that_the_account_is_out_of_use_and_nobody_else_is(
    identity: Identity, owner: Actor, name: str, slug: str
) -> None:
    await act(identity, owner, name)
    answer = await identity.sign_in("somebody")
    assert refusal(answer) == (403, slug, [])
    assert "請洽" in answer.json()["detail"]
    assert "help desk" in answer.json()["detail"]
    guessed = await identity.sign_in("somebody", "wrong password")
    unknown = await identity.sign_in("nobody-at-all", "wrong password")
    assert refusal(guessed) == refusal(unknown) == (401, "sign-in-failed", [])
    assert comparable(guessed.json()) == comparable(unknown.json())
    refused = await identity.rows("SELECT outcome FROM sign_in_history WHERE account_id = :id", id=owner.account_id)
    assert [row.outcome for row in refused] == ["refused", "refused"]
    await act(identity, owner, "resume")
    good(await identity.sign_in("somebody"))


async def test_the_right_password_of_a_suspended_account_costs_its_owner_no_wait(
    identity: Identity, owner: Actor
) -> None:
    await act(identity, owner, "suspend")
    slugs = [refusal(await identity.sign_in("somebody"))[1] for _ in range(8)]
    assert set(slugs) == {"account-suspended"}


async def test_a_token_that_outlives_the_suspension_is_told_what_to_do(identity: Identity, owner: Actor) -> None:
    await act(identity, owner, "suspend")
    for answer in (
        await identity.ask(owner, "GET", "/profile"),
        await identity.ask(owner, "PUT", "/profile", DATA | {"version": 1}),
        await identity.ask(owner, "GET", "/unit"),
        await identity.ask(
            owner,
            "POST",
            "/accounts/me/password",
            {"current_password": PASSWORD, "new_password": "another " + PASSWORD},
        ),
    ):
        assert refusal(answer)[:2] == (403, "account-suspended")
        assert "help desk" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("grant", "template", "words"),
    [
        (True, "rights_granted", ["某某學會", "審查單位", "承辦異動", "請重新登入"]),
        (False, "rights_refused", ["某某學會", "審查單位", "承辦異動", "再次申請"]),
    ],
)
async def test_who_asked_for_rights_is_mailed_the_decision_and_its_reason(
    identity: Identity, owner: Actor, grant: bool, template: str, words: list[str]
) -> None:
    wish = {"role": "review_unit", "organisation_id": str(owner.organisation_id), "justification": "承辦審查"}
    asked = good(await identity.ask(owner, "POST", "/profile/rights", wish), 201)
    path = f"/rights-requests/{asked['request_id']}/decision"
    good(await identity.ask(identity.administrator, "POST", path, {"grant": grant, "reason": "承辦異動"}))
    told, mail = await last_mail(identity)
    assert told == template
    assert [word for word in words if word not in mail.text] == []
    _, english = await last_mail(identity, Language.ENGLISH)
    assert "review unit" in english.text


def comparable(problem: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in problem.items() if name != "request_id"}
