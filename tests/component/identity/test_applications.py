"""Applications for accounts: the form with all its rules, the queue, approval, rejection, and what the applicant reads."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from tests.component.identity.applying import (
    CONTACT,
    NATIONAL_ID,
    PROPOSAL,
    a_form,
    applied,
    apply,
    decide,
    mailed,
    proof,
    token_mailed,
)
from tests.component.identity.conftest import PASSWORD, Identity, good, refusal
from tests.support.tokens import an_actor

from cec_chassis.ids import new_id
from cec_identity.applications.forget_rejected_applications import forget_rejected
from cec_identity.applications.form import ApplicationForm, CheckedForm

BAD = "validation-failed"


async def test_an_application_waits_sealed_and_its_owner_is_mailed_a_reference(identity: Identity) -> None:
    application_id = await applied(identity, national_id="ａ800000014 ", email="Wang@SOCIETY.example.org")
    [row] = await identity.rows("SELECT * FROM applications")
    assert (str(row.id), row.status, row.name_key) == (application_id, "pending", "society-one")
    assert row.national_id_masked == "A80****014"
    assert NATIONAL_ID.encode() not in bytes(row.national_id_sealed)
    assert row.proposal["county"] == "臺北市"
    assert row.proposal["contact"]["phone"] == "02-23212362"
    assert row.notify_announcements is True
    assert await mailed(identity) == [("application_received", "Wang@society.example.org")]
    texts = await identity.rows(
        """
        SELECT CAST(after AS text) AS text FROM audit_log UNION ALL SELECT CAST(data AS text) FROM outbox
        UNION ALL SELECT CAST(template_values AS text) FROM mails
        """
    )
    assert not [row for row in texts if NATIONAL_ID in str(row.text)]
    assert await identity.rows("SELECT id FROM accounts WHERE name = 'Society-One'") == []


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"national_id": "A800000015"}, [("body.national_id", "national-id-checksum")]),
        ({"national_id": "Ａ12345678"}, [("body.national_id", "national-id-format")]),
        ({"name": "four"}, [("body.name", "account-name-format")]),
        ({"name": "sосiety"}, [("body.name", "account-name-format")]),  # Cyrillic о and с
        ({"name": "society one"}, [("body.name", "account-name-format")]),
        ({"name": "a123456789"}, [("body.name", "account-name-is-national-id")]),
        ({"name": "x" * 65}, [("body.name", "wrong-length")]),
        ({"person_name": "Wang Xiaoming"}, [("body.person_name", "chinese-name")]),
        ({"person_name": "王"}, [("body.person_name", "chinese-name")]),
        ({"person_name": "王1明"}, [("body.person_name", "chinese-name")]),
        ({"person_name": "王\u200b明"}, [("body.person_name", "chinese-name")]),
        ({"person_name": "  "}, [("body.person_name", "missing-value")]),
        ({"email": "wang@society"}, [("body.email", "email-format")]),
        ({"email": "wаng@society.example.org"}, [("body.email", "email-format")]),  # Cyrillic а
        ({"email": "wang@society.example.org\r\nBcc: x@y.zz"}, [("body.email", "email-format")]),
        ({"backup_email": "nobody"}, [("body.backup_email", "email-format")]),
        ({"phone": {"area": "2", "number": "23212362"}}, [("body.phone", "telephone")]),
        ({"phone": {"area": "02", "number": "2321236a"}}, [("body.phone", "telephone")]),
        ({"phone": {"area": "02", "number": "23212362", "extension": "1234567"}}, [("body.phone", "telephone")]),
        ({"phone": {"area": "02", "number": "23212362", "country": "886"}}, [("body.phone.country", "unknown-field")]),
        ({"job_title": " "}, [("body.job_title", "missing-value")]),
        ({"role": "practitioner"}, [("body.role", "practitioners-activate")]),
        ({"role": "system_administrator"}, [("body.role", "role-not-open")]),
        ({"role": "other_system"}, [("body.role", "role-not-open")]),
        ({"role": "minister"}, [("body.role", "unknown-value")]),
        ({"proposal": None}, [("body.organisation_id", "organisation-or-proposal")]),
        ({"organisation_id": str(UUID(int=1))}, [("body.organisation_id", "organisation-or-proposal")]),
        ({"status": "approved"}, [("body.status", "unknown-field")]),
        ({"account_id": str(UUID(int=1))}, [("body.account_id", "unknown-field")]),
        ({"password": "Passw0rd!"}, [("body.password", "unknown-field")]),
    ],
)
async def test_what_is_wrong_with_the_form_is_told_and_nothing_is_kept(
    identity: Identity, changes: dict[str, Any], errors: list[tuple[str, str]]
) -> None:
    answer = await apply(identity, proof_of_work="none of it is looked at", **changes)
    assert refusal(answer) == (422, BAD, errors)
    assert await identity.rows("SELECT id FROM applications") == []
    assert await mailed(identity) == []


@pytest.mark.parametrize(
    ("part", "changes", "error"),
    [
        ("", {"kind": "診所"}, ("body.proposal.kind", "kind-not-eligible")),
        ("", {"kind": ""}, ("body.proposal.kind", "missing-value")),
        ("", {"name": "Society of Samples"}, ("body.proposal.name", "chinese-name")),
        ("", {"county": "東京都"}, ("body.proposal.county", "unknown-county")),
        ("", {"offers_courses": True}, ("body.proposal.offers_courses", "unknown-field")),
        ("contact", {"department": ""}, ("body.proposal.contact.department", "missing-value")),
        ("contact", {"phone": None}, ("body.proposal.contact.phone", "missing-value")),
        ("contact", {"fax": None}, ("body.proposal.contact.fax", "missing-value")),
        ("contact", {"district": "中正"}, ("body.proposal.contact.district", "district-format")),
        ("contact", {"district": ""}, ("body.proposal.contact.district", "missing-value")),
        ("contact", {"street": " "}, ("body.proposal.contact.street", "missing-value")),
        ("contact", {"head_name": "Mr Chen"}, ("body.proposal.contact.head_name", "chinese-name")),
        ("contact", {"head_title": ""}, ("body.proposal.contact.head_title", "missing-value")),
        ("contact", {"website": "ftp://society.gov.tw/"}, ("body.proposal.contact.website", "website-format")),
        ("contact", {"website": "http://127.0.0.1/"}, ("body.proposal.contact.website", "website-not-public")),
        ("contact", {"street": "愛國\u202e東路"}, ("body.proposal.contact.street", "bad-character")),
    ],
)
async def test_what_is_wrong_with_the_proposed_unit_is_told(
    identity: Identity, part: str, changes: dict[str, Any], error: tuple[str, str]
) -> None:
    proposal = PROPOSAL | ({part: CONTACT | changes} if part else changes)
    answer = await apply(identity, proof_of_work="none of it is looked at", proposal=proposal)
    assert refusal(answer) == (422, BAD, [error])


async def test_everything_that_is_wrong_is_told_at_once(identity: Identity) -> None:
    answer = await apply(identity, proof_of_work="x", national_id="A1", email="x", person_name="X", job_title="")
    assert {path for path, _ in refusal(answer)[2]} == {
        "body.national_id",
        "body.email",
        "body.person_name",
        "body.job_title",
    }
    assert "A1" not in answer.text.replace("A123456789", "")


async def test_an_application_costs_a_proof_of_work_each_time(identity: Identity) -> None:
    assert refusal(await apply(identity, proof_of_work="bm9uZQ=="))[:2] == (403, "proof-of-work-required")
    assert refusal(await apply(identity, proof_of_work=await proof(identity, "recovery")))[0] == 403
    spent = await proof(identity)
    await applied(identity, proof_of_work=spent)
    assert refusal(await apply(identity, proof_of_work=spent, name="another"))[:2] == (403, "proof-of-work-spent")


async def test_the_terms_of_today_are_agreed_to(identity: Identity) -> None:
    assert refusal(await apply(identity, consent_version="2020-01-01"))[:2] == (409, "consent-outdated")


async def test_a_name_is_applied_for_once_and_free_again_after_a_rejection(identity: Identity) -> None:
    first = await applied(identity)
    for name in ("SOCIETY-ONE", "Ｓｏｃｉｅｔｙ－Ｏｎｅ"):
        assert refusal(await apply(identity, name=name))[:2] == (409, "account-name-applied")
    good(await decide(identity, first, "reject", reason="資料不符"))
    again = await applied(identity)
    assert again != first
    assert refusal(await apply(identity, name="Administrator-1"))[:2] == (409, "account-name-taken")


async def test_of_two_who_apply_for_a_name_at_once_one_gets_it(identity: Identity) -> None:
    proofs = [await proof(identity) for _ in range(3)]
    answers = await asyncio.gather(*(apply(identity, proof_of_work=one) for one in proofs))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]


async def test_strangers_find_eligible_units_in_use_by_code_name_and_department(identity: Identity) -> None:
    plain = {"offers_courses": False, "reviews_courses": False, "reviews_professions": []}
    await identity.organisation("A01", name="某某醫學會", kind="醫學會", contact=CONTACT, **plain)
    await identity.organisation("B01", name="某某診所", kind="診所", **plain)
    closed = await identity.organisation("C01", name="某某公會", kind="公會", **plain)
    path = f"/organisations/{closed.pop('organisation_id')}"
    good(await identity.ask(identity.administrator, "PUT", path, closed | {"active": False}))
    for query in ("code=A01", "name=某某", "department=秘書", "code=A01&name=某某"):
        page = good(await identity.ask(None, "GET", f"/apply/organisations?{query}"))
        assert [line["code"] for line in page["items"]] == ["A01"], query
        assert set(page["items"][0]) == {"organisation_id", "code", "name", "kind", "department", "county"}
    for query in ("", "name=某", "department=秘"):
        answer = await identity.ask(None, "GET", f"/apply/organisations?{query}")
        assert refusal(answer)[2] == [("query.name", "search-too-short")]
    codes = [(await identity.ask(None, "GET", "/apply/organisations?code=Z")).status_code for _ in range(61)]
    assert (codes[0], codes[-1]) == (200, 429)


async def test_a_chosen_unit_must_be_eligible_and_in_use(identity: Identity) -> None:
    plain = {"offers_courses": False, "reviews_courses": False, "reviews_professions": []}
    clinic = await identity.organisation("B01", kind="診所", **plain)
    hospital = await identity.organisation("B02", kind="教學醫院", **plain)
    for chosen, role, slug in (
        (clinic["organisation_id"], "offering_unit", "kind-not-eligible"),
        (hospital["organisation_id"], "review_unit", "kind-not-eligible"),
        (str(new_id()), "offering_unit", "unknown-organisation"),
    ):
        answer = await apply(identity, proposal=None, organisation_id=chosen, role=role)
        assert refusal(answer) == (422, BAD, [("body.organisation_id", slug)])
    await applied(identity, proposal=None, organisation_id=hospital["organisation_id"])


async def test_approval_opens_account_and_unit_and_the_link_sets_the_first_password(identity: Identity) -> None:
    application_id = await applied(identity)
    answer = good(await decide(identity, application_id, "approve"))
    assert (answer["status"], answer["national_id"]) == ("approved", "A80****014")
    organisation, account = (await identity.told())[-2:]
    assert (organisation.type, organisation.body.code, organisation.body.offers_courses) == (
        "cec.identity.organisation_registered.v1",
        "N000001",
        True,
    )
    assert organisation.body.department == "秘書處"
    assert (account.type, account.body.name, account.body.role.value, account.body.state.value) == (
        "cec.identity.account_opened.v1",
        "Society-One",
        "offering_unit",
        "active",
    )
    assert str(account.body.organisation_id) == organisation.subject
    assert refusal(await identity.sign_in("society-one"))[:2] == (401, "sign-in-failed")
    assert (await mailed(identity))[-1] == ("application_approved", "wang@society.example.org")
    token = await token_mailed(identity, "application_approved")
    good_password = {"token": token, "password": PASSWORD}
    assert (await identity.ask(None, "POST", "/recovery/password", good_password)).status_code == 204
    assert refusal(await identity.ask(None, "POST", "/recovery/password", good_password))[0] == 410
    tokens = good(await identity.sign_in("SOCIETY-ONE"))
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    profile = good(await identity.client.get("/profile", headers=headers))
    assert (profile["person_name"], profile["national_id_masked"]) == ("王小明", "A80****014")
    assert (profile["email"], profile["email_verified"]) == ("wang@society.example.org", True)
    assert profile["phone"] == {"area": "02", "number": "23212362", "extension": "12"}
    consents = await identity.rows("SELECT kind, version FROM consents")
    assert [(row.kind, row.version) for row in consents] == [("application", "2026-01-01")]


async def test_an_existing_unit_offers_courses_from_its_first_approved_account_on(identity: Identity) -> None:
    unit = await identity.organisation("B02", offers_courses=False, reviews_courses=False, reviews_professions=[])
    application_id = await applied(identity, proposal=None, organisation_id=unit["organisation_id"])
    good(await decide(identity, application_id, "approve"))
    changed, opened = (await identity.told())[-2:]
    assert (changed.type, changed.body.offers_courses) == ("cec.identity.organisation_changed.v1", True)
    assert str(opened.body.organisation_id) == unit["organisation_id"]


async def test_a_unit_that_looks_known_is_confirmed_or_replaced(identity: Identity) -> None:
    known = await identity.organisation("S01", name="社團法人台灣示範醫事學會")
    first, second = await applied(identity), await applied(identity, name="society-two", national_id="A870000015")
    warned = await decide(identity, first, "approve")
    assert refusal(warned) == (409, "organisation-looks-known", [("body.another", "looks-like")])
    assert "S01" in warned.json()["errors"][0]["message"]
    shown = good(await identity.ask(identity.administrator, "GET", f"/applications/{first}"))
    assert [one["code"] for one in shown["similar"]] == ["S01"]
    good(await decide(identity, first, "approve", organisation_id=known["organisation_id"]))
    good(await decide(identity, second, "approve", another=True, organisation_code="s02"))
    rows = await identity.rows("SELECT code FROM organisations ORDER BY code")
    assert [row.code for row in rows] == ["S01", "S02"]
    accounts = await identity.rows(
        "SELECT o.code FROM accounts a JOIN organisations o ON o.id = a.organisation_id ORDER BY a.opened_at, a.id"
    )
    assert [row.code for row in accounts] == ["S01", "S02"]


async def test_reviewers_are_approved_for_recognised_units_only(identity: Identity) -> None:
    proposed = await applied(identity, role="review_unit")
    assert refusal(await decide(identity, proposed, "approve"))[:2] == (409, "recognise-first")
    plain = await identity.organisation("S01", offers_courses=True, reviews_courses=False, reviews_professions=[])
    chosen = plain["organisation_id"]
    member = await applied(identity, role="committee_member", name="member-1", proposal=None, organisation_id=chosen)
    assert refusal(await decide(identity, member, "approve"))[:2] == (409, "recognise-first")
    body = {
        "organisation_id": chosen,
        "professions": ["2"],
        "applied_on": "2026-01-01",
        "valid_from": "2026-01-01",
        "document": "衛部醫字第1150000002號",
    }
    good(await identity.ask(identity.administrator, "POST", "/recognitions", body), 201)
    good(await decide(identity, member, "approve"))
    good(await decide(identity, proposed, "approve", organisation_id=chosen))
    roles = [row.role for row in await identity.rows("SELECT role FROM accounts ORDER BY opened_at, id")]
    assert sorted(roles) == ["committee_member", "review_unit", "system_administrator"]


async def test_an_approval_that_cannot_be_finished_leaves_nothing(identity: Identity) -> None:
    application_id = await applied(identity)
    await identity.account("society-one")
    before = len(await identity.told())
    assert refusal(await decide(identity, application_id, "approve"))[:2] == (409, "account-name-taken")
    assert await identity.rows("SELECT id FROM organisations") == []
    assert len(await identity.told()) == before
    assert (await identity.rows("SELECT status FROM applications"))[0].status == "pending"


async def test_a_decision_is_final_and_two_at_once_are_one(identity: Identity) -> None:
    application_id = await applied(identity)
    answers = await asyncio.gather(*(decide(identity, application_id, "approve") for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert refusal(await decide(identity, application_id, "reject", reason="晚了"))[:2] == (409, "application-decided")
    assert len(await identity.rows("SELECT id FROM accounts WHERE name = 'Society-One'")) == 1
    assert refusal(await decide(identity, str(new_id()), "approve"))[0] == 404


async def test_a_rejection_says_why_and_is_forgotten_after_half_a_year(identity: Identity) -> None:
    application_id = await applied(identity)
    assert refusal(await decide(identity, application_id, "reject", reason=" "))[0] == 422
    good(await decide(identity, application_id, "reject", reason="非單位承辦人"))
    [row] = await identity.rows("SELECT template_values FROM mails WHERE template = 'application_rejected'")
    assert row.template_values["reason"] == "非單位承辦人"
    token = await token_mailed(identity, "application_received")
    status = good(await identity.ask(None, "POST", "/apply/status", {"reference": token}))
    assert (status["status"], status["reason"]) == ("rejected", "非單位承辦人")
    identity.clock.advance(timedelta(days=181))
    async with identity.database.transaction() as tx:
        assert await forget_rejected(tx) == 1


async def test_a_reference_is_read_once_and_another_is_mailed_to_the_applicant_only(identity: Identity) -> None:
    await applied(identity)
    token = await token_mailed(identity, "application_received")
    assert good(await identity.ask(None, "POST", "/apply/status", {"reference": token}))["status"] == "pending"
    assert refusal(await identity.ask(None, "POST", "/apply/status", {"reference": token}))[:2] == (
        410,
        "reference-invalid",
    )
    for name, email, mails in (
        ("society-one", "somebody@else.example.org", 1),
        ("nobody-here", "wang@society.example.org", 1),
        ("SOCIETY-ONE", "WANG@society.example.org", 2),
    ):
        body = {"name": name, "email": email, "proof_of_work": await proof(identity)}
        answer = await identity.ask(None, "POST", "/apply/reference", body)
        assert (answer.status_code, set(answer.json())) == (202, {"message"})
        assert len(await mailed(identity)) == mails
    token = await token_mailed(identity, "application_received")
    identity.clock.advance(timedelta(days=90))
    assert refusal(await identity.ask(None, "POST", "/apply/status", {"reference": token}))[0] == 410


async def test_the_queue_is_paged_filtered_oldest_first_and_masked(identity: Identity) -> None:
    first = await applied(identity)
    second = await applied(identity, name="second-one", person_name="林大同", national_id="A870000015")
    good(await decide(identity, second, "reject", reason="重複"))
    for query, expected in (
        ("", [first, second]),
        ("?status=pending", [first]),
        ("?text=林大", [second]),
        ("?text=SECOND", [second]),
        ("?text=示範醫事", [first, second]),
        ("?role=review_unit", []),
        ("?page=2&page_size=1", [second]),
    ):
        page = good(await identity.ask(identity.administrator, "GET", f"/applications{query}"))
        assert [line["application_id"] for line in page["items"]] == expected, query
        assert NATIONAL_ID not in str(page)


async def test_who_decides_sees_the_number_masked_and_the_look_is_recorded(identity: Identity) -> None:
    await identity.imported("A800000014,王小明,P0009,2,牙技字第000009號,2010-05-01,,,,,臺北市,ordinary,2000-01-01")
    application_id = await applied(identity)
    view = good(await identity.ask(identity.administrator, "GET", f"/applications/{application_id}"))
    assert (view["national_id"], view["proposal"]["contact"]["head_name"]) == ("A80****014", "陳理事")
    looks = await identity.rows("SELECT action, subject_id FROM audit_log WHERE look")
    assert [(row.action, row.subject_id) for row in looks] == [("application.read", application_id)]


async def test_the_link_to_the_first_password_can_be_sent_again(identity: Identity) -> None:
    application_id = await applied(identity)
    path = f"/applications/{application_id}/link"
    assert refusal(await identity.ask(identity.administrator, "POST", path))[:2] == (409, "application-not-approved")
    good(await decide(identity, application_id, "approve"))
    identity.clock.advance(timedelta(days=8))
    late = {"token": await token_mailed(identity, "application_approved"), "password": PASSWORD}
    assert refusal(await identity.ask(None, "POST", "/recovery/password", late))[0] == 410
    assert (await identity.ask(identity.administrator, "POST", path)).status_code == 204
    fresh = {"token": await token_mailed(identity, "application_approved"), "password": PASSWORD}
    assert (await identity.ask(None, "POST", "/recovery/password", fresh)).status_code == 204


async def test_nobody_but_administrators_sees_or_decides_applications(identity: Identity) -> None:
    application_id = await applied(identity)
    for role in ("offering_unit", "review_unit", "committee_member", "practitioner", "other_system"):
        actor = an_actor(role, organisation_id=new_id())
        for method, path in (
            ("GET", ""),
            ("GET", f"/{application_id}"),
            ("POST", f"/{application_id}/approve"),
            ("POST", f"/{application_id}/reject"),
            ("POST", f"/{application_id}/link"),
            ("POST", f"/{application_id}/national-id/reveal"),
        ):
            assert (await identity.ask(actor, method, f"/applications{path}")).status_code == 403


def test_the_form_shows_nothing_of_a_person_in_logs() -> None:
    form = msgspec.convert(a_form(proof_of_work="x"), ApplicationForm, strict=False)
    for text in (repr(form), repr(CheckedForm.checked(form))):
        assert NATIONAL_ID not in text
        assert "王小明" not in text
        assert "wang@" not in text
