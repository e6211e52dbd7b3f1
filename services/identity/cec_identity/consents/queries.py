"""Consents as their owner reads them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from cec_chassis.clock import taipei_date
from cec_chassis.database import Transaction
from cec_contracts.vocabulary import AccountRole
from cec_identity.consents.domain import consent_due, is_outdated
from cec_identity.consents.store import consents_of
from cec_identity.consents.texts import ConsentKind, Section, newest_version, text_of


class GivenConsent(msgspec.Struct, kw_only=True):
    """What oneself agreed to and when, with the text as it then was.

    `outdated`: it is what one agreed to last, and there is a newer text, `current_version`, to be read and agreed to.
    """

    kind: ConsentKind
    version: str
    given_at: datetime
    withdrawn_at: datetime | None
    title: str
    title_en: str
    sections: list[Section]
    outdated: bool
    current_version: str | None


async def own_consents(tx: Transaction, account_id: UUID) -> list[GivenConsent]:
    """The oldest first, withdrawn ones too."""
    given, today = await consents_of(tx, account_id), taipei_date(tx.now)
    found = []
    for each in given:
        text = text_of(each.kind, each.version)
        found.append(
            GivenConsent(
                kind=each.kind,
                version=each.version,
                given_at=each.given_at,
                withdrawn_at=each.withdrawn_at,
                title=text.title,
                title_en=text.title_en,
                sections=list(text.sections),
                outdated=is_outdated(each, given, today),
                current_version=newest_version(each.kind, today),
            )
        )
    return found


async def due_of(tx: Transaction, account_id: UUID, role: AccountRole) -> ConsentKind | None:
    """What the owner of the account is to be asked to agree to now; None when nothing is."""
    return consent_due(role, await consents_of(tx, account_id), taipei_date(tx.now))
