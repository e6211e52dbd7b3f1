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
from cec_chassis.problems import NotFound
from cec_identity.personal_data.elsewhere import elsewhere
from cec_identity.personal_data.numbers import HeldIdentity, identities_of
from cec_identity.practitioners.family import Families
from cec_identity.practitioners.history import RecordHistory, history_of
from cec_identity.practitioners.queries import PractitionerView, practitioner_by_id
from cec_identity.practitioners.store import load_practitioners
from cec_identity.tables import metadata
from cec_identity.vault import Vault

WITHHELD: Final = frozenset({"password_hash", "name_key", "email_key", "national_id_index", "digest", "token_digest"})
BY: Final = ("account_id", "practitioner_id")
ACCOUNTS = """
SELECT id FROM accounts WHERE id = :account OR practitioner_id = ANY(CAST(:people AS uuid[])) ORDER BY id
"""


class PersonalData(msgspec.Struct, kw_only=True):
    """The bundle. `identities` is who the person is and was under each record and account, `national_ids` the numbers in it;
    `held` has the rows of each table; `elsewhere` is where the other services tell their part."""

    made_at: datetime
    national_ids: list[str]
    identities: list[HeldIdentity]
    record: PractitionerView | None
    history: RecordHistory | None
    held: dict[str, msgspec.Raw]
    elsewhere: dict[str, str]


async def personal_data(
    tx: Transaction, vault: Vault, *, account_id: UUID | None, practitioner_id: UUID | None
) -> PersonalData:
    """Of the person of this account, of this practitioner, or both; with every record that is the same person's.

    Raises:
        NotFound: there is no such practitioner.
    """
    people: list[UUID] = []
    record, links = None, elsewhere()
    if practitioner_id is not None:
        family = Families(await load_practitioners(tx, ids=[practitioner_id], whole=True))
        record = await practitioner_by_id(tx, practitioner_id)
        if record is None:
            raise NotFound
        people = sorted(family.people)
        survivor = family.survivor(family.people[practitioner_id])
        links = elsewhere(survivor.practitioner_id, family.whole(survivor).certificates)
    accounts = [row.id for row in await tx.all(ACCOUNTS, account=account_id, people=people)]
    identities = await identities_of(tx, vault, people, accounts)
    return PersonalData(
        made_at=tx.now,
        national_ids=list(dict.fromkeys(held.national_id for held in identities)),
        identities=identities,
        record=record,
        history=await history_of(tx, people) if people else None,
        held={table.name: await _rows(tx, table, accounts, people) for table in tables_about_people()},
        elsewhere=links,
    )


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
