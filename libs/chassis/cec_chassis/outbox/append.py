"""A row of the outbox, written at commit of the transaction whose news it is."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from cec_chassis.context import CommandContext
from cec_chassis.ids import new_id

BULK = 30
"""A transaction that tells more than these tells in bulk."""
LARGEST_BODY = 256 * 1024
"""Bytes. Brokers refuse far larger messages only at the relay, when it is too late; we refuse at the source."""

INSERT_OUTBOX = """
INSERT INTO outbox (id, type, subject, sequence, occurred_at, data, traceparent, tracestate, correlation_id, causation_id,
                    bulk)
SELECT *, CAST(:bulk AS boolean) FROM unnest(
    CAST(:ids AS uuid[]), CAST(:types AS text[]), CAST(:subjects AS text[]), CAST(:sequences AS bigint[]),
    CAST(:occurred AS timestamptz[]), CAST(:data AS jsonb[]), CAST(:traceparents AS text[]),
    CAST(:tracestates AS text[]), CAST(:correlations AS uuid[]), CAST(:causations AS uuid[]))
"""


class EventTooLarge(RuntimeError):
    """An event body over 256 KB; events carry the state of one aggregate, which is never that large."""


class OutboxRow(msgspec.Struct, frozen=True):
    id: UUID
    type: str
    subject: str
    sequence: int
    occurred_at: datetime
    data: str
    traceparent: str | None
    tracestate: str | None
    correlation_id: UUID
    causation_id: UUID | None

    @classmethod
    def of(
        cls,
        type_name: str,
        subject: str,
        sequence: int,
        body: msgspec.Struct,
        now: datetime,
        context: CommandContext,
        causation_id: UUID | None = None,
        traceparent: str | None = None,
    ) -> OutboxRow:
        """Raises EventTooLarge."""
        data = msgspec.json.encode(body)
        if len(data) > LARGEST_BODY:
            raise EventTooLarge(f"{type_name} {subject}: {len(data)} bytes")
        event_id = new_id()
        return cls(
            event_id,
            type_name,
            subject,
            sequence,
            now,
            data.decode(),
            traceparent or context.traceparent,
            context.tracestate,
            context.correlation_id or event_id,
            causation_id or context.causation_id,
        )


def outbox_columns(rows: list[OutboxRow]) -> dict[str, list[Any]]:
    return {
        "ids": [r.id for r in rows],
        "types": [r.type for r in rows],
        "subjects": [r.subject for r in rows],
        "sequences": [r.sequence for r in rows],
        "occurred": [r.occurred_at for r in rows],
        "data": [r.data for r in rows],
        "traceparents": [r.traceparent for r in rows],
        "tracestates": [r.tracestate for r in rows],
        "correlations": [r.correlation_id for r in rows],
        "causations": [r.causation_id for r in rows],
    }
