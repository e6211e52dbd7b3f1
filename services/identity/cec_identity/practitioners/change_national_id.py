"""Give a record another national ID: a residence permit 居留證 became a national ID, or a number was wrong."""

from __future__ import annotations

from uuid import UUID

from cec_chassis.database import Transaction
from cec_chassis.problems import FieldError, NotFound, Refusal, ValidationFailed
from cec_contracts import national_id
from cec_identity.practitioners.family import load_family, tell_family
from cec_identity.practitioners.store import load_practitioners, save_practitioners
from cec_identity.vault import Vault


class NationalIdTaken(Refusal):
    """Another record bears it: two records of one person are merged, not renamed."""

    slug = "national-id-taken"
    status = 409
    title = "此證號已有另一筆資料,如為同一人請合併 / Another record bears this number; merge them if it is one person"


async def change_national_id(tx: Transaction, practitioner_id: UUID, number: str, vault: Vault, reason: str) -> None:
    """The number it bore stays in the history, and finds the person as before.

    Raises:
        ValidationFailed: it is no national ID.
        NationalIdTaken: another record bears it.
        NotFound: there is no such record.
    """
    try:
        full = national_id.validate(number)
    except national_id.InvalidNationalId as invalid:
        raise ValidationFailed(errors=[FieldError("body.national_id", invalid.slug, str(invalid))]) from None
    index = national_id.index(vault.index_key, full)
    family = await load_family(tx, [practitioner_id])
    person = family.people.get(practitioner_id)
    if person is None:
        raise NotFound
    if person.national_id_index == index:
        return
    if any(p.practitioner_id != practitioner_id for p in await load_practitioners(tx, indexes=[index], lock=True)):
        raise NationalIdTaken
    survivor = family.survivor(person)
    changed = [person] if survivor is person else [survivor, person]
    before = {each.practitioner_id: family.news(each) for each in changed}
    person.change_national_id(index, national_id.mask(full))
    sealed = vault.national_ids.seal(full.encode(), belongs_to=str(practitioner_id))
    await save_practitioners(tx, [], changed, resealed={practitioner_id: sealed}, reason=reason)
    tell_family(tx, "practitioner.national_id_changed", changed, family, before, reason)
