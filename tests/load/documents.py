"""A signed PDF of two hundred records, from the request to the last byte. `python -m tests.load.documents`"""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

from tests.component.credits_batch.desk import PURPOSE, Settings, a_person, attended, courses, told_of
from tests.support.credits_worker import take_in
from tests.support.one_service import NOON, OneService
from tests.support.stack import PostgresServer, begin_session, end_session
from tests.support.tokens import an_actor

from cec_credits.rulesets.load import DATA
from cec_credits.rulesets.load_bundled import files_in, load_files
from cec_credits.service import SERVICE

RECORDS = 200
ROUNDS = 7


async def measure(url: str) -> float:
    """Seconds, the best of several; the first of a process also looks for fonts and is left out."""
    service = await OneService.start(replace(SERVICE, settings=Settings), url, NOON)
    try:
        async with service.database.transaction() as tx:
            await load_files(tx, files_in(DATA))
        await take_in(service.database, [told_of(1), *courses(RECORDS), *attended(1, RECORDS)])
        await _export(service)
        return min([await _export(service) for _ in range(ROUNDS)])
    finally:
        await service.close()


async def _export(service: OneService) -> float:
    path = f"/statements/{a_person(1)}/F/statement.pdf?since=2019-01-01&until=2022-01-01"
    begun = time.perf_counter()
    answer = await service.ask(an_actor("system_administrator"), "GET", path, headers=PURPOSE)
    assert answer.content.startswith(b"%PDF-"), answer.text
    return time.perf_counter() - begun


async def main() -> None:
    server = PostgresServer.obtain()
    seconds = await measure(await server.make_database("credits"))
    print(f"signed PDF of {RECORDS} records: {seconds * 1000:.0f} ms")


if __name__ == "__main__":
    begin_session()
    try:
        asyncio.run(main())
    finally:
        end_session()
