"""A worker that does batches and nothing else: `python -m tests.component.credits_batch.crashing_worker URL`.

Started by a test with a failpoint that kills it; ends by itself when no piece is left.
"""

from __future__ import annotations

import asyncio
import sys

from cec_chassis.clock import SystemClock
from cec_chassis.database import Database
from cec_credits.batch.cases import Cases
from cec_credits.batch.loop import answer_a_piece
from cec_credits.rulesets.edition import PublishedRules


async def main(url: str) -> None:
    database = Database(url, SystemClock(), pool_size=1)
    rules = PublishedRules()
    while await answer_a_piece(database, rules, Cases()):
        pass
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
