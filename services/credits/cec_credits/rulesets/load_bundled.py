"""Publishes the rule sets that come with the service where the database has none of that name yet.

A published text is never exchanged in silence: a file that differs from it is named in the log and stays a file, until an
administrator drafts it as a new version and publishes that.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import structlog

from cec_chassis.database import Transaction
from cec_chassis.service import Runtime
from cec_credits.rulesets import versions
from cec_credits.rulesets.announce import announce
from cec_credits.rulesets.book import RuleBook, RuleBookRefused
from cec_credits.rulesets.domain import RuleSet
from cec_credits.rulesets.load import DATA, load_file
from cec_credits.rulesets.store import hold_book_alone

NOTE = "隨系統提供 / Came with the service"

log = structlog.get_logger(__name__)


async def load_bundled(runtime: Runtime) -> None:
    """Safe to run at every start, and by several replicas at once: one does it, the others find it done."""
    async with runtime.database("prepare", 1).transaction() as tx:
        await load_files(tx, files_in(DATA))


def files_in(folder: Path) -> list[tuple[RuleSet, str]]:
    """The rule set of each file and its text. Raises RuleSetRefused."""
    return [(load_file(path), path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.toml"))]


async def load_files(tx: Transaction, files: Sequence[tuple[RuleSet, str]]) -> list[str]:
    """Publishes every file whose rule set the database does not know. Returns the ids of those it published.

    Raises:
        RuleBookRefused: together with what is published the new files make no book.
    """
    await hold_book_alone(tx)
    known = {each.rule_set_id: each for each in await versions.find(tx, versions.PUBLISHED)}
    new: list[RuleSet] = []
    for rule_set, text in files:
        name = rule_set.id
        if name not in known:
            new.append(rule_set)
            await versions.add(tx, rule_set, text, "toml", "published", NOTE, NOTE)
        elif known[name].digest != versions.digest_of(text):
            log.warning("rule_set.file_differs_from_published", rule_set=name, published=known[name].version)
    if new:
        await _take_effect(tx, new, [each.parsed() for each in known.values()])
    return [each.id for each in new]


async def _take_effect(tx: Transaction, new: Sequence[RuleSet], known: Sequence[RuleSet]) -> None:
    try:
        RuleBook([*known, *new])
    except RuleBookRefused as refused:
        names = ", ".join(each.id for each in new)
        raise RuleBookRefused(f"the files {names} do not go with what is published: {refused}") from refused
    await versions.move_book(tx, (code for rule_set in new for code in rule_set.professions))
    for rule_set in new:
        await announce(tx, rule_set)
        tx.audit("rule_set.published", subject_type="rule_set", subject_id=rule_set.id, reason=NOTE)
