"""Tells review the rates of every rule set, once for each version of its file."""

from __future__ import annotations

import hashlib

import msgspec
from sqlalchemy import BigInteger, Column, Date, DateTime, Table, Text

from cec_chassis.database import Transaction
from cec_chassis.service import Runtime
from cec_contracts import credits
from cec_contracts.vocabulary import Method, ParticipantRole
from cec_credits.rulesets.domain import RuleSet
from cec_credits.rulesets.load import bundled
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
    digest = excluded.digest, sequence = r.sequence + 1, published_at = excluded.published_at
WHERE r.digest <> excluded.digest
RETURNING sequence
"""


async def publish_rule_sets(runtime: Runtime) -> None:
    """Safe to run at every start: what has not changed is not said again."""
    async with runtime.database("prepare", 1).transaction() as tx:
        for rule_set in bundled():
            await _publish(tx, rule_set)


async def _publish(tx: Transaction, rule_set: RuleSet) -> None:
    body = rates_of(rule_set)
    digest = hashlib.sha256(msgspec.json.encode(body)).hexdigest()
    sequence = await tx.scalar(KEEP, id=rule_set.id, effective_from=rule_set.effective_from, digest=digest, now=tx.now)
    if sequence is not None:
        tx.publish(credits.RULE_SET_PUBLISHED, subject=rule_set.id, sequence=sequence, body=body)
        tx.audit("rule_set.published", subject_type="rule_set", subject_id=rule_set.id, after={"digest": digest})


def rates_of(rule_set: RuleSet) -> credits.RuleSet:
    """The part of a rule set that review needs, as it stands in the file."""
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
                professions=list(rate.professions),
            )
            for method in rule_set.document.methods
            if method.code in known
            for rate in method.rates
        ],
    )
