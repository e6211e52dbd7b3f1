"""A published rule set as news: the rates by which review suggests points, said once for each publication."""

from __future__ import annotations

import hashlib

import msgspec
from sqlalchemy import BigInteger, Column, Date, DateTime, Table, Text

from cec_chassis.database import Transaction
from cec_contracts import credits
from cec_contracts.vocabulary import Method, ParticipantRole
from cec_credits.rulesets.domain import RuleSet
from cec_credits.tables import metadata

rule_sets = Table(
    "rule_sets",
    metadata,
    Column("rule_set_id", Text, primary_key=True),
    Column("effective_from", Date, nullable=False),
    Column("digest", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("published_at", DateTime(timezone=True), nullable=False),
)

KEEP = """
INSERT INTO rule_sets AS r (rule_set_id, effective_from, digest, sequence, published_at)
VALUES (:id, :effective_from, :digest, 1, :now)
ON CONFLICT (rule_set_id) DO UPDATE SET
    effective_from = excluded.effective_from, digest = excluded.digest, sequence = r.sequence + 1,
    published_at = excluded.published_at
RETURNING sequence
"""


async def announce(tx: Transaction, rule_set: RuleSet) -> None:
    """The subject is the rule set; the sequence counts what was said of it, whatever its versions are called."""
    body = rates_of(rule_set)
    digest = hashlib.sha256(msgspec.json.encode(body)).hexdigest()
    sequence = await tx.scalar(KEEP, id=rule_set.id, effective_from=rule_set.effective_from, digest=digest, now=tx.now)
    tx.publish(credits.RULE_SET_PUBLISHED, subject=rule_set.id, sequence=sequence, body=body)


def rates_of(rule_set: RuleSet) -> credits.RuleSet:
    """The part of a rule set that review needs. Methods of another vocabulary are left out: review has no such courses."""
    known = set(Method)
    return credits.RuleSet(
        rule_set_id=rule_set.id,
        effective_from=rule_set.effective_from,
        minutes_per_credit_hour=rule_set.document.credit_hour.minutes,
        professions=sorted(rule_set.professions),
        rates=[
            credits.Rate(
                method=Method(method.code),
                role=ParticipantRole(rate.role),
                per=rate.per,
                points=rate.points,
                professions=list(rate.professions or method.professions),
            )
            for method in rule_set.document.methods
            if method.code in known
            for rate in method.rates
        ],
    )
