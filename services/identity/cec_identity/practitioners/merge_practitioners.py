"""Merge two records of one person: one survives, the other points to it and keeps everything it has."""

from __future__ import annotations

from uuid import UUID

from cec_chassis.database import Transaction
from cec_chassis.ids import new_id
from cec_chassis.problems import FieldError, NotFound, Refusal
from cec_identity.practitioners.accounts_of import tie_accounts_of
from cec_identity.practitioners.family import Families, load_family, tell_family
from cec_identity.practitioners.store import save_practitioners

INSERT = """
INSERT INTO practitioner_merges (id, former_id, survivor_id, reason, merged_at, merged_by, moved_accounts)
VALUES (:id, :former, :survivor, :reason, :now, :by, CAST(:accounts AS uuid[]))
"""


class SamePractitioner(Refusal):
    """A record cannot be merged into itself."""

    slug = "same-practitioner"
    status = 422
    title = "兩筆為同一筆資料 / Both are the same record"


class AlreadyMerged(Refusal):
    """One of the two is a former record already; what is to be done with its survivor must be said of the survivor."""

    slug = "already-merged"
    status = 409
    title = "其中一筆已併入他筆,請先查其現行資料 / One of them was merged already; name the surviving record"


async def merge_practitioners(tx: Transaction, survivor_id: UUID, former_id: UUID, reason: str) -> None:
    """The survivor has everything of the former record. Merging them again changes nothing.

    The former record's account is the survivor's from now on; where both have one that can be used, the survivor's stays
    and the other is closed. Whoever keeps anything under the former id hears that it is the survivor's.

    Raises:
        SamePractitioner, AlreadyMerged
        NotFound: there is no such record.
    """
    if survivor_id == former_id:
        raise SamePractitioner(errors=[FieldError("body.former_id", SamePractitioner.slug, SamePractitioner.title)])
    family = await load_family(tx, [survivor_id, former_id])
    survivor, former = family.people.get(survivor_id), family.people.get(former_id)
    if survivor is None or former is None:
        raise NotFound
    if former.merged_into == survivor_id:
        return
    if former.merged_into is not None or survivor.merged_into is not None:
        raise AlreadyMerged
    changed = [survivor, former]
    before = {person.practitioner_id: family.news(person) for person in changed}
    former.merged_into = survivor_id
    await save_practitioners(tx, [], changed, reason=reason)
    moved = await tie_accounts_of(tx, former_id, survivor_id, reason)
    await tx.execute(
        INSERT,
        id=new_id(),
        former=former_id,
        survivor=survivor_id,
        reason=reason,
        now=tx.now,
        by=None if tx.actor is None else tx.actor.account_id,
        accounts=moved,
    )
    tell_family(tx, "practitioner.merged", changed, Families(family.people.values()), before, reason)
