"""The yardstick for reads: the smallest Litestar endpoint that reads one row with asyncpg and answers with it."""

from __future__ import annotations

import asyncio
import os
import signal
from uuid import UUID

import asyncpg
import uvloop
from litestar import Litestar, Response, get

from cec_chassis.http.server import serve

ROW = "SELECT summary FROM standings WHERE practitioner_id = $1 AND profession = $2"


async def main() -> None:
    pool = await asyncpg.create_pool(os.environ["BARE_DSN"], min_size=1, max_size=5)

    @get("/rows/{practitioner_id:uuid}/{profession:str}")
    async def row(practitioner_id: UUID, profession: str) -> Response[bytes]:
        found = await pool.fetchrow(ROW, practitioner_id, profession)
        assert found is not None
        return Response(found["summary"].encode(), media_type="application/json")

    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await serve(Litestar([row], openapi_config=None), "127.0.0.1", int(os.environ["BARE_PORT"]), stop)


if __name__ == "__main__":
    uvloop.run(main())
