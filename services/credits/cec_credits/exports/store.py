"""Tables of exports: what was issued under which token, and the test certificate of an installation without one."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Date, DateTime, Index, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from cec_credits.tables import metadata

issued_statements = Table(
    "issued_statements",
    metadata,
    Column("token", Text, primary_key=True),
    Column("practitioner_id", Uuid, nullable=False),
    Column("profession", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("known_by", DateTime(timezone=True)),
    Column("since", Date),
    Column("until", Date),
    Column("version", BigInteger),
    Column("digest", Text, nullable=False),
    Column("totals", JSONB, nullable=False),
    Column("issued_at", DateTime(timezone=True), nullable=False),
    Column("issued_by", Uuid, nullable=False),
    Column("profile", Text, nullable=False, server_default=text("'renewal'")),
    Column("standing", JSONB),
    CheckConstraint("kind IN ('statement', 'course_records')", name="issued_kind"),
)
Index("issued_by_practitioner", issued_statements.c.practitioner_id, issued_statements.c.profession)

test_signing_identity = Table(
    "test_signing_identity",
    metadata,
    Column("only_one", Boolean, primary_key=True, server_default=text("true")),
    Column("certificate", Text, nullable=False),
    Column("chain", Text, nullable=False),
    Column("private_key", Text, nullable=False),
    CheckConstraint("only_one", name="test_identity_only_one"),
)

INSERT_ISSUED = """
INSERT INTO issued_statements (token, practitioner_id, profession, kind, as_of, known_by, since, until, version, digest,
                               totals, issued_at, issued_by, profile, standing)
VALUES (:token, :practitioner_id, :profession, :kind, :as_of, :known_by, :since, :until, :version, :digest,
        CAST(:totals AS jsonb), :issued_at, :issued_by, :profile,
        (SELECT jsonb_build_object('valid', said -> 'valid', 'invalid', said -> 'invalid', 'pending', said -> 'pending',
                                   'counted', said -> 'counted', 'met', said -> 'met')
         FROM standings CROSS JOIN LATERAL CAST(summary AS jsonb) AS said
         WHERE practitioner_id = :practitioner_id AND profession = :profession AND version = :version))
"""
SELECT_ISSUED = """
SELECT i.practitioner_id, i.profession, i.kind, i.as_of, i.known_by, i.since, i.until, i.profile, i.version, i.digest,
       CAST(i.totals AS text) AS totals, CAST(i.standing AS text) AS standing, i.issued_at,
       s.version AS version_now, s.summary AS summary_now
FROM issued_statements i LEFT JOIN standings s USING (practitioner_id, profession)
WHERE i.token = :token
"""
INSERT_TEST_IDENTITY = """
INSERT INTO test_signing_identity (certificate, chain, private_key) VALUES (:certificate, :chain, :private_key)
ON CONFLICT (only_one) DO NOTHING
"""
SELECT_TEST_IDENTITY = "SELECT certificate, chain, private_key FROM test_signing_identity"
