"""First step: whether the registry knows the person who says this, and whether they have an account already.

Nothing is told to whoever does not know ID, certificate and institution of one person together (decision about
enumeration): an unknown ID, a wrong certificate and a wrong institution are one answer.
"""

from __future__ import annotations

from typing import NamedTuple

from cec_chassis.clock import taipei_date
from cec_chassis.database import Transaction
from cec_chassis.ids import new_id
from cec_identity.activation.domain import (
    TICKET_LIFETIME,
    Activation,
    ActivationState,
    Facts,
    NoMatchInRegistry,
)
from cec_identity.activation.store import find_practitioner, insert_activation
from cec_identity.mail.links import digest_of, new_token
from cec_identity.professions.store import professions_handled_elsewhere


class Begun(NamedTuple):
    """An activation, and the ticket by which its owner goes on with it."""

    activation: Activation
    ticket: str


async def check_facts(tx: Transaction, facts: Facts) -> Begun | None:
    """A ticket for what follows; None when the person has an account already.

    Raises:
        NoMatchInRegistry.
    """
    person = await find_practitioner(tx, facts, taipei_date(tx.now))
    if person is None:
        raise NoMatchInRegistry(await _looked_after_elsewhere(tx))
    if person.has_account:
        return None
    ticket = new_token()
    activation = Activation(
        activation_id=new_id(),
        practitioner_id=person.practitioner_id,
        person_name=person.name,
        state=ActivationState.MATCHED,
        ticket_expires_at=tx.now + TICKET_LIFETIME,
    )
    await insert_activation(tx, activation, digest_of(ticket))
    return Begun(activation, ticket)


async def _looked_after_elsewhere(tx: Transaction) -> str:
    """Where people of some professions have to go. Told to everybody alike, whoever they say they are."""
    found = await professions_handled_elsewhere(tx, taipei_date(tx.now))
    return "; ".join(
        f"人員類別 {each.profession} 請至 {each.system} {each.address} / Profession {each.profession}: go to {each.address}"
        for each in found.values()
    )
