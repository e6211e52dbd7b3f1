"""What credits does in the background, beside taking events in."""

from cec_credits.recalculation.loop import keep_recalculating

LOOPS = (keep_recalculating,)
