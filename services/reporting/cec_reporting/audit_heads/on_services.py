"""What every service says of its audit chain."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from cec_chassis.bus.subscription import Received
from cec_chassis.database import Transaction
from cec_contracts.audit import AuditHead
from cec_reporting.audit_heads.store import keep_heads

log = structlog.get_logger(__name__)


async def on_audit_head(tx: Transaction, events: Sequence[Received[AuditHead]]) -> None:
    """Every head is kept, not the newest only: an old one proves what the log was like then."""
    # What a service says of another one is worth nothing: the name is taken from the exchange it came by.
    own = [event.body for event in events if event.type.split(".")[1] == event.body.service]
    for row in await keep_heads(tx, own):
        log.error("audit_head.contradiction", of=row.service, position=row.position)
