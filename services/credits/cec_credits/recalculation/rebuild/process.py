"""``python -m cec_credits.recalculation.rebuild.process``: one of the processes of a rebuild.

A program of its own, which imports what computing needs and not the whole service, reads the address of the database
from its standard input (a command line can be seen by everybody on the machine), and works stretch after stretch until
none is left.
"""

from __future__ import annotations

import asyncio
import gc
import sys

from cec_chassis.clock import SystemClock
from cec_chassis.database import Database
from cec_credits.recalculation.rebuild.everybody import Everybody
from cec_credits.recalculation.rebuild.stretch import next_stretch
from cec_credits.rulesets.edition import PublishedRules, Rules

GARBAGE_AFTER = 100_000
"""A stretch makes some hundred thousand small values that hold no cycles; looking through them often finds nothing."""


async def compute_all(database: Database, rules: Rules) -> None:
    """Stretch after stretch, until none is left that nobody works at."""
    everybody = Everybody()
    while await next_stretch(database, rules, everybody):
        pass


async def start(dsn: str) -> asyncio.subprocess.Process:
    """Starts this program for a database."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", __name__, stdin=asyncio.subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write(dsn.encode())
    process.stdin.close()
    return process


async def _work(dsn: str) -> None:
    database = Database(dsn, SystemClock(), pool_size=1, application="credits-rebuild")
    try:
        await compute_all(database, PublishedRules())
    finally:
        await database.close()


if __name__ == "__main__":
    gc.freeze()
    gc.set_threshold(GARBAGE_AFTER)
    asyncio.run(_work(sys.stdin.read()))
