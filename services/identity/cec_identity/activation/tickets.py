"""Whoever holds a ticket goes on with their activation."""

from __future__ import annotations

from cec_chassis.database import Transaction
from cec_identity.activation.domain import Activation, ActivationState, TicketInvalid
from cec_identity.activation.store import activation_by_ticket, hold_person
from cec_identity.mail.links import digest_of


async def holder_of(tx: Transaction, ticket: str, *, held: bool = True) -> Activation:
    """The activation of the ticket, also one that is complete.

    Raises:
        TicketInvalid: unknown, expired, or superseded by a newer activation.
    """
    activation = await activation_by_ticket(tx, digest_of(ticket), held=held)
    if activation is None or activation.state is ActivationState.SUPERSEDED:
        raise TicketInvalid
    if activation.ticket_expires_at <= tx.now:
        raise TicketInvalid
    return activation


async def unopened(tx: Transaction, ticket: str) -> Activation:
    """The activation of the ticket, held until `tx` ends, and with it the person: first the person, then the row, for
    an activation of the same person ends others.

    Raises:
        TicketInvalid: as `holder_of`, or the account has been opened.
    """
    await hold_person(tx, (await holder_of(tx, ticket, held=False)).practitioner_id)
    activation = await holder_of(tx, ticket)
    if activation.state is ActivationState.OPENED:
        raise TicketInvalid
    return activation
