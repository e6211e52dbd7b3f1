"""Tables of practitioners: who they are and were, and the parts of their records."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from cec_identity.tables import metadata

practitioners = Table(
    "practitioners",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("number", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("national_id_index", Text, nullable=False, unique=True),
    Column("national_id_sealed", LargeBinary, nullable=False),
    Column("national_id_masked", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("registered_at", DateTime(timezone=True), nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Column("merged_into", Uuid, ForeignKey("practitioners.id")),
    Index("practitioners_merged", "merged_into", postgresql_where=text("merged_into IS NOT NULL")),
)
former_identities = Table(
    "former_identities",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("practitioner_id", Uuid, ForeignKey("practitioners.id"), nullable=False),
    Column("number", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("national_id_index", Text, nullable=False),
    Column("national_id_sealed", LargeBinary, nullable=False),
    Column("national_id_masked", Text, nullable=False),
    Column("until", DateTime(timezone=True), nullable=False),
    Column("reason", Text, nullable=False),
    Index("former_identities_by_national_id", "national_id_index"),
    Index("former_identities_by_practitioner", "practitioner_id"),
)
certificates = Table(
    "certificates",
    metadata,
    Column("practitioner_id", Uuid, ForeignKey("practitioners.id"), primary_key=True),
    Column("profession", Text, primary_key=True),
    Column("number", Text, nullable=False),
    Column("issued_on", Date, nullable=False),
    Index("certificates_by_number", "number"),
)
licences = Table(
    "licences",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("practitioner_id", Uuid, ForeignKey("practitioners.id"), nullable=False),
    Column("profession", Text, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_until", Date, nullable=False),
    Column("extended_until", Date),
    Column("institution_code", Text, nullable=False),
    Column("county", Text, nullable=False),
    UniqueConstraint("practitioner_id", "profession", "valid_from"),
)
practice_areas = Table(
    "practice_areas",
    metadata,
    Column("practitioner_id", Uuid, ForeignKey("practitioners.id"), primary_key=True),
    Column("since", Date, primary_key=True),
    Column("area", Text, nullable=False),
)
practitioner_merges = Table(
    "practitioner_merges",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("former_id", Uuid, ForeignKey("practitioners.id"), nullable=False),
    Column("survivor_id", Uuid, ForeignKey("practitioners.id"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("merged_at", DateTime(timezone=True), nullable=False),
    Column("merged_by", Uuid),
    # accounts that were tied to the former record and are tied to the survivor since
    Column("moved_accounts", ARRAY(Uuid), nullable=False),
    Column("separated_at", DateTime(timezone=True)),
    Column("separated_by", Uuid),
    Column("separation_reason", Text),
    Index("merged_once_at_a_time", "former_id", unique=True, postgresql_where=text("separated_at IS NULL")),
    Index("merges_by_survivor", "survivor_id"),
)
