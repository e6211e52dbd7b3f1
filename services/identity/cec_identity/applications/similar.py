"""Organisations that a proposed one looks like: the same name but for what names are written with or without."""

from __future__ import annotations

import re
import unicodedata
from uuid import UUID

import msgspec

from cec_chassis.database import Transaction
from cec_identity.applications.domain import Proposal

_LEGAL_FORMS = re.compile(
    "^(?:財團法人|社團法人|學校財團法人|醫療財團法人|醫療社團法人|中華民國|臺灣|國立|私立|市立|縣立)+"
)
_PUNCTUATION = re.compile(r"[^\w]+")

CANDIDATES = """
SELECT id, code, name, department, phone FROM organisations WHERE active AND (
    (:core <> '' AND position(:core IN replace(regexp_replace(name, '[[:space:][:punct:]]', '', 'g'), '台', '臺')) > 0)
    OR (:phone <> '' AND split_part(phone, '#', 1) = :phone)
    OR position(replace(regexp_replace(name, '[[:space:][:punct:]]', '', 'g'), '台', '臺') IN :whole) > 0)
ORDER BY code LIMIT 10
"""


class Similar(msgspec.Struct, frozen=True, kw_only=True):
    """A registered organisation that may be the proposed one."""

    organisation_id: UUID
    code: str
    name: str
    department: str


def whole_name(name: str) -> str:
    """In half width, without blanks and punctuation, 臺 for 台."""
    return _PUNCTUATION.sub("", unicodedata.normalize("NFKC", name)).replace("台", "臺")


def core_of(name: str) -> str:
    """What is left of a name without legal form and prefix; the whole name when nothing much is."""
    whole = whole_name(name)
    core = _LEGAL_FORMS.sub("", whole)
    return core if len(core) >= 4 else whole


async def similar_organisations(tx: Transaction, proposal: Proposal) -> list[Similar]:
    """At most ten, by code."""
    rows = await tx.all(
        CANDIDATES,
        core=core_of(proposal.name),
        whole=whole_name(proposal.name),
        phone=proposal.contact.phone.partition("#")[0],
    )
    return [Similar(organisation_id=row.id, code=row.code, name=row.name, department=row.department) for row in rows]
