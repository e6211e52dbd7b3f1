"""Every national ID under which identity holds somebody: of records and accounts, those of today and those of before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from cec_chassis.database import Transaction
from cec_identity.vault import Vault

OF_RECORD = """
SELECT national_id_sealed, CAST(id AS text) AS belongs_to FROM practitioners
WHERE id = :id
"""
OF_APPLICATION = """
SELECT national_id_sealed, 'application/' || id AS belongs_to FROM applications
WHERE id = :id
"""
EVERYWHERE = """
SELECT 0 AS place, 'practitioner' AS held_as, id, number, name, CAST(NULL AS timestamptz) AS until, national_id_sealed,
       CAST(id AS text) AS belongs_to
FROM practitioners WHERE id = ANY(CAST(:people AS uuid[]))
UNION ALL
SELECT 1, 'account', account_id, '', coalesce(person_name, ''), NULL, national_id_sealed, 'account/' || account_id
FROM account_identities LEFT JOIN account_profiles USING (account_id)
WHERE account_id = ANY(CAST(:accounts AS uuid[]))
UNION ALL
SELECT 2, 'application', id, '', person_name, decided_at, national_id_sealed, 'application/' || id
FROM applications WHERE account_id = ANY(CAST(:accounts AS uuid[]))
UNION ALL
SELECT 3, 'former_identity', practitioner_id, number, name, until, national_id_sealed, CAST(practitioner_id AS text)
FROM former_identities WHERE practitioner_id = ANY(CAST(:people AS uuid[]))
ORDER BY place, until DESC NULLS FIRST, id
"""


class HeldIdentity(msgspec.Struct, kw_only=True):
    """Who somebody is or was, and where that stands: `id` is that of the practitioner, account or application. `until` says
    how long it was so; of an application, when it was decided."""

    held_as: Literal["practitioner", "account", "application", "former_identity"]
    id: UUID
    national_id: str
    number: str
    name: str
    until: datetime | None

    def __repr__(self) -> str:
        """Without the number."""
        return f"HeldIdentity({self.held_as}, {self.id})"


async def national_id_of(tx: Transaction, vault: Vault, practitioner_id: UUID) -> str | None:
    """The full number that a record bears today, for those who may see it; None when there is no such record."""
    return await _opened(tx, vault, OF_RECORD, practitioner_id)


async def national_id_in_application(tx: Transaction, vault: Vault, application_id: UUID) -> str | None:
    """The full number that an applicant gave; None when there is no such application."""
    return await _opened(tx, vault, OF_APPLICATION, application_id)


async def _opened(tx: Transaction, vault: Vault, statement: str, held_as: UUID) -> str | None:
    row = await tx.one_or_none(statement, id=held_as)
    return None if row is None else vault.national_ids.open(row.national_id_sealed, belongs_to=row.belongs_to).decode()


async def identities_of(
    tx: Transaction, vault: Vault, people: Sequence[UUID], accounts: Sequence[UUID]
) -> list[HeldIdentity]:
    """With the full numbers, what counts today before what counted once."""
    return [
        HeldIdentity(
            held_as=row.held_as,
            id=row.id,
            national_id=vault.national_ids.open(row.national_id_sealed, belongs_to=row.belongs_to).decode(),
            number=row.number,
            name=row.name,
            until=row.until,
        )
        for row in await tx.all(EVERYWHERE, people=list(people), accounts=list(accounts))
    ]
