"""The copy of rule sets: table, upsert by newest sequence, reading all (there are a handful)."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy import BigInteger, Column, Date, Integer, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from cec_chassis.bus.subscription import Received
from cec_chassis.database import Transaction
from cec_contracts import credits
from cec_review.rulesets.domain import RuleSet
from cec_review.tables import metadata

rule_sets = Table(
    "rule_sets",
    metadata,
    Column("id", Text, primary_key=True),
    Column("effective_from", Date, nullable=False),
    Column("minutes_per_credit_hour", Integer, nullable=False),
    Column("professions", ARRAY(Text), nullable=False),
    Column("rates", JSONB, nullable=False),
    Column("sequence", BigInteger, nullable=False),
)

_UPSERT = """
INSERT INTO rule_sets (id, effective_from, minutes_per_credit_hour, professions, rates, sequence)
VALUES (:id, :effective_from, :minutes_per_credit_hour, :professions, CAST(:rates AS jsonb), :sequence)
ON CONFLICT (id) DO UPDATE SET
    effective_from = excluded.effective_from, minutes_per_credit_hour = excluded.minutes_per_credit_hour,
    professions = excluded.professions, rates = excluded.rates, sequence = excluded.sequence
WHERE rule_sets.sequence < excluded.sequence
"""


async def keep(tx: Transaction, news: Sequence[Received[credits.RuleSet]]) -> None:
    """Takes over what is newer than what we know; `news` holds each rule set once."""
    await tx.execute_many(
        _UPSERT,
        [
            {
                "id": event.body.rule_set_id,
                "effective_from": event.body.effective_from,
                "minutes_per_credit_hour": event.body.minutes_per_credit_hour,
                "professions": event.body.professions,
                "rates": msgspec.json.encode(event.body.rates).decode(),
                "sequence": event.sequence,
            }
            for event in sorted(news, key=lambda event: event.body.rule_set_id)
        ],
    )


async def all_rule_sets(tx: Transaction) -> list[RuleSet]:
    """Every rule set we have heard of."""
    rows = await tx.all(
        """
        SELECT id, effective_from, minutes_per_credit_hour, professions, CAST(rates AS text) AS rates
        FROM rule_sets ORDER BY effective_from
        """
    )
    return [
        RuleSet(
            rule_set_id=row.id,
            effective_from=row.effective_from,
            minutes_per_credit_hour=row.minutes_per_credit_hour,
            professions=frozenset(row.professions),
            rates=msgspec.json.decode(row.rates, type=list[credits.Rate]),
        )
        for row in rows
    ]
