"""Takes large imports in, piece by piece, for as long as the worker lives, and removes results that were kept long enough.

A piece is one transaction with its people, their news and its results: a worker that dies leaves it as it was, and another
goes on from there. One piece at a time, whatever the number of workers: two could register one person twice.
"""

from __future__ import annotations

import asyncio
import random
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError

from cec_chassis.bus.faults import TRY_AGAIN_STATES, Fault, classify, state_of
from cec_chassis.context import Actor, CommandContext
from cec_chassis.database import Database, Transaction
from cec_chassis.service import Runtime
from cec_identity.registry import jobs_store as store
from cec_identity.registry.import_registry import ImportRunning, hold_registry
from cec_identity.registry.jobs import keep_results
from cec_identity.registry.kinds import KINDS, About
from cec_identity.registry.results import Outcome
from cec_identity.registry.staged import rows_of_piece
from cec_identity.settings import settings_of
from cec_identity.vault import Vault

POLL_SECONDS: Final = 0.5
SWEEP_SECONDS: Final = 60.0
log = structlog.get_logger(__name__)


async def keep_importing(runtime: Runtime, stop: asyncio.Event) -> None:
    """Until the event is set; an absent database is waited for."""
    database = runtime.database("registry", 2)
    vault = Vault.of(settings_of(runtime))
    swept_at = 0.0
    while not stop.is_set():
        try:
            now = asyncio.get_running_loop().time()
            if now - swept_at >= SWEEP_SECONDS or not swept_at:
                await remove_expired(database)
                swept_at = now
            while not stop.is_set() and await import_a_piece(database, vault):
                pass
        except (SQLAlchemyError, OSError) as error:
            log.warning("registry.import_interrupted", error=type(error).__name__)
            await asyncio.sleep(random.uniform(0.5, 2.0))  # noqa: S311 - jitter, no secret
        await _pause(stop, POLL_SECONDS)


async def import_a_piece(database: Database, vault: Vault) -> bool:
    """Takes in one piece. False when there is none, or somebody else is taking rows in.

    A piece that cannot be taken in for another reason than an absent database fails its import, with the kind of error;
    the pieces before it stay taken in, and sending the file again does no harm.
    """
    import_id: UUID | None = None
    try:
        async with database.transaction() as tx:
            piece = await tx.one_or_none(store.CLAIM)
            if piece is None:
                return False
            import_id = piece.import_id
            tx.context = CommandContext(Actor(piece.requested_by, piece.role), piece.request_id)
            if not piece.dry_run:
                await hold_registry(tx)
            await _take(tx, piece, vault)
    except ImportRunning:
        return False
    except Exception as error:
        if import_id is None or classify(error) is Fault.INFRASTRUCTURE or state_of(error) in TRY_AGAIN_STATES:
            raise
        log.error("registry.import_failed", import_id=str(import_id), error=type(error).__name__)
        async with database.transaction() as tx:
            await tx.execute(store.FAIL, id=import_id, error=type(error).__name__, now=tx.now)
    return True


async def _take(tx: Transaction, piece: Any, vault: Vault) -> None:
    kind = KINDS[About(piece.about)]
    sealed = vault.registry_rows.open(piece.rows_sealed, belongs_to=f"{piece.import_id}/{piece.piece}")
    rows = await asyncio.to_thread(rows_of_piece, sealed, kind.columns)
    results, events = await kind.take(tx, rows, vault, piece.import_id, piece.dry_run)
    done = await keep_results(tx, piece.import_id, results, events)
    await tx.execute(store.TAKEN, id=piece.import_id, piece=piece.piece)
    if done.state == "done" and not piece.dry_run:
        tx.audit(
            "registry.imported",
            subject_type="registry_import",
            subject_id=piece.import_id,
            after={"about": kind.about, **{name: getattr(done, name) for name in (*Outcome, "events")}},
        )


async def remove_expired(database: Database) -> int:
    """Removes the rows and results of imports whose time is up; one that never finished ends so, too. Returns how many."""
    async with database.transaction() as tx:
        await tx.execute(store.STOP_EXPIRED, now=tx.now)
        ids = [row.id for row in await tx.all(store.EXPIRED, now=tx.now)]
        if ids:
            await tx.execute(store.REMOVE_PIECES, ids=ids)
            await tx.execute(store.REMOVE_RESULTS, ids=ids)
    return len(ids)


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
