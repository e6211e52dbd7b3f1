"""Hand a profession over to another system from a day on, or take it back."""

from __future__ import annotations

from cec_chassis.database import Transaction
from cec_identity.professions.store import Elsewhere, all_elsewhere, remove_elsewhere, save_elsewhere


async def hand_over(tx: Transaction, wanted: Elsewhere, reason: str) -> Elsewhere:
    """Who is registered already stays as they are; from that day on the registry's rows of the profession pass us by."""
    known = await _known(tx, wanted.profession)
    if known != wanted:
        await save_elsewhere(tx, wanted, reason)
        tx.audit(
            "profession.handed_over",
            subject_type="profession",
            subject_id=wanted.profession,
            reason=reason,
            before=known,
            after=wanted,
        )
    return wanted


async def take_back(tx: Transaction, profession: str, reason: str) -> None:
    """We look after the profession again; a profession we never gave away is no fault."""
    known = await _known(tx, profession)
    if await remove_elsewhere(tx, profession):
        tx.audit("profession.taken_back", subject_type="profession", subject_id=profession, reason=reason, before=known)


async def _known(tx: Transaction, profession: str) -> Elsewhere | None:
    return next((each for each in await all_elsewhere(tx) if each.profession == profession), None)
