"""Table `audit_heads`: everything that was ever told, appended."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import TIMESTAMP, BigInteger, Column, Row, Table, Text

from cec_chassis.database import Transaction
from cec_contracts.audit import AuditHead
from cec_reporting.tables import metadata

audit_heads = Table(
    "audit_heads",
    metadata,
    Column("service", Text, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("hash", Text, primary_key=True),
    Column("sealed_at", TIMESTAMP(timezone=True), nullable=False),
    Column("received_at", TIMESTAMP(timezone=True), nullable=False),
)

KEEP = """
INSERT INTO audit_heads (service, position, hash, sealed_at, received_at)
SELECT service, position, hash, sealed_at, :now
FROM unnest(CAST(:services AS text[]), CAST(:positions AS bigint[]), CAST(:hashes AS text[]),
            CAST(:sealed_ats AS timestamptz[])) AS told (service, position, hash, sealed_at)
ON CONFLICT DO NOTHING
"""
CONTRADICTIONS = """
SELECT service, position FROM audit_heads
WHERE (service, position) IN (SELECT * FROM unnest(CAST(:services AS text[]), CAST(:positions AS bigint[])))
GROUP BY service, position HAVING count(*) > 1
"""


async def keep_heads(tx: Transaction, heads: Sequence[AuditHead]) -> list[Row[tuple[str, int]]]:
    """Keeps them all, and returns service and position of those for which two hashes have been told."""
    services, positions = [head.service for head in heads], [head.position for head in heads]
    await tx.execute(
        KEEP,
        services=services,
        positions=positions,
        hashes=[head.hash for head in heads],
        sealed_ats=[head.sealed_at for head in heads],
        now=tx.now,
    )
    return await tx.all(CONTRADICTIONS, services=services, positions=positions)
