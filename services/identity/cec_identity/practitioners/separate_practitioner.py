"""Take a merge back: the two were different people after all."""

from __future__ import annotations

from uuid import UUID

from cec_chassis.database import Transaction
from cec_chassis.problems import NotFound, Refusal
from cec_identity.practitioners.accounts_of import take_back_accounts
from cec_identity.practitioners.family import Families, load_family, tell_family
from cec_identity.practitioners.store import save_practitioners

SEPARATE = """
UPDATE practitioner_merges SET separated_at = :now, separated_by = :by, separation_reason = :reason
WHERE former_id = :former AND separated_at IS NULL RETURNING moved_accounts
"""


class NotMerged(Refusal):
    """The record stands for itself."""

    slug = "not-merged"
    status = 409
    title = "此筆資料未併入他筆 / The record was not merged into another one"


async def separate_practitioner(tx: Transaction, former_id: UUID, reason: str) -> None:
    """The record is on its own again with what was merged into it. A new fact: that there was a merge stays
    in the history. Accounts that moved with the record, or were opened for it since, move back; one that was closed stays
    closed.

    Raises:
        NotMerged
        NotFound: there is no such record.
    """
    family = await load_family(tx, [former_id])
    former = family.people.get(former_id)
    if former is None:
        raise NotFound
    if former.merged_into is None:
        raise NotMerged
    above = family.line(former)[1:]
    changed = [above[-1], former]
    before = {person.practitioner_id: family.news(person) for person in changed}
    former.merged_into = None
    await save_practitioners(tx, [], changed, reason=reason)
    taken_back = await tx.one(
        SEPARATE, former=former_id, now=tx.now, by=None if tx.actor is None else tx.actor.account_id, reason=reason
    )
    await take_back_accounts(
        tx, taken_back.moved_accounts, former_id, [person.practitioner_id for person in above], reason
    )
    tell_family(tx, "practitioner.separated", changed, Families(family.people.values()), before, reason)
