"""Table of activations; finding somebody in the registry without telling by the time it takes whom it knows."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Column, DateTime, ForeignKey, Index, Integer, LargeBinary, Row, Table, Text, Uuid, text

from cec_chassis.database import Transaction
from cec_identity.accounts.domain import AccountNameTaken, name_key
from cec_identity.accounts.profile import Language
from cec_identity.activation.domain import Activation, ActivationState, Facts, Wish
from cec_identity.consents.store import WITHDRAWN
from cec_identity.tables import metadata

activations = Table(
    "activations",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("practitioner_id", Uuid, ForeignKey("practitioners.id"), nullable=False),
    Column("state", Text, nullable=False),
    Column("ticket_digest", LargeBinary, nullable=False, unique=True),
    Column("ticket_expires_at", DateTime(timezone=True), nullable=False),
    Column("name", Text),
    Column("name_key", Text),
    Column("email", Text),
    Column("language", Text),
    Column("consent_version", Text),
    Column("consented_at", DateTime(timezone=True)),
    Column("link_digest", LargeBinary, unique=True),
    Column("link_expires_at", DateTime(timezone=True)),
    Column("mail_id", Uuid),
    Column("mails_sent", Integer, nullable=False, server_default=text("0")),
    Column("mailed_at", DateTime(timezone=True)),
    Column("account_id", Uuid, ForeignKey("accounts.id")),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Index("one_link_of_a_practitioner", "practitioner_id", unique=True, postgresql_where=text("state = 'mailed'")),
    Index("one_activation_of_a_name", "name_key", unique=True, postgresql_where=text("state = 'mailed'")),
    Index("activations_by_start", "started_at"),
)

FIND = f"""
WITH RECURSIVE known AS (
    SELECT id FROM practitioners WHERE national_id_index = :index
    UNION ALL SELECT practitioner_id FROM former_identities WHERE national_id_index = :index LIMIT 1
), survivor AS (
    SELECT id, merged_into FROM practitioners WHERE id = (SELECT id FROM known)
    UNION ALL SELECT p.id, p.merged_into FROM practitioners p JOIN survivor s ON p.id = s.merged_into
), one_person AS (
    SELECT id FROM survivor WHERE merged_into IS NULL
    UNION ALL SELECT p.id FROM practitioners p JOIN one_person o ON p.merged_into = o.id
)
SELECT p.id, p.name,
       EXISTS (SELECT FROM accounts a
               WHERE a.practitioner_id = p.id AND a.role = 'practitioner' AND NOT ({WITHDRAWN})) AS has_account
FROM practitioners p
WHERE p.active AND p.merged_into IS NULL
  AND p.id = (SELECT id FROM survivor WHERE merged_into IS NULL)
  AND EXISTS (
      SELECT FROM certificates c
      WHERE c.practitioner_id IN (SELECT id FROM one_person)
        AND ltrim((regexp_match(c.number, '([0-9]+)[^0-9]*$'))[1], '0') = ltrim(:certificate, '0')
        AND CAST(:institution AS text) IS NOT DISTINCT FROM (
            SELECT l.institution_code FROM licences l
            WHERE l.practitioner_id IN (SELECT id FROM one_person) AND l.profession = c.profession AND l.institution_code <> ''
              AND :today BETWEEN l.valid_from AND greatest(l.valid_until, l.extended_until)
            ORDER BY l.institution_code = coalesce(:institution, '') DESC, l.valid_from DESC LIMIT 1)
  )
"""
"""One statement for everybody, known or not. Practising is a licence of that profession that is good today and names an
institution; of several, the one that is asked for. Whoever has withdrawn their consent has no account until they come back."""
COLUMNS = """a.id, a.practitioner_id, p.name AS person_name, a.state, a.ticket_expires_at, a.name, a.email, a.language,
a.consent_version, a.consented_at, a.link_digest, a.link_expires_at, a.mail_id, a.mails_sent, a.mailed_at"""
SELECT = f"SELECT {COLUMNS} FROM activations a JOIN practitioners p ON p.id = a.practitioner_id"
SUPERSEDE = """
UPDATE activations SET state = 'superseded', ended_at = :now
WHERE state = 'mailed' AND id <> :id
  AND (practitioner_id = :practitioner_id OR (name_key = :name_key AND link_expires_at <= :now))
"""
SEND = """
UPDATE activations
SET state = 'mailed', name = :name, name_key = :name_key, email = :email, language = :language,
    consent_version = :consent_version, consented_at = :now, link_digest = :link_digest,
    link_expires_at = :link_expires_at, mail_id = :mail_id, mails_sent = mails_sent + 1, mailed_at = :now
