"""What is told about organisations."""

from __future__ import annotations

from uuid import UUID

import msgspec

from cec_chassis.database import Transaction
from cec_chassis.http import Page, Paging
from cec_identity.organisations.domain import Organisation
from cec_identity.organisations.store import COLUMNS, organisation_of

_FILTER = """
WHERE (CAST(:code AS text) IS NULL OR code = :code)
  AND (CAST(:name AS text) IS NULL OR position(:name IN name) > 0)
"""


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
    )


async def organisations_page(
    tx: Transaction, paging: Paging, *, code: str | None, name: str | None
) -> Page[OrganisationView]:
    """The organisations with this code or with `name` in their name, ordered by code."""
    total = await tx.scalar(f"SELECT count(*) FROM organisations {_FILTER}", code=code, name=name)
    rows = await tx.all(
        f"SELECT {COLUMNS} FROM organisations {_FILTER} ORDER BY code LIMIT :limit OFFSET :offset",
        code=code,
        name=name,
        limit=paging.limit,
        offset=paging.offset,
    )
    return paging.of([organisation_view(organisation_of(row)) for row in rows], total)


async def organisation_by_id(tx: Transaction, organisation_id: UUID) -> OrganisationView | None:
    """One organisation, or None."""
    row = await tx.one_or_none(f"SELECT {COLUMNS} FROM organisations WHERE id = :id", id=organisation_id)
    return None if row is None else organisation_view(organisation_of(row))
