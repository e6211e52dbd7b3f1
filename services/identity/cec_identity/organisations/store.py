"""Table of organisations; loading and saving one."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Boolean, Column, DateTime, Row, Table, Text, Uuid

from cec_chassis.database import Transaction
from cec_identity.organisations.contact import Contact
from cec_identity.organisations.domain import Organisation, OrganisationCodeTaken
from cec_identity.tables import metadata

organisations = Table(
    "organisations",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("county", Text, nullable=False),
    Column("offers_courses", Boolean, nullable=False),
    Column("reviews_courses", Boolean, nullable=False),
    Column("reviews_professions", ARRAY(Text), nullable=False),
    Column("active", Boolean, nullable=False),
    *(Column(name, Text, nullable=False, server_default="") for name in Contact.names()),
    Column("version", BigInteger, nullable=False),
    Column("registered_at", DateTime(timezone=True), nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
)

COLUMNS = """id, code, name, kind, county, offers_courses, reviews_courses, reviews_professions, active, version,
department, phone, fax, district, street, website, head_name, head_title"""
INSERT = """
INSERT INTO organisations (id, code, name, kind, county, offers_courses, reviews_courses, reviews_professions, active,
                           version, department, phone, fax, district, street, website, head_name, head_title,
                           registered_at, changed_at)
VALUES (:id, :code, :name, :kind, :county, :offers_courses, :reviews_courses,
        CAST(:reviews_professions AS text[]), :active, :version, :department, :phone, :fax, :district, :street, :website,
        :head_name, :head_title, :now, :now)
ON CONFLICT (code) DO NOTHING RETURNING id
"""
UPDATE = """
UPDATE organisations
SET code = :code, name = :name, kind = :kind, county = :county, offers_courses = :offers_courses,
    reviews_courses = :reviews_courses, reviews_professions = CAST(:reviews_professions AS text[]), active = :active,
    version = :version, department = :department, phone = :phone, fax = :fax, district = :district, street = :street,
    website = :website, head_name = :head_name, head_title = :head_title, changed_at = :now
WHERE id = :id
"""
CODE_OF_ANOTHER = "SELECT EXISTS (SELECT FROM organisations WHERE code = :code AND id <> :id)"


def organisation_of(row: Row[Any]) -> Organisation:
    """A row with COLUMNS as the value."""
    return Organisation(
        organisation_id=row.id,
        code=row.code,
        name=row.name,
        kind=row.kind,
        county=row.county,
        offers_courses=row.offers_courses,
        reviews_courses=row.reviews_courses,
        reviews_professions=tuple(row.reviews_professions),
        active=row.active,
        contact=Contact(**{name: getattr(row, name) for name in Contact.names()}),
        version=row.version,
    )


async def organisation_for_change(tx: Transaction, organisation_id: UUID) -> Organisation | None:
    """The organisation, which nobody else can change until `tx` ends; None when there is none."""
    row = await tx.one_or_none(f"SELECT {COLUMNS} FROM organisations WHERE id = :id FOR UPDATE", id=organisation_id)
    return None if row is None else organisation_of(row)


async def organisation_in_use(tx: Transaction, organisation_id: UUID) -> Organisation | None:
    """The organisation, which keeps its state until `tx` ends, because something is about to depend on it."""
    row = await tx.one_or_none(f"SELECT {COLUMNS} FROM organisations WHERE id = :id FOR SHARE", id=organisation_id)
    return None if row is None else organisation_of(row)


async def insert_organisation(tx: Transaction, organisation: Organisation) -> None:
    """Raises OrganisationCodeTaken."""
    if await tx.one_or_none(INSERT, **_columns(organisation), now=tx.now) is None:
        raise OrganisationCodeTaken


async def update_organisation(tx: Transaction, organisation: Organisation) -> None:
    """Raises OrganisationCodeTaken. The row is held by `organisation_for_change`."""
    if await tx.scalar(CODE_OF_ANOTHER, code=organisation.code, id=organisation.organisation_id):
        raise OrganisationCodeTaken
    await tx.execute(UPDATE, **_columns(organisation), now=tx.now)


def _columns(organisation: Organisation) -> dict[str, Any]:
    return {
        "id": organisation.organisation_id,
        "code": organisation.code,
        "name": organisation.name,
        "kind": organisation.kind,
        "county": organisation.county,
        "offers_courses": organisation.offers_courses,
        "reviews_courses": organisation.reviews_courses,
        "reviews_professions": list(organisation.reviews_professions),
        "active": organisation.active,
        "version": organisation.version,
        **asdict(organisation.contact),
    }