WHERE id = :id
"""
TAKEN = f"""
SELECT EXISTS (SELECT FROM accounts a
               WHERE a.name_key = :key AND NOT (coalesce(a.practitioner_id = :practitioner_id, false) AND {WITHDRAWN}))
    OR EXISTS (SELECT FROM activations
               WHERE name_key = :key AND state = 'mailed' AND link_expires_at > :now
                 AND practitioner_id <> :practitioner_id)
"""


class Found(NamedTuple):
    """Somebody of whom all the facts are true."""

    practitioner_id: UUID
    name: str
    has_account: bool


async def find_practitioner(tx: Transaction, facts: Facts, today: date) -> Found | None:
    """Whoever the facts are true of today."""
    row = await tx.one_or_none(
        FIND,
        index=facts.national_id_index,
        certificate=facts.certificate_number,
        institution=facts.institution_code,
        today=today,
    )
    return None if row is None else Found(row.id, row.name, row.has_account)


async def insert_activation(tx: Transaction, activation: Activation, ticket_digest: bytes) -> None:
    await tx.execute(
        """
        INSERT INTO activations (id, practitioner_id, state, ticket_digest, ticket_expires_at, started_at)
        VALUES (:id, :practitioner_id, :state, :ticket_digest, :ticket_expires_at, :now)
        """,
        id=activation.activation_id,
        practitioner_id=activation.practitioner_id,
        state=activation.state.value,
        ticket_digest=ticket_digest,
        ticket_expires_at=activation.ticket_expires_at,
        now=tx.now,
    )


async def activation_by_ticket(tx: Transaction, digest: bytes, *, held: bool = True) -> Activation | None:
    """The activation of a ticket; `held` until `tx` ends."""
    lock = " FOR UPDATE OF a" if held else ""
    row = await tx.one_or_none(f"{SELECT} WHERE a.ticket_digest = :digest{lock}", digest=digest)
    return None if row is None else _activation_of(row)


async def activation_by_link(tx: Transaction, digest: bytes, *, held: bool = True) -> Activation | None:
    """The activation whose newest link this is; `held` until `tx` ends."""
    lock = " FOR UPDATE OF a" if held else ""
    row = await tx.one_or_none(f"{SELECT} WHERE a.link_digest = :digest{lock}", digest=digest)
    return None if row is None else _activation_of(row)


async def name_taken(tx: Transaction, name: str, practitioner_id: UUID) -> bool:
    """Whether somebody else has the name, or is about to."""
    return bool(await tx.scalar(TAKEN, key=name_key(name), practitioner_id=practitioner_id, now=tx.now))


async def save_sending(tx: Transaction, activation: Activation) -> None:
    """The new wish and link. An earlier activation of the same person ends, and one of the same name that has expired.

    Raises:
        AccountNameTaken: somebody else has the name, or is about to.
    """
    wish = activation.wish
    assert wish is not None
    key = name_key(wish.name)
    # Two people who want one name at once: the second waits here and then finds it taken.
    await tx.execute("SELECT pg_advisory_xact_lock(hashtextextended(:key, 1))", key=f"activation {key}")
    if await name_taken(tx, wish.name, activation.practitioner_id):
        raise AccountNameTaken
    await tx.execute(
        SUPERSEDE, id=activation.activation_id, practitioner_id=activation.practitioner_id, name_key=key, now=tx.now
    )
    await tx.execute(
        SEND,
        id=activation.activation_id,
        name=wish.name,
        name_key=key,
        email=wish.email,
        language=wish.language.value,
        consent_version=wish.consent_version,
        link_digest=activation.link_digest,
        link_expires_at=activation.link_expires_at,
        mail_id=activation.mail_id,
        now=tx.now,
    )


async def hold_person(tx: Transaction, practitioner_id: UUID) -> None:
    """Activations of one person go one after the other."""
    await tx.execute("SELECT pg_advisory_xact_lock(hashtextextended(:key, 1))", key=f"activation of {practitioner_id}")


async def mark_opened(tx: Transaction, activation_id: UUID, account_id: UUID) -> None:
    await tx.execute(
        "UPDATE activations SET state = 'opened', account_id = :account_id, ended_at = :now WHERE id = :id",
        id=activation_id,
        account_id=account_id,
        now=tx.now,
    )


def _activation_of(row: Row[Any]) -> Activation:
    wish = None
    if row.name is not None:
        wish = Wish(
            name=row.name,
            email=row.email,
            language=Language(row.language),
            consent_version=row.consent_version,
        )
    return Activation(
        activation_id=row.id,
        practitioner_id=row.practitioner_id,
        person_name=row.person_name,
        state=ActivationState(row.state),
        ticket_expires_at=row.ticket_expires_at,
        wish=wish,
        consented_at=row.consented_at,
        mail_id=row.mail_id,
        mails_sent=row.mails_sent,
        mailed_at=row.mailed_at,
        link_digest=row.link_digest,
        link_expires_at=row.link_expires_at,
    )
