"""A database that refuses attendance for a reason that passes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from tests.system.faults.town import Town

OBSTRUCT = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'by the test'; END $$;
CREATE TRIGGER obstructed BEFORE INSERT ON ledger_entries FOR EACH ROW EXECUTE FUNCTION refuse();
"""


@asynccontextmanager
async def obstructed(town: Town) -> AsyncIterator[None]:
    """No attendance can be taken in, for a reason that passes with the block."""
    connection = await asyncpg.connect(town.credits_url)
    try:
        await connection.execute(OBSTRUCT)
        yield
        await connection.execute("DROP FUNCTION refuse CASCADE")
    finally:
        await connection.close()
