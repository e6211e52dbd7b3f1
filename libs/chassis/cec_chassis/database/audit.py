"""The audit log: append-only, one row for each act, written in the transaction of the act."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from cec_chassis.context import CommandContext
from cec_chassis.ids import new_id

INSERT_AUDIT = """
INSERT INTO audit_log (id, at, account_id, role, actor_name, organisation_id, look, action, subject_type, subject_id,
                       reason, before, after, request_id)
SELECT * FROM unnest(
    CAST(:ids AS uuid[]), CAST(:ats AS timestamptz[]), CAST(:accounts AS uuid[]), CAST(:roles AS text[]),
    CAST(:actor_names AS text[]), CAST(:organisations AS uuid[]), CAST(:looks AS boolean[]),
    CAST(:actions AS text[]), CAST(:subject_types AS text[]), CAST(:subject_ids AS text[]), CAST(:reasons AS text[]),
    CAST(:befores AS jsonb[]), CAST(:afters AS jsonb[]), CAST(:request_ids AS text[]))
"""


class AuditEntry(msgspec.Struct, frozen=True):
    """One act. `before` and `after` are JSON texts of the subject, or null.

    `look` says that nothing was done but somebody's data read; `reason` is the purpose then, `after` what was read.
    """

    id: UUID
    at: datetime
    account_id: UUID | None
    role: str | None
    actor_name: str | None
    organisation_id: UUID | None
    look: bool
    action: str
    subject_type: str
    subject_id: str
    reason: str
    before: str | None
    after: str | None
    request_id: str | None

    @classmethod
    def of(
        cls,
        action: str,
        subject_type: str,
        subject_id: str,
        reason: str,
        before: Mapping[str, Any] | msgspec.Struct | None,
        after: Mapping[str, Any] | msgspec.Struct | None,
        now: datetime,
        context: CommandContext,
        look: bool = False,
    ) -> AuditEntry:
        actor = context.actor
        return cls(
            new_id(),
            now,
            actor.account_id if actor else None,
            actor.role if actor else None,
            actor.name if actor else None,
            actor.organisation_id if actor else None,
            look,
            action,
            subject_type,
            subject_id,
            reason,
            _json(before),
            _json(after),
            context.request_id,
        )


def _json(value: Mapping[str, Any] | msgspec.Struct | None) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()


def audit_columns(entries: list[AuditEntry]) -> dict[str, list[Any]]:
    return {
        "ids": [e.id for e in entries],
        "ats": [e.at for e in entries],
        "accounts": [e.account_id for e in entries],
        "roles": [e.role for e in entries],
        "actor_names": [e.actor_name for e in entries],
        "organisations": [e.organisation_id for e in entries],
        "looks": [e.look for e in entries],
        "actions": [e.action for e in entries],
        "subject_types": [e.subject_type for e in entries],
        "subject_ids": [e.subject_id for e in entries],
        "reasons": [e.reason for e in entries],
        "befores": [e.before for e in entries],
        "afters": [e.after for e in entries],
        "request_ids": [e.request_id for e in entries],
    }
