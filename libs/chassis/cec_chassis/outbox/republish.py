"""Sends kept outbox rows once more, to one consumer's replay queue: how a service rebuilds its narrow copies.

Never to the shared exchange: the others, and outside subscribers, must not see them again. Exactly the rows that were
committed when it began are sent, page by page in order of position: the set is fixed by a snapshot, which is remembered
as text and holds nothing open. A transaction that is still open then is none of ours, whatever position its rows have:
the relay sends them after it has committed. (Reading only up to the oldest open transaction would leave out, without
a word, everything that was committed and sent long ago while some other transaction stayed open.)
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

import asyncpg

from cec_chassis.bus.connection import connected
from cec_chassis.bus.names import QueueNames
from cec_chassis.bus.publisher import ConfirmedPublisher
from cec_chassis.outbox.message import envelope_of

PAGE = 500

SELECT_PAGE = """
SELECT seq, id, type, subject, sequence, occurred_at, data::text AS data, traceparent, tracestate,
       correlation_id, causation_id
FROM outbox
WHERE seq > $1 AND type = ANY($2::text[]) AND ($3::timestamptz IS NULL OR occurred_at >= $3)
  AND pg_visible_in_snapshot(xid, CAST($5 AS text)::pg_snapshot)
ORDER BY seq LIMIT $4
"""


async def republish(
    *,
    service: str,
    dsn: str,
    amqp_url: str,
    to: str,
    types: Sequence[str],
    since: datetime | None = None,
    progress: Callable[[int], None] = lambda _count: None,
) -> int:
    """Returns how many were sent. Raises DeliveryError when the consumer's replay queue does not exist yet
    (start that service once; it declares it)."""
    sent = 0
    position = 0
    database = await asyncpg.connect(dsn, timeout=5)
    try:
        async with connected(amqp_url, f"{service} republish") as connection:
            publisher = await ConfirmedPublisher.on(connection, "")
            queue = QueueNames(to).replay
            begun = await database.fetchval("SELECT pg_current_snapshot()::text")
            while rows := await database.fetch(SELECT_PAGE, position, list(types), since, PAGE, begun):
                await asyncio.gather(
                    *(
                        publisher.publish(
                            envelope_of(dict(row), service),
                            routing_key=queue,
                            message_id=row["id"],
                            headers={"x-replay": True},
                        )
                        for row in rows
                    )
                )
                position = rows[-1]["seq"]
                sent += len(rows)
                progress(sent)
    finally:
        await database.close()
    return sent
