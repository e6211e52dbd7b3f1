"""Table of failures: one row for each thing they are counted for, shared by all replicas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Column, DateTime, Index, Integer, LargeBinary, Table, Text

from cec_chassis.database import Transaction
from cec_identity.lockout.domain import LONGEST_WAIT, Kind, Policy
from cec_identity.tables import metadata

sign_in_failures = Table(
    "sign_in_failures",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("subject", LargeBinary, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("forget_at", DateTime(timezone=True), nullable=False),
    Column("waits_until", DateTime(timezone=True)),
    Index("sign_in_failures_by_end", "forget_at"),
)

_SUBJECTS = "unnest(CAST(:kinds AS text[]), CAST(:subjects AS bytea[])) AS asked (kind, subject)"
# In one order of rows, so that two attempts never wait for one another. A row that waits is not returned, nor changed.
# The commit does not wait for the disk, for everybody's attempts meet at one row: when the database dies, the failures
# of its last half second are forgotten.
CHARGE = """
WITH moment AS (SELECT CAST(:now AS timestamptz) AS now, set_config('synchronous_commit', 'off', true))
INSERT INTO sign_in_failures AS known (kind, subject, failures, forget_at)
SELECT kind, subject, 1, now + forgotten_after
FROM moment, unnest(CAST(:kinds AS text[]), CAST(:subjects AS bytea[]), CAST(:forgotten_afters AS interval[]))
     AS charged (kind, subject, forgotten_after)
ORDER BY kind, subject
ON CONFLICT (kind, subject) DO UPDATE SET
    failures = CASE WHEN known.forget_at <= :now THEN 1 ELSE known.failures + 1 END,
    forget_at = CASE WHEN known.forget_at <= :now OR known.kind <> ALL (CAST(:fixed AS text[]))
                     THEN excluded.forget_at ELSE known.forget_at END,
    waits_until = (
        SELECT now + least(CAST(:longest AS interval), first_wait * power(2, least(known.failures + 1 - wait_after, 30)))
        FROM moment, unnest(CAST(:kinds AS text[]), CAST(:wait_afters AS integer[]), CAST(:first_waits AS interval[]))
             AS policy (kind, wait_after, first_wait)
        WHERE policy.kind = known.kind AND known.forget_at > :now AND known.failures + 1 >= wait_after)
WHERE known.waits_until IS NULL OR known.waits_until <= :now
RETURNING kind, failures
"""
GIVE_BACK = f"""
UPDATE sign_in_failures AS known SET failures = greatest(known.failures - 1, 0), waits_until = NULL
FROM {_SUBJECTS} WHERE known.kind = asked.kind AND known.subject = asked.subject
"""
FORGIVE = f"""
DELETE FROM sign_in_failures AS known USING {_SUBJECTS}
WHERE known.kind = asked.kind AND known.subject = asked.subject
"""

Subjects = Mapping[Kind, bytes]


class Charged(NamedTuple):
    """A counter after the charge."""

    kind: Kind
    failures: int


async def charge(tx: Transaction, subjects: Subjects, known: Mapping[Kind, Policy]) -> list[Charged]:
    """One failure more for each subject. A subject that has to wait is left alone and is not in the answer.

    In a transaction of its own: its commit is the quick kind, see CHARGE.
    """
    charged = sorted(subjects)
    rows = await tx.all(
        CHARGE,
        **_columns(subjects),
        wait_afters=[known[kind].wait_after for kind in charged],
        first_waits=[known[kind].first_wait for kind in charged],
        forgotten_afters=[known[kind].forgotten_after for kind in charged],
        fixed=[kind.value for kind in charged if not known[kind].sliding],
        longest=LONGEST_WAIT,
        now=tx.now,
    )
    return [Charged(Kind(row.kind), row.failures) for row in rows]


async def waiting_until(tx: Transaction, subjects: Subjects) -> datetime | None:
    """When the last of the subjects may try again; None when all may now."""
    until: datetime | None = await tx.scalar(
        f"""
        SELECT max(waits_until) FROM sign_in_failures JOIN {_SUBJECTS} USING (kind, subject) WHERE waits_until > :now
        """,
        **_columns(subjects),
        now=tx.now,
    )
    return until


async def counted(tx: Transaction, subjects: Subjects) -> list[Charged]:
    """The failures of these subjects that are not forgotten. Only read: nobody waits for anybody."""
    rows = await tx.all(
        f"SELECT kind, failures FROM sign_in_failures JOIN {_SUBJECTS} USING (kind, subject) WHERE forget_at > :now",
        **_columns(subjects),
        now=tx.now,
    )
    return [Charged(Kind(row.kind), row.failures) for row in rows]


async def give_back(tx: Transaction, subjects: Subjects) -> None:
    """One failure less for each: it was none."""
    await tx.execute(GIVE_BACK, **_columns(subjects))


async def forgive(tx: Transaction, subjects: Subjects) -> None:
    """The failures of these subjects count no longer."""
    await tx.execute(FORGIVE, **_columns(subjects))


async def forget_failures(tx: Transaction) -> int:
    """Removes counters whose failures are forgotten."""
    result = await tx.execute("DELETE FROM sign_in_failures WHERE forget_at <= :now", now=tx.now)
    return int(result.rowcount)


def _columns(subjects: Subjects) -> dict[str, Sequence[object]]:
    kinds: Sequence[Kind] = sorted(subjects)
    return {"kinds": [kind.value for kind in kinds], "subjects": [subjects[kind] for kind in kinds]}
