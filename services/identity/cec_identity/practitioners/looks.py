"""The trace of a look at somebody else's record, account or application. The person can read it: `GET /looks`."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Final
from uuid import UUID

from litestar.params import HeaderParameter, QueryParameter

from cec_chassis.audit.queries import Subjects
from cec_chassis.database import Transaction
from cec_contracts.vocabulary import AccountRole

_WHAT_FOR: Final = (
    "查詢目的,將留存紀錄並可由本人查閱 / What the look is for; it is written down, and the person may read it"
)
LONGEST: Final = 100


async def purpose_of_request(
    in_header: Annotated[str, HeaderParameter(name="X-Purpose", max_length=LONGEST, description=_WHAT_FOR)] = "",
    in_address: Annotated[
        str, QueryParameter(name="purpose", max_length=LONGEST, description="同 X-Purpose / The same as X-Purpose")
    ] = "",
) -> str:
    """Litestar dependency `purpose`: the header, else the query parameter. In a few words: `attendance` for a roster,
    `renewal`, `audit`, `support`."""
    return in_header.strip() or in_address.strip()


class Unstated(StrEnum):
    """What stands in the trace of a look that did not say what for: what the route is for, and that nobody said it. To ask
    for it would break programs that were promised that they need not."""

    ATTENDANCE = "未載明,依功能為登錄出席 / not stated; by its use, attendance"
    ADMINISTRATION = "未載明,依功能為登錄資料管理 / not stated; by its use, keeping the register"


EVERY_RECORD: Final = Subjects(
    ids="""
    WITH RECURSIVE mine (id) AS (
        SELECT CAST(:person AS uuid)
        UNION SELECT former.id FROM practitioners AS former JOIN mine ON former.merged_into = mine.id)
    SELECT CAST(id AS text) FROM mine
    """
)
"""A person, under this record and under those that were merged into it."""
ALL_THAT_IS_MINE: Final = (
    EVERY_RECORD,
    Subjects(type="account", ids="SELECT CAST(CAST(:self AS uuid) AS text)"),
    Subjects(
        type="application", ids="SELECT CAST(id AS text) FROM applications WHERE account_id = CAST(:self AS uuid)"
    ),
)
"""Whoever signs in, as what identity knows of them: practitioner, account, the application that it was opened by."""


def looked_at(tx: Transaction, people: Iterable[UUID], action: str, purpose: str) -> None:
    """Writes that these people's records were told to the caller, and what for. One's own are nobody's business."""
    keeps_register = tx.actor is None or tx.actor.role == AccountRole.SYSTEM_ADMINISTRATOR
    purpose = purpose or (Unstated.ADMINISTRATION if keeps_register else Unstated.ATTENDANCE)
    own = tx.actor.practitioner_id if tx.actor is not None else None
    for practitioner_id in people:
        if practitioner_id != own:
            tx.look(action, subject_type="practitioner", subject_id=practitioner_id, purpose=purpose)


def accounts_listed(tx: Transaction, accounts: Iterable[UUID], action: str, purpose: str) -> None:
    """Writes that these accounts and who is behind them were shown to the caller and what the list is for, a row each, so
    that everybody can read it."""
    own = tx.actor.account_id if tx.actor is not None else None
    for account_id in dict.fromkeys(accounts):
        if account_id != own:
            tx.look(action, subject_type="account", subject_id=account_id, purpose=purpose)
