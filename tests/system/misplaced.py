"""Where people put a national ID by mistake."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NUMBER = "A123456789"
"""Of somebody in the demo."""


def json(**body: Any) -> Mapping[str, Any]:
    return {"json": body}


def file(text: str) -> Mapping[str, Any]:
    return {"content": text.encode(), "headers": {"Content-Type": "text/csv"}}


def form(**fields: str) -> Mapping[str, Any]:
    return {"data": fields}


ASKING = f"response_type=code&client_id={NUMBER}&redirect_uri=https://{NUMBER}.org&state={NUMBER}"
MISTAKES: dict[str, tuple[str, str, Mapping[str, Any]]] = {
    "in the field of another number": ("offering", "/enrolment/rosters/{course}/attendances", json(number=NUMBER)),
    "where a role belongs": ("offering", "/enrolment/rosters/{course}/attendances", json(role=NUMBER)),
    "as the name of a field": ("offering", "/enrolment/rosters/{course}/attendances", {"json": {NUMBER: 1}}),
    "in a list": ("offering", "/enrolment/rosters/{course}/attendances", json(national_id=[NUMBER])),
    "in JSON that breaks off": (
        "offering",
        "/enrolment/rosters/{course}/attendances",
        {"content": f'{{"national_id": "{NUMBER}"', "headers": {"Content-Type": "application/json"}},
    ),
    "in the first line of a roster": ("offering", "/enrolment/rosters/{course}/imports", file(f"{NUMBER},\n")),
    "where a role belongs in a roster": (
        "offering",
        "/enrolment/rosters/{course}/imports?mode=all",
        file(f"number,role,profession,minutes\nD000001,{NUMBER},{NUMBER},{NUMBER}\n"),
    ),
    "in the first line of a registry file": ("admin", "/identity/registry/imports", file(f"{NUMBER},王\n")),
    "with a wrong checksum": ("admin", "/identity/practitioners/by-national-id", json(national_id=NUMBER + "0")),
    "as the name of an account": ("nobody", "/identity/sign-in", json(name=NUMBER, password="something else")),
    "as a column of the registry": ("admin", "/identity/registry/rows", json(rows=[{NUMBER: "x"}])),
    "in every cell of the registry": (
        "admin",
        "/identity/registry/rows",
        json(rows=[dict.fromkeys(("name", "number", "profession", "institution_code", "area"), NUMBER)]),
    ),
    "as a new number with a wrong checksum": (
        "admin",
        "/identity/practitioners/{practitioner}/national-id",
        json(national_id=NUMBER + "0", reason="x"),
    ),
    "as the other record of a merge": (
        "admin",
        "/identity/practitioners/{practitioner}/merge",
        json(former_id=NUMBER, reason="x"),
    ),
    "as a profession": (
        "admin",
        f"/identity/professions-elsewhere/D/take-back?profession={NUMBER}",
        json(reason=[NUMBER]),
    ),
    "as the name of who forgot it": ("nobody", "/identity/recovery", json(who=NUMBER)),
    "in the path": ("admin", f"/identity/practitioners/{NUMBER}/national-id", json(reason="x")),
    "in the path of a statement": ("practitioner", f"GET /credits/statements/{NUMBER}/2", {}),
    "as a profession in a path": ("practitioner", f"GET /credits/statements/{{practitioner}}/{NUMBER}", {}),
    "in the path of a roster": ("offering", f"GET /enrolment/rosters/{NUMBER}/attendances", {}),
    "in the path of an activity": ("offering", f"GET /activities/activities/{NUMBER}", {}),
    "in the path of a case": ("review", f"GET /review/cases/{NUMBER}", {}),
    "in the path of a document": ("nobody", f"GET /credits/verifications/{NUMBER}", {}),
    "in a path that leads nowhere": ("nobody", f"GET /identity/{NUMBER}", {}),
    "at activation, with a wrong checksum": (
        "nobody",
        "/identity/activation/checks",
        json(national_id=NUMBER + "0", practising=True, certificate_number="1", proof_of_work="x"),
    ),
    "at activation, for everything": (
        "nobody",
        "/identity/activation/checks",
        json(
            **dict.fromkeys(("national_id", "institution_code", "certificate_number", "proof_of_work"), NUMBER),
            practising=NUMBER,
        ),
    ),
    "as a ticket, a name, an address": (
        "nobody",
        "/identity/activation",
        json(**dict.fromkeys(("ticket", "name", "email", "email_again", "consent_version"), NUMBER)),
    ),
    "as a ticket of another step": ("nobody", "/identity/activation/resend", json(ticket=NUMBER)),
    "as a ticket whose state is asked": ("nobody", "/identity/activation/state", json(ticket=NUMBER)),
    "as a name that may be free": ("nobody", "/identity/activation/names", json(ticket=NUMBER, name=NUMBER)),
    "as the token of a link": ("nobody", "/identity/activation/link", json(token=NUMBER)),
    "as a first password": ("nobody", "/identity/activation/password", json(token=NUMBER, password=NUMBER)),
    "everywhere in an application": (
        "nobody",
        "/identity/apply",
        json(
            **dict.fromkeys(("national_id", "name", "person_name", "email", "backup_email", "job_title"), NUMBER),
            **dict.fromkeys(("role", "consent_version", "organisation_id", "proof_of_work"), NUMBER),
            phone={"area": NUMBER, "number": NUMBER},
        ),
    ),
    "in an application that is right but for its proof": (
        "nobody",
        "/identity/apply",
        json(
            national_id=NUMBER,
            name="mistaken-applicant",
            person_name="王申請",
            email=f"{NUMBER}@example.org",
            phone={"area": "02", "number": "23212362"},
            job_title=NUMBER,
            role="offering_unit",
            consent_version=NUMBER,
            proposal={"name": NUMBER, "kind": NUMBER, "county": NUMBER},
            proof_of_work="x",
        ),
    ),
    "as the reference of an application": ("nobody", "/identity/apply/status", json(reference=NUMBER)),
    "as the name of an applicant": (
        "nobody",
        "/identity/apply/reference",
        json(name=NUMBER, email=NUMBER, proof_of_work=NUMBER),
    ),
    "as a unit that is looked for": ("nobody", f"GET /identity/apply/organisations?unit={NUMBER}", {}),
    "everywhere in a profile": (
        "practitioner",
        "PUT /identity/profile",
        json(**dict.fromkeys(("person_name", "version", "backup_email", "phone", "job_title", "language"), NUMBER)),
    ),
    "in a profile that was changed meanwhile": (
        "offering",
        "PUT /identity/profile",
        json(person_name=NUMBER, version=999, job_title=NUMBER),
    ),
    "as a new address": ("practitioner", "/identity/profile/email", json(email=NUMBER)),
    "as the token of a new address": ("nobody", "/identity/profile/email/confirm", json(token=NUMBER)),
    "in a wish for rights": (
        "offering",
        "/identity/profile/rights",
        json(**dict.fromkeys(("role", "organisation_id", "justification"), NUMBER)),
    ),
    "as an application that asks": (
        "nobody",
        f"GET /identity/oauth/authorize?{ASKING}",
        {},
    ),
    "in a request of an application": (
        "practitioner",
        "/identity/oauth/authorize",
        json(request=NUMBER, client_id=NUMBER, state=NUMBER),
    ),
    "as a client that wants a token": (
        "nobody",
        "/identity/oauth/token",
        form(**dict.fromkeys(("grant_type", "client_id", "client_secret", "code", "code_verifier"), NUMBER)),
    ),
    "as a client that shows a code": (
        "nobody",
        "/identity/oauth/token",
        form(grant_type="authorization_code", code=NUMBER, client_id=NUMBER, redirect_uri=NUMBER),
    ),
    "as a token that is given back": ("nobody", "/identity/oauth/revoke", form(token=NUMBER, client_id=NUMBER)),
    "as whom an application signs out": ("nobody", "/identity/oauth/logout", form(id_token_hint=NUMBER)),
    "in the purpose of an export": (
        "admin",
        "/identity/accounts/{practitioner}/personal-data",
        json(purpose=[NUMBER]),
    ),
    "in the query": ("offering", f"/enrolment/nowhere?national_id={NUMBER}", json()),
    "in an id": (
        "offering",
        "/enrolment/rosters/{course}/imports?course=" + NUMBER,
        file(f"number\n{NUMBER}é"),
    ),
}
"""Where people put a national ID by mistake: who, where (by POST unless it says how), and what is sent."""
