"""Everything that identity holds about one person, as one bundle for that person.

It is made from the tables themselves: every table with a column that names an account or a practitioner is in it, so a new
table cannot be forgotten. Left out is what would open doors (hashes, sealed secrets) and what says nothing to people.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy import LargeBinary, Table

from cec_chassis.database import Transaction
from cec_identity.practitioners.family import Families
from cec_identity.practitioners.history import RecordHistory, history_of
from cec_identity.practitioners.queries import PractitionerView, practitioner_by_id
from cec_identity.practitioners.store import load_practitioners
from cec_identity.tables import metadata
from cec_identity.vault import Vault

WITHHELD: Final = frozenset({"password_hash", "name_key", "email_key", "national_id_index", "digest", "token_digest"})
BY: Final = ("account_id", "practitioner_id")
LINKS: Final = {
    "積分統計與上課紀錄 / statements and course records": "/api/v1/credits/statements/mine",
    "誰查閱過本人資料 / who looked at my record": "/api/v1/identity/looks",
    "誰查閱過本人積分 / who looked at my credits": "/api/v1/credits/looks",
    "誰查閱過本人所在之名單 / who looked at rosters with me on them": "/api/v1/enrolment/looks",
    "誰查閱過本人擔任講師之活動 / who looked at activities that I lecture at": "/api/v1/activities/looks",
    "誰查閱過本人擔任講師之案件 / who looked at cases that I lecture at": "/api/v1/review/looks",
}
NATIONAL_IDS = """
SELECT id, national_id_sealed FROM practitioners WHERE id = ANY(CAST(:people AS uuid[])) ORDER BY id
"""
ACCOUNTS = """
SELECT id FROM accounts WHERE id = :account OR practitioner_id = ANY(CAST(:people AS uuid[])) ORDER BY id
"""


class PersonalData(msgspec.Struct, kw_only=True):
    """The bundle. `held` has the rows of each table; `elsewhere` is where the other services tell their part."""

    made_at: datetime
    national_ids: list[str]
    record: PractitionerView | None
    history: RecordHistory | None
    held: dict[str, msgspec.Raw]
    elsewhere: dict[str, str]


async def personal_data(
    tx: Transaction, vault: Vault, *, account_id: UUID | None, practitioner_id: UUID | None
) -> PersonalData:
    """Of the person of this account, of this practitioner, or both; with every record that was merged into theirs."""
    people: list[UUID] = []
    if practitioner_id is not None:
        family = Families(await load_practitioners(tx, ids=[practitioner_id], whole=True))
        people = sorted(family.people)
    accounts = [row.id for row in await tx.all(ACCOUNTS, account=account_id, people=people)]
    return PersonalData(
        made_at=tx.now,
        national_ids=await national_ids_of(tx, vault, people),
        record=None if practitioner_id is None else await practitioner_by_id(tx, practitioner_id),
        history=None if practitioner_id is None else await history_of(tx, practitioner_id),
        held={table.name: await _rows(tx, table, accounts, people) for table in tables_about_people()},
        elsewhere=LINKS,
    )


async def national_ids_of(tx: Transaction, vault: Vault, people: Sequence[UUID]) -> list[str]:
    """The full numbers, for those who may see them."""
    return [
        vault.national_ids.open(row.national_id_sealed, belongs_to=str(row.id)).decode()
        for row in await tx.all(NATIONAL_IDS, people=list(people))
    ]


def tables_about_people() -> list[Table]:
    """Accounts, and every table with a column that names an account or a practitioner."""
    return [
        table for name, table in sorted(metadata.tables.items()) if name == "accounts" or set(BY) & set(table.c.keys())
    ]


async def _rows(tx: Transaction, table: Table, accounts: Sequence[UUID], people: Sequence[UUID]) -> msgspec.Raw:
    named = {"account_id": "accounts", "practitioner_id": "people"}
    where = [f"t.{column} = ANY(CAST(:{named[column]} AS uuid[]))" for column in BY if column in table.c]
    if table.name == "accounts":
        where = ["t.id = ANY(CAST(:accounts AS uuid[]))"]
    withheld = sorted(WITHHELD | {column.name for column in table.c if isinstance(column.type, LargeBinary)})
    known = {"accounts": list(accounts), "people": list(people)}
    sql = f"""
        SELECT CAST(coalesce(jsonb_agg(to_jsonb(t) - CAST(:withheld AS text[])), '[]') AS text)
        FROM {table.name} t WHERE {" OR ".join(where)}
    """
    asked = {name: values for name, values in known.items() if f":{name} " in sql}
    return msgspec.Raw((await tx.scalar(sql, withheld=withheld, **asked)).encode())
