"""Sessions as they are told: what their owner recognises them by, and nothing by which one could take them over."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from cec_chassis.database import Transaction
from cec_chassis.problems import NotFound
from cec_contracts.vocabulary import AccountRole
from cec_identity.accounts.profile import masked_email
from cec_identity.consents.queries import due_of
from cec_identity.consents.texts import ConsentKind
from cec_identity.sign_in.history import Outcome

_OPEN = """
FROM sessions s WHERE s.account_id = :id AND s.ended_at IS NULL AND s.ends_at > :now
AND EXISTS (SELECT FROM refresh_tokens t WHERE t.session_id = s.id AND t.used_at IS NULL AND t.expires_at > :now)
"""
MOST = 200
"""Sessions of one account that are listed; the newest."""


class SessionView(msgspec.Struct, kw_only=True):
    """A session that can still be refreshed. `methods` in the words of RFC 8176; `current`: the one that asks."""

    session_id: UUID
    device: str
    address_masked: str
    methods: list[str]
    started_at: datetime
    last_used_at: datetime
    ends_at: datetime
    current: bool


class SessionList(msgspec.Struct, kw_only=True):
    """The open sessions of an account, the one used last first."""

    items: list[SessionView]


class SessionPanel(msgspec.Struct, kw_only=True):
    """Who is signed in, for the head of every page."""

    account_id: UUID
    account_name: str
    person_name: str | None
    role: AccountRole
    email_masked: str | None
    active_since: datetime
    """When the account was opened."""
    last_sign_in_at: datetime | None
    """The one before this session; None when there was none that is remembered."""
    last_failure_at: datetime | None
    """Of somebody who did not get in, since that sign-in: the owner knows whether it was they."""
    consent_due: ConsentKind | None
    """Terms that the person is to be asked to agree to now (`POST /consents/mine`): newer ones, or the first time."""
    session_id: UUID | None
    authenticated_at: datetime | None
    methods: list[str]


async def open_sessions(tx: Transaction, account_id: UUID, current: UUID | None) -> SessionList:
    """The sessions of an account that have not ended."""
    rows = await tx.all(
        f"""
        SELECT s.id, s.device, s.address_masked, s.methods, s.started_at, s.last_used_at, s.ends_at {_OPEN}
        ORDER BY s.last_used_at DESC, s.id DESC LIMIT :most
        """,
        id=account_id,
        now=tx.now,
        most=MOST,
    )
    return SessionList(
        items=[
            SessionView(
                session_id=row.id,
                device=row.device,
                address_masked=row.address_masked,
                methods=row.methods,
                started_at=row.started_at,
                last_used_at=row.last_used_at,
                ends_at=row.ends_at,
                current=row.id == current,
            )
            for row in rows
        ]
    )


async def session_panel(tx: Transaction, account_id: UUID, session_id: UUID | None) -> SessionPanel:
    """The panel of the account, seen from this session.

    Raises:
        NotFound: the account is not one of ours.
    """
    row = await tx.one_or_none(
        """
        SELECT a.name, a.role, a.opened_at, p.person_name, p.email, s.authenticated_at, s.methods, before.at AS last_at,
               (SELECT max(f.at) FROM sign_in_history f
                WHERE f.account_id = a.id AND f.outcome <> :succeeded AND f.at > coalesce(before.at, a.opened_at)
               ) AS failed_at
        FROM accounts a
        LEFT JOIN account_profiles p ON p.account_id = a.id
        LEFT JOIN sessions s ON s.id = :session_id AND s.account_id = a.id
        LEFT JOIN LATERAL (
            SELECT h.at FROM sign_in_history h
            WHERE h.account_id = a.id AND h.outcome = :succeeded AND h.session_id IS DISTINCT FROM :session_id
              AND h.at <= coalesce(s.started_at, :now)
            ORDER BY h.at DESC LIMIT 1) before ON true
        WHERE a.id = :id
        """,
        id=account_id,
        session_id=session_id,
        succeeded=Outcome.SUCCEEDED.value,
        now=tx.now,
    )
    if row is None:
        raise NotFound
    return SessionPanel(
        account_id=account_id,
        account_name=row.name,
        person_name=row.person_name,
        role=AccountRole(row.role),
        email_masked=masked_email(row.email) if row.email else None,
        active_since=row.opened_at,
        last_sign_in_at=row.last_at,
        last_failure_at=row.failed_at,
        consent_due=await due_of(tx, account_id, AccountRole(row.role)),
        session_id=session_id,
        authenticated_at=row.authenticated_at,
        methods=row.methods or [],
    )
