"""The worker of credits: every subscription and timer, and what must exist before the first request."""

from __future__ import annotations

from cec_chassis.service import Loop
from cec_credits.batch.loop import keep_answering_batches
from cec_credits.recalculation.loop import keep_recalculating
from cec_credits.recalculation.reconcile_loop import keep_reconciling
from cec_credits.rulesets.load_bundled import load_bundled
from cec_credits.subscribes import SUBSCRIPTIONS

LOOPS: tuple[Loop, ...] = (keep_recalculating, keep_reconciling, keep_answering_batches)
PREPARE = (load_bundled,)

__all__ = ["LOOPS", "PREPARE", "SUBSCRIPTIONS"]
