"""What applicants do: fill in the form, solve the puzzle, read their mail."""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx
import msgspec
from altcha import Challenge, Payload, solve_challenge
from tests.component.identity.conftest import Identity, good

from cec_identity.settings import IdentitySettings
from cec_identity.vault import Vault

TERMS = "2026-01-01"
PHONE = {"area": "02", "number": "23212362", "extension": "12"}
CONTACT = {
    "department": "秘書處",
    "phone": {"area": "02", "number": "23212362"},
    "fax": {"area": "02", "number": "23212363"},
    "district": "中正區",
    "street": "愛國東路100號",
    "website": "https://society.gov.tw/about",
    "head_name": "陳理事",
    "head_title": "理事長",
}
PROPOSAL = {"kind": "學會", "name": "臺灣示範醫事學會", "county": "台北市", "contact": CONTACT}
NATIONAL_ID = "A800000014"


async def proof(identity: Identity, purpose: str = "application") -> str:
    """A solved puzzle as a browser sends it."""
    challenge = Challenge.from_dict(good(await identity.ask(None, "POST", "/proof-of-work", {"purpose": purpose})))
    solution = solve_challenge(challenge)
    assert solution is not None
    return base64.b64encode(json.dumps(Payload(challenge, solution).to_dict()).encode()).decode()


def a_form(**changes: Any) -> dict[str, Any]:
    """Everything that the form asks for, proposing a society to offer courses; the puzzle is not in it."""
    form: dict[str, Any] = {
        "national_id": NATIONAL_ID,
        "name": "Society-One",
        "person_name": "王小明",
        "email": "wang@society.example.org",
        "phone": PHONE,
        "job_title": "秘書",
        "role": "offering_unit",
        "consent_version": TERMS,
        "proposal": PROPOSAL,
    }
    return {name: value for name, value in (form | changes).items() if value is not None}


async def apply(identity: Identity, **changes: Any) -> httpx.Response:
    """The form with a fresh proof, sent."""
    form = a_form(**changes)
    form.setdefault("proof_of_work", await proof(identity))
    return await identity.ask(None, "POST", "/apply", form)


async def applied(identity: Identity, **changes: Any) -> str:
    """The id of an application that has arrived."""
    return str(good(await apply(identity, **changes), 201)["application_id"])


async def decide(identity: Identity, application_id: str, act: str, **body: Any) -> httpx.Response:
    """`approve` or `reject` by the administrator."""
    return await identity.ask(identity.administrator, "POST", f"/applications/{application_id}/{act}", body)


async def token_mailed(identity: Identity, template: str) -> str:
    """The token of the link in the latest mail of this template."""
    settings = identity.runtime.settings
    assert isinstance(settings, IdentitySettings)
    row = (
        await identity.rows("SELECT id, secrets_sealed FROM mails WHERE template = :t ORDER BY id DESC", t=template)
    )[0]
    opened = Vault.of(settings).mails.open(row.secrets_sealed, belongs_to=str(row.id))
    link = str(msgspec.json.decode(opened)["link"])
    return link.split("#verify=")[1]


async def mailed(identity: Identity) -> list[tuple[str, str]]:
    """Template and recipient of every mail, in order."""
    return [
        (row.template, row.recipient)
        for row in await identity.rows("SELECT template, recipient FROM mails ORDER BY id")
    ]
