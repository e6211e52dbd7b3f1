"""What credits says of rule sets."""

from __future__ import annotations

from collections.abc import Sequence

from cec_chassis.bus.subscription import Received, newest
from cec_chassis.database import Transaction
from cec_contracts import credits
from cec_review.rulesets import store


async def on_rule_set_published(tx: Transaction, events: Sequence[Received[credits.RuleSet]]) -> None:
    """A rule set was published: the copy follows the newest news. Points already approved stay as they are."""
    await store.keep(tx, newest(events))
