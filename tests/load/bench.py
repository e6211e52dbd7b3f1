"""`make bench`: the figures that matter, each beside a yardstick measured in the same run. Ratios travel; absolute
figures belong to the machine they were measured on.

`python -m tests.load.bench [name …]` measures only those named.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import uvloop
from rich.console import Console
from rich.table import Table
from tests.load import (
    audit_chain,
    batches,
    documents,
    engine,
    freshness,
    pipeline,
    population,
    reads,
    registry,
    search,
    sign_in,
    token_checks,
)
from tests.support.stack import PostgresServer, RabbitServer, begin_session, end_session

from cec_chassis import garbage
from cec_credits.rulesets.load import bundled
from cec_credits.statements.evaluate import evaluate

RESULTS = Path("bench-results")
FLAT_MEMORY = 1.25
"""How much more memory ten times as many practitioners may take."""
console = Console()

Figures = dict[str, Any]


class Servers:
    """Fresh databases and virtual hosts for each measurement."""

    def __init__(self) -> None:
        self.postgres = PostgresServer.obtain()
        self.rabbit = RabbitServer.obtain()

    async def database(self, service: str) -> str:
        return await self.postgres.make_database(service)


async def measure_pipeline(servers: Servers) -> Figures:
    """Ours and the bare loop by turns, the better of two each, over 30,000 events and over a burst of 10,000; and ours taking
    messages one by one."""

    async def one(name: str, rosters: int) -> float:
        database, vhosts = await servers.database("credits"), servers.rabbit.make_vhosts()
        if name == "bare":
            return await pipeline.bare(database, vhosts.internal, rosters=rosters)
        return await pipeline.ours(database, vhosts.internal, batch=200, rosters=rosters)

    found: dict[tuple[str, int], float] = {}
    for _ in range(2):
        for rosters in (pipeline.COURSES, pipeline.BURST):
            for name in ("bare", "ours"):
                found[name, rosters] = max(found.get((name, rosters), 0.0), await one(name, rosters))
    alone = await pipeline.ours(
        await servers.database("credits"), servers.rabbit.make_vhosts().internal, batch=1, rosters=20
    )
    bare, ours = found["bare", pipeline.COURSES], found["ours", pipeline.COURSES]
    return {
        "bare loop, events/s": round(bare),
        "credits worker, events/s": round(ours),
        "ratio": round(ours / bare, 2),
        "goal": "ratio >= 0.5",
        "met": ours / bare >= 0.5,
        "a burst of 10,000, bare loop, events/s": round(found["bare", pipeline.BURST]),
        "so, credits worker, events/s": round(found["ours", pipeline.BURST]),
        "so, ratio": round(found["ours", pipeline.BURST] / found["bare", pipeline.BURST], 2),
        "one by one, events/s": round(alone),
        "batching gives": f"{ours / alone:.1f} times",
    }


async def measure_freshness(servers: Servers) -> Figures:
    """Commit to visible at 100 attendances a second, alone and while a file of 5,000 rows is worked in."""
    vhosts = servers.rabbit.make_vhosts()
    found = await freshness.measure(
        await servers.database("enrolment"),
        await servers.database("credits"),
        vhosts.internal,
        vhosts.public,
        per_second=100,
        seconds=20,
        import_rows=5_000,
    )
    alone, beside = (
        statistics.quantiles([s * 1000 for s in seconds], n=100) for seconds in (found.alone, found.beside_import)
    )
    return {
        "alone, p50 ms": round(alone[49]),
        "alone, p95 ms": round(alone[94]),
        "alone, p99 ms": round(alone[98]),
        "while a file of 5,000 rows is worked in, p50 ms": round(beside[49]),
        "so, p95 ms": round(beside[94]),
        "so, p99 ms": round(beside[98]),
        "until its last row is visible, s": round(found.import_seconds, 1),
        "goal": "p95 <= 300 ms, p99 <= 1 s, also beside the import",
        "met": max(alone[94], beside[94]) <= 300 and max(alone[98], beside[98]) <= 1_000,
    }


async def measure_reads(servers: Servers) -> Figures:
    """Statements through the gateway beside a one-row endpoint through the gateway."""
    rates = await reads.measure(await servers.database("credits"), servers.rabbit.make_vhosts().internal)
    ratio = rates["statement"] / rates["bare"]
    return {
        "one-row endpoint, reads/s": round(rates["bare"]),
        "statement, reads/s": round(rates["statement"]),
        "ratio": round(ratio, 2),
        "goal": "ratio >= 0.4",
        "met": ratio >= 0.4,
    }


async def measure_population(_servers: Servers) -> Figures:
    """Every standing rebuilt at two sizes of the nation; asked for by name, it takes some minutes."""
    small, large = await population.main(list(population.SIZES))
    growth = large.cost_ms / small.cost_ms
    memory = large.peak_mb / small.peak_mb
    return {
        "practitioners/s": round(large.rate),
        "practitioners": large.practitioners,
        "CPU ms each, Python": round(large.cpu_ms, 2),
        "CPU ms each, PostgreSQL": round(large.postgres_ms, 2),
        "CPU of one against that of a tenth as many": round(growth, 2),
        "peak MB of a process": round(large.peak_mb),
        "peak MB with a tenth as many": round(small.peak_mb),
        "goal": ">= 2000/s, growth <= 1.2, memory <= 1.25 times that of a tenth as many",
        "met": large.rate >= 2_000 and growth <= 1.2 and memory <= FLAT_MEMORY,
    }


async def measure_engine(_servers: Servers) -> Figures:
    """CPU of one explained statement, one core: bare, and with every citation and sentence written out as JSON."""
    garbage.look_seldom()  # as every process of a service does
    case = engine.a_case(200, approved=True)
    bare = engine.best(partial(evaluate, case, bundled()))
    written = engine.best(partial(engine.as_json, case, bundled()))
    return {
        "200 records, ms of CPU": round(bare, 2),
        "200 records explained as JSON text, ms of CPU": round(written, 2),
        "goal": "<= 2 ms, texts written out",
        "met": max(bare, written) <= 2,
    }


async def measure_batch(servers: Servers) -> Figures:
    """File in, spreadsheet out, everything computed from the facts; the large one as a job that two workers share."""
    found = await batches.measure(await servers.database("credits"))
    return {
        "300 persons with XLSX, s": round(found.small, 2),
        "10,000 persons with XLSX, s": round(found.large, 1),
        "longest stall of the event loop, ms": round(found.stalled * 1000),
        "goal": "300 <= 1 s, 10,000 <= 10 s",
        "met": found.small <= 1 and found.large <= 10,
    }


async def measure_pdf(servers: Servers) -> Figures:
    """A statement of 200 records: computed, set, signed, registered."""
    seconds = await documents.measure(await servers.database("credits"))
    return {"signed PDF of 200 records, ms": round(seconds * 1000), "goal": "<= 300 ms", "met": seconds <= 0.3}


async def measure_audit_chain(servers: Servers) -> Figures:
    """Commands that are audited and chained beside the same commands without the chain."""
    rates = await audit_chain.measure(await servers.database("review"))
    ratio = rates.chained / rates.bare
    return {
        "commands/s without the chain": round(rates.bare),
        "commands/s until all is sealed": round(rates.chained),
        "ratio": round(ratio, 2),
        "rows sealed/s": round(rates.sealed),
        "rows verified/s": round(rates.verified),
        "goal": "ratio >= 0.8",
        "met": ratio >= 0.8,
    }


async def measure_sign_in(servers: Servers) -> Figures:
    """Sign-ins by password beside bare argon2 verifications on the same cores."""
    found = await sign_in.measure(await servers.database("identity"), servers.rabbit.make_vhosts().internal)
    ratio = found.sign_ins / found.bare
    return {
        "bare argon2, verifications/s": round(found.bare, 1),
        "sign-ins/s": round(found.sign_ins, 1),
        "ratio": round(ratio, 2),
        "goal": "ratio >= 0.8",
        "met": ratio >= 0.8,
    }


async def measure_token_checks(servers: Servers) -> Figures:
    """A route behind the check of a token beside the same route without."""
    found = await token_checks.measure(await servers.database("identity"))
    ratio = found.checked / found.unchecked
    return {
        "without a check, requests/s": round(found.unchecked),
        "with a check, requests/s": round(found.checked),
        "ratio": round(ratio, 2),
        "tokens never seen before, checks/s in one thread": round(found.first_looks),
        "goal": "ratio >= 0.8",
        "met": ratio >= 0.8,
    }


async def measure_registry(servers: Servers) -> Figures:
    """100,000 rows of the registry: from the upload to the last piece, by one worker, beside a bare insert of the cells; and
    how much more memory it takes than a file of 10,000."""
    found = await registry.measure(await servers.database("identity"))
    created, unchanged, changed = (run.rows_per_second for run in found.large)
    allowed = registry.BYTES_PER_BYTE * found.bytes_more
    return {
        "rows/s bare insert": round(found.bare),
        "rows/s created, with events": round(created),
        "rows/s unchanged": round(unchanged),
        "rows/s changed, with events": round(changed),
        "longest piece, s": round(max(run.work.longest_piece_seconds for run in found.large), 2),
        "peak of the worker, MB": round(max(run.work.peak for run in found.large) / 1e6),
        "higher than with 10,000 rows, MB: worker": round(found.worker_grown / 1e6),
        "higher than with 10,000 rows, MB: upload": round(found.upload_grown / 1e6),
        "goal": f"unchanged >= 5,000/s, changed >= 2,000/s; the worker's peak at most {registry.FLAT_BYTES / 1e6:.0f} MB higher, "
        f"the upload's {allowed / 1e6:.0f} MB ({registry.BYTES_PER_BYTE} bytes for each of the file)",
        "met": unchanged >= 5_000 and changed >= 2_000 and found.flat,
    }


async def measure_search(servers: Servers) -> Figures:
    """Activities by words of their titles, with total, courses and points, beside the bare query without an index."""
    found = await search.measure(await servers.database("reporting"))
    title = search.p95_ms(found.title)
    return {
        "bare query for the words, p50 ms": round(statistics.median(found.bare) * 1000),
        "bare query for the words, p95 ms": round(search.p95_ms(found.bare)),
        "by title, p50 ms": round(statistics.median(found.title) * 1000),
        "by title, p95 ms": round(title),
        "by course title, p95 ms": round(search.p95_ms(found.course_title)),
        "by county, days, unit, profession or one letter, p95 ms": round(search.p95_ms(found.other)),
        "goal": "by title, p95 <= 200 ms",
        "met": title <= 200,
    }


MEASUREMENTS: dict[str, tuple[str, Callable[[Servers], Awaitable[Figures]]]] = {
    "engine": ("積分引擎 credit engine", measure_engine),
    "pipeline": ("出席事件 attendance events", measure_pipeline),
    "freshness": ("從登錄到可見 commit to visible, 100/s", measure_freshness),
    "reads": ("查詢積分 statement reads", measure_reads),
    "batch": ("整批統計 batches", measure_batch),
    "registry": ("登錄匯入 registry import", measure_registry),
    "search": ("活動查詢 activity search, 100,000 activities", measure_search),
    "pdf": ("簽署文件 signed documents", measure_pdf),
    "audit": ("稽核鏈 audit chain", measure_audit_chain),
    "sign_in": ("密碼登入 sign-ins by password", measure_sign_in),
    "token_checks": ("權杖查驗 token checks", measure_token_checks),
    "population": ("全部重建 whole population", measure_population),
}
ONLY_BY_NAME = {"population"}


async def main(names: list[str]) -> int:
    servers = Servers()
    results: dict[str, Figures] = {}
    for name in names or [each for each in MEASUREMENTS if each not in ONLY_BY_NAME]:
        title, measurement = MEASUREMENTS[name]
        with console.status(f"measuring {title} …"):
            results[name] = await measurement(servers)
        show(title, results[name])
    report = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {
            "cores": os.cpu_count(),
            "processor": platform.machine(),
            "python": platform.python_version(),
            "load_before": os.getloadavg()[0],
        },
        "results": results,
    }
    RESULTS.mkdir(exist_ok=True)
    text = json.dumps(report, ensure_ascii=False, indent=2)
    (RESULTS / f"{datetime.now(UTC):%Y%m%d-%H%M%S}.json").write_text(text, encoding="utf-8")
    console.print_json(text)
    return 0 if all(figures.get("met", True) for figures in results.values()) else 1


def show(title: str, figures: Figures) -> None:
    table = Table(title=title, title_justify="left", show_header=False)
    for key, value in figures.items():
        table.add_row(key, str(value))
    console.print(table)


if __name__ == "__main__":
    begin_session()
    try:
        code = uvloop.run(main(sys.argv[1:]))
    finally:
        end_session()
    sys.exit(code)
