"""The head of the chain told outside the database: in the log, and to whoever listens to the service's event of it."""

from __future__ import annotations

from datetime import datetime

import structlog

from cec_chassis.audit.seal import Head, head_of, lead
from cec_chassis.database.engine import Database
from cec_chassis.database.transaction import Transaction
from cec_contracts.audit import AuditHead
from cec_contracts.envelope import EventType

SUBJECT = "audit-log"
"""A service has one audit log; the position of the head is the sequence."""

LAST_TOLD = """
SELECT sequence AS position, occurred_at FROM outbox WHERE subject = :subject ORDER BY sequence DESC LIMIT 1
"""

log = structlog.get_logger(__name__)


async def tell_head(database: Database, service: str, event: EventType[AuditHead] | None, not_before: datetime) -> bool:
    """Tells where the chain ends, if it has grown and the last telling is from before `not_before`.

    True when it was told. `event` is None in a service that publishes nothing; the line in the log is all then.
    """
    async with database.reading() as tx:
        if not await _is_due(tx, await head_of(tx), not_before):
            return False
    async with database.transaction() as tx:
        if not await lead(tx):
            return False
        head = await head_of(tx)
        if not await _is_due(tx, head, not_before):
            return False
        if event is not None:
            told = AuditHead(
                service=service,
                position=head.position,
                hash=head.hash.hex(),
                sealed_at=head.sealed_at,
            )
            tx.publish(event, subject=SUBJECT, sequence=head.position, body=told)
    log.info("audit.head", service=service, position=head.position, hash=head.hash.hex())
    return True


async def _is_due(tx: Transaction, head: Head, not_before: datetime) -> bool:
    if head.position == 0:
        return False
    last = await tx.one_or_none(LAST_TOLD, subject=SUBJECT)
    return last is None or (last.position < head.position and last.occurred_at < not_before)
