"""What credits says of rule sets."""

from __future__ import annotations

from collections.abc import Sequence

from cec_activities.rulesets import store
from cec_chassis.bus.subscription import Received, newest
from cec_chassis.database import Transaction
from cec_contracts import credits


async def on_rule_set_published(tx: Transaction, events: Sequence[Received[credits.RuleSet]]) -> None:
    """A rule set was published: its professions are known from now on, also those of another ministry."""
    await store.keep(tx, newest(events))
