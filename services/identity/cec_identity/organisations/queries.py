"""What is told about organisations."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row

from cec_chassis.database import Transaction
from cec_chassis.http import Page, Paging
from cec_identity.organisations.contact import ContactDetails
from cec_identity.organisations.domain import Organisation
from cec_identity.organisations.kinds import MAY_OFFER
from cec_identity.organisations.store import COLUMNS, organisation_of

_FILTER = """
WHERE (CAST(:code AS text) IS NULL OR code = :code)
  AND (CAST(:name AS text) IS NULL OR position(:name IN name) > 0)
  AND (CAST(:department AS text) IS NULL OR position(:department IN department) > 0)
"""
_OPEN_TO_APPLICANTS = f"{_FILTER} AND active AND kind = ANY(CAST(:kinds AS text[]))"


class OrganisationView(msgspec.Struct, kw_only=True):
    """An organisation as everybody who has signed in may see it."""

    organisation_id: UUID
    code: str
    name: str
    kind: str
    county: str
    offers_courses: bool
    reviews_courses: bool
    reviews_professions: tuple[str, ...]
    active: bool
    contact: ContactDetails


class OrganisationCard(msgspec.Struct, kw_only=True):
    """An organisation as strangers find it who look for their own 查詢單位."""

    organisation_id: UUID
    code: str
    name: str
    kind: str
    department: str
    county: str


def organisation_view(organisation: Organisation) -> OrganisationView:
    """The view of a value in hand."""
    return OrganisationView(
        organisation_id=organisation.organisation_id,
        code=organisation.code,
        name=organisation.name,
        kind=organisation.kind,
        county=organisation.county,
        offers_courses=organisation.offers_courses,
        reviews_courses=organisation.reviews_courses,
        reviews_professions=organisation.reviews_professions,
        active=organisation.active,
        contact=ContactDetails.of(organisation.contact),
    )


async def organisations_page(
    tx: Transaction, paging: Paging, *, code: str | None, name: str | None, department: str | None = None
) -> Page[OrganisationView]:
    """The organisations with this code, and with these texts in their name and department, ordered by code."""
    wanted = {"code": code, "name": name, "department": department}
    total = await tx.scalar(f"SELECT count(*) FROM organisations {_FILTER}", **wanted)
    rows = await tx.all(
        f"SELECT {COLUMNS} FROM organisations {_FILTER} ORDER BY code LIMIT :limit OFFSET :offset",
        **wanted,
        limit=paging.limit,
        offset=paging.offset,
    )
    return paging.of([organisation_view(organisation_of(row)) for row in rows], total)


async def organisations_for_applicants(
    tx: Transaction, paging: Paging, *, code: str | None, name: str | None, department: str | None
) -> Page[OrganisationCard]:
    """Organisations in use, of the kinds that may ask for accounts."""
    wanted = {"code": code, "name": name, "department": department, "kinds": sorted(MAY_OFFER)}
    total = await tx.scalar(f"SELECT count(*) FROM organisations {_OPEN_TO_APPLICANTS}", **wanted)
    rows = await tx.all(
        f"""
        SELECT id, code, name, kind, department, county FROM organisations {_OPEN_TO_APPLICANTS}
        ORDER BY code LIMIT :limit OFFSET :offset
        """,
        **wanted,
        limit=paging.limit,
        offset=paging.offset,
    )
    return paging.of([_card(row) for row in rows], total)


def _card(row: Row[Any]) -> OrganisationCard:
    return OrganisationCard(
        organisation_id=row.id,
        code=row.code,
        name=row.name,
        kind=row.kind,
        department=row.department,
        county=row.county,
    )


async def organisation_by_id(tx: Transaction, organisation_id: UUID) -> OrganisationView | None:
    """One organisation, or None."""
    row = await tx.one_or_none(f"SELECT {COLUMNS} FROM organisations WHERE id = :id", id=organisation_id)
    return None if row is None else organisation_view(organisation_of(row))
