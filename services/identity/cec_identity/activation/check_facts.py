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
        raise NoMatchInRegistry
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
