"""What people do besides the main job, most of it by mail: activate, apply, mend a record, get back in, read announcements."""

from __future__ import annotations

import email
import re
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from altcha import Challenge, Payload, solve_challenge
from tests.support.eventually import eventually
from tests.system.people import LENIENT_SECONDS, Caller, World, sign_in

from cec_local.stack import Stack

ACTIVATES, APPROVED, REJECTED = "J220000007", "M220000009", "N120000008"
RESIDENT, CITIZEN, TWICE = "AC00000003", "Q220000002", "K120000006"
NUMBERS = (ACTIVATES, APPROVED, REJECTED, RESIDENT, CITIZEN, TWICE)
"""The national IDs of these people. Of one person with two records: a resident's, the citizen's that it became, the other's."""
INSTITUTION = "592202A296"
LICENCE = f"2015-03-01,2024-01-01,2099-12-31,,{INSTITUTION},臺南市,,"
PEOPLE = f"""\
national_id,name,number,profession,certificate_number,certificate_issued_on,licence_valid_from,licence_valid_until,\
licence_extended_until,institution_code,county,area,area_since
{ACTIVATES},陳開通,E000001,2,牙技字第049465號,{LICENCE}
{RESIDENT},林雙證,E000002,2,牙技字第049466號,{LICENCE}
{TWICE},林雙證,E000003,2,牙技字第049467號,{LICENCE}
"""
MAILS = {
    "activates@example.org": 4,  # the link, the way back in, the changed password, the announcement
    "approved@example.org": 2,  # received, approved
    "rejected@example.org": 2,  # received, rejected
}
"""How many mails come to whom at least."""
NEW_PASSWORD = "a staple for the battery"


async def errands(world: World, stack: Stack) -> None:
    """All of it, once, and every mail of it has arrived."""
    admin = await sign_in(world.http, *stack.administrator)
    report = await admin.upload("/identity/registry/imports", PEOPLE.encode())
    assert report["created"] == 3, report
    await activate(world, stack)
    await apply_and_be_decided(world, admin, stack)
    await mend_records(admin)
    await get_back_in(world, stack)
    await announce(admin)
    await eventually(lambda: all(len(mails_to(stack, who)) >= count for who, count in MAILS.items()), within=60)


async def activate(world: World, stack: Stack) -> None:
    """From the first question to the first sign-in."""
    facts = {
        "national_id": ACTIVATES,
        "practising": True,
        "institution_code": INSTITUTION,
        "certificate_number": "049465",
        "proof_of_work": await proof(world, "activation"),
    }
    ticket = (await world.nobody.post("/identity/activation/checks", facts))["ticket"]
    wish = {"name": "activates", "email": "activates@example.org", "email_again": "activates@example.org"}
    consent = {"consent_version": (await world.nobody.get("/identity/consents/activation"))["version"]}
    await world.nobody.post("/identity/activation", {**wish, **consent, "ticket": ticket})
    token = await token_mailed(stack, "activates@example.org", 1)
    await world.nobody.post("/identity/activation/password", {"token": token, "password": stack.demo_password})
    me = await sign_in(world.http, "activates", stack.demo_password)
    await me.get("/identity/personal-data/mine")


async def apply_and_be_decided(world: World, admin: Caller, stack: Stack) -> None:
    """Two people of a unit: one gets an account, one does not."""
    units = (await admin.get("/identity/organisations", code="D1001"))["items"]
    consent = (await world.nobody.get("/identity/consents/application"))["version"]
    for name, number, act in (("approved", APPROVED, "approve"), ("rejected", REJECTED, "reject")):
        form = {
            "national_id": number,
            "name": f"{name}-applicant",
            "person_name": "王申請",
            "email": f"{name}@example.org",
            "phone": {"area": "02", "number": "23212362"},
            "job_title": "秘書",
            "role": "offering_unit",
            "consent_version": consent,
            "organisation_id": units[0]["organisation_id"],
            "proof_of_work": await proof(world, "application"),
        }
        application = (await world.nobody.post("/identity/apply", form))["application_id"]
        await admin.get(f"/identity/applications/{application}")
        await admin.post(f"/identity/applications/{application}/national-id/reveal", {"purpose": "核對申請人身分"})
        body = {"reason": "資料不符"} if act == "reject" else {}
        decided = await admin.post(f"/identity/applications/{application}/{act}", body)
        if act == "approve":
            taken = f"/identity/accounts/{decided['account_id']}/personal-data"
            held = await admin.post(taken, {"purpose": "本人書面申請"})
            assert held["national_ids"] == [APPROVED]
    await eventually(lambda: len(mails_to(stack, "approved@example.org")) >= 2, within=LENIENT_SECONDS)


