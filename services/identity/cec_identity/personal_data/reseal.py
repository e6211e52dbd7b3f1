"""Seal everything at rest under the present secret, so that the former one can be thrown away.

With both secrets set everything opens, whichever sealed it, and what is new is sealed under the present one. This goes
through what is left, a thousand values in a transaction, beside live work; it may be broken off and started again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from cec_chassis.database import Database, Transaction
from cec_identity.sealing import Sealer
from cec_identity.vault import Vault

STEP = 1_000


class SealedColumn(NamedTuple):
    """A column of sealed values: the key of its row as text, and what each value is bound to."""

    table: str
    column: str
    key: str
    belongs_to: str
    sealer: str
    """The name of the sealer in the vault."""


SEALED = (
    SealedColumn("practitioners", "national_id_sealed", "CAST(id AS text)", "CAST(id AS text)", "national_ids"),
    SealedColumn(
        "former_identities",
        "national_id_sealed",
        "CAST(id AS text)",
        "CAST(practitioner_id AS text)",
        "national_ids",
    ),
    SealedColumn("applications", "national_id_sealed", "CAST(id AS text)", "'application/' || id", "national_ids"),
    SealedColumn(
        "account_identities",
        "national_id_sealed",
        "CAST(account_id AS text)",
        "'account/' || account_id",
        "national_ids",
    ),
    SealedColumn("signing_key_pairs", "private_sealed", "kid", "kid", "signing_keys"),
    SealedColumn(
        "one_time_code_secrets",
        "secret_sealed",
        "CAST(account_id AS text)",
        "CAST(account_id AS text)",
        "one_time_codes",
    ),
    SealedColumn("mails", "secrets_sealed", "CAST(id AS text)", "CAST(id AS text)", "mails"),
    SealedColumn("recovery_requests", "who_sealed", "CAST(id AS text)", "CAST(id AS text)", "mails"),
    SealedColumn(
        "registry_import_pieces",
        "rows_sealed",
        "import_id || '/' || piece",
        "import_id || '/' || piece",
        "registry_rows",
    ),
)
"""Every column of the service whose name ends in `_sealed`; a test holds the list to the tables."""


def statements_of(each: SealedColumn) -> tuple[str, str]:
    """What is left of a column, and how the new values are written."""
    left = f"""
        SELECT {each.key} AS key, {each.belongs_to} AS belongs_to, {each.column} AS sealed FROM {each.table}
        WHERE {each.column} IS NOT NULL AND substring({each.column} FROM 1 FOR 5) <> :mark
        LIMIT {STEP} FOR UPDATE SKIP LOCKED
    """
    write = f"""
        UPDATE {each.table} SET {each.column} = news.sealed
        FROM unnest(CAST(:keys AS text[]), CAST(:values AS bytea[])) AS news (key, sealed)
        WHERE {each.key} = news.key
    """
    return left, write


async def reseal(database: Database, vault: Vault) -> Mapping[str, int]:
    """How many values of each table were sealed anew; all nought: the former secret is not needed any more.

    Raises:
        CannotUnseal: a value opens with neither secret; what was done before stays done.
    """
    done: dict[str, int] = {}
    for each in SEALED:
        sealer: Sealer = getattr(vault, each.sealer)
        done[each.table] = 0
        while True:
            async with database.transaction() as tx:
                count = await _step(tx, each, sealer)
                if count:
                    tx.audit("secrets.resealed", subject_type="table", subject_id=each.table, after={"values": count})
            done[each.table] += count
            if not count:
                break
    return done


async def _step(tx: Transaction, each: SealedColumn, sealer: Sealer) -> int:
    left, write = statements_of(each)
    rows = await tx.all(left, mark=sealer.mark)
    if rows:
        await tx.execute(
            write,
            keys=[row.key for row in rows],
            values=[
                sealer.seal(sealer.open(row.sealed, belongs_to=row.belongs_to), belongs_to=row.belongs_to)
                for row in rows
            ],
        )
    return len(rows)