async def mend_records(admin: Caller) -> None:
    """A resident became a citizen, and was in the registry twice."""
    resident, twice = [
        (await admin.get("/identity/practitioners", number=number))["items"][0]["practitioner_id"]
        for number in ("E000002", "E000003")
    ]
    path = f"/identity/practitioners/{resident}"
    await admin.post(f"{path}/national-id", {"national_id": CITIZEN, "reason": "取得國籍"})
    await admin.post(f"{path}/merge", {"former_id": twice, "reason": "同一人"})
    bundle = await admin.post(f"{path}/personal-data", {"purpose": "本人書面申請"})
    assert set(bundle["national_ids"]) == {CITIZEN, RESIDENT, TWICE}
    await admin.post(f"{path}/national-id/reveal", {"purpose": "換照查核"})
    found = await admin.post("/identity/practitioners/by-national-id", {"national_id": RESIDENT})
    assert found["practitioner_id"] == resident


async def get_back_in(world: World, stack: Stack) -> None:
    """Somebody who has forgotten the password."""
    who = "activates@example.org"
    before = len(mails_to(stack, who))
    await world.nobody.post("/identity/recovery", {"who": who, "proof_of_work": await proof(world, "recovery")})
    token = await token_mailed(stack, who, before + 1)
    await world.nobody.post("/identity/recovery/password", {"token": token, "password": NEW_PASSWORD})
    await sign_in(world.http, "activates", NEW_PASSWORD)


async def announce(admin: Caller) -> None:
    """To everybody who opted in."""
    words = {"subject": "系統維護", "content": "週日維護。", "audience": ["practitioner"], "category": "system"}
    written = await admin.post("/identity/announcement-editor", words)
    path = f"/identity/announcement-editor/{written['announcement_id']}/publish"
    await admin.post(path, {"mail": True, "reason": ""})


async def proof(world: World, purpose: str) -> str:
    """A solved challenge."""
    challenge = Challenge.from_dict(await world.nobody.post("/identity/proof-of-work", {"purpose": purpose}))
    solution = solve_challenge(challenge)
    assert solution is not None
    return str(Payload(challenge, solution).to_base64())


async def token_mailed(stack: Stack, who: str, count: int) -> str:
    """The token of the link in the newest mail to somebody, once there are so many."""
    await eventually(lambda: len(mails_to(stack, who)) >= count, within=LENIENT_SECONDS, what=f"a mail to {who}")
    texts = " ".join(parts_of(mails_to(stack, who)[count - 1]))
    found = re.search(r"#verify=([\w-]+)", texts)
    assert found is not None, texts
    return found[1]


def mail_files(stack: Stack) -> list[Path]:
    """Every mail that was sent, as it arrived, the oldest first."""
    return sorted(stack.mailbox.folder.glob("*.eml"))


def mails_to(stack: Stack, who: str) -> list[Path]:
    return [path for path in mail_files(stack) if path.name.partition("-")[2] == f"{who}.eml"]


def parts_of(path: Path) -> list[str]:
    """The headers of a mail, then each of its texts, as a program for mail shows them to people."""
    mail = _mail(path)
    texts = [str(part.get_content()) for part in _texts(mail)]
    return [*(f"{name}: {value}" for name, value in mail.items()), *texts]


def kinds_of(path: Path) -> list[str]:
    """The media types of its texts."""
    return [part.get_content_type() for part in _texts(_mail(path))]


def _mail(path: Path) -> EmailMessage:
    mail = email.message_from_bytes(path.read_bytes(), policy=default)
    assert isinstance(mail, EmailMessage)
    return mail


def _texts(mail: EmailMessage) -> list[Any]:
    return [part for part in mail.walk() if part.get_content_maintype() == "text"]
