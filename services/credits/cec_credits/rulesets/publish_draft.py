"""Publishing a draft: from its commit on every process computes with it, and everybody it touches is recalculated."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from cec_chassis.clock import taipei_date
from cec_chassis.database import Transaction
from cec_chassis.http import Request
from cec_chassis.problems import FieldError
from cec_credits.recalculation.lanes import nudge
from cec_credits.rulesets import versions
from cec_credits.rulesets.announce import announce
from cec_credits.rulesets.book import RuleBook
from cec_credits.rulesets.domain import RuleSet
from cec_credits.rulesets.drafts import Revision, read, the_draft
from cec_credits.rulesets.findings import Finding, Slug, findings_of
from cec_credits.rulesets.refusals import RuleSetNotReady
from cec_credits.rulesets.store import hold_book_alone
from cec_credits.rulesets.versions import Version

CHECKED = "UPDATE rule_set_versions SET checked_at = :now WHERE rule_set_id = :id AND state = 'draft'"
SUPERSEDE = "UPDATE rule_set_versions SET state = 'superseded' WHERE rule_set_id = :id AND state = 'published'"
PUBLISH = """
UPDATE rule_set_versions
SET state = 'published', published_by = :by, published_at = :now, checked_at = coalesce(checked_at, :now), reason = :reason
WHERE rule_set_id = :id AND state = 'draft'
"""


class PublishDraft(Request):
    """`waive` names the findings that are overruled; `reason` says why the rule set is published, and why so."""

    revision: Revision
    reason: Annotated[str, Meta(min_length=1, max_length=2_000)]
    waive: tuple[Slug, ...] = ()


async def check_draft(tx: Transaction, name: str) -> tuple[Version, list[Finding]]:
    """The draft with everything that stands against its publication today. Raises NoSuchDraft, NotARuleSet."""
    draft = await the_draft(tx, name)
    findings = findings_of(_sound(draft).document, await _published(tx), taipei_date(tx.now))
    await tx.execute(CHECKED, id=name, now=tx.now)
    return await the_draft(tx, name), findings


async def publish_draft(tx: Transaction, name: str, publish: PublishDraft) -> Version:
    """Waits for recalculations under way with the old book. Raises NoSuchDraft, DraftChanged, NotARuleSet, RuleSetNotReady."""
    await hold_book_alone(tx)
    draft = await the_draft(tx, name, publish.revision)
    rule_set, published = _sound(draft), await _published(tx)
    found = findings_of(rule_set.document, published, taipei_date(tx.now))
    _refuse([each for each in found if not (each.waivable and each.slug in publish.waive)])
    others = [each for each in published if each.id != name]
    RuleBook([*others, rule_set])  # the findings have ruled out that it refuses
    await tx.execute(SUPERSEDE, id=name)
    await tx.execute(PUBLISH, id=name, by=tx.actor.account_id if tx.actor else None, now=tx.now, reason=publish.reason)
    professions = {code for each in published if each.id == name for code in each.professions} | set(
        rule_set.professions
    )
    generation = await versions.move_book(tx, professions)
    await announce(tx, rule_set)
    tx.audit(
        "rule_set.published",
        subject_type="rule_set",
        subject_id=name,
        reason=publish.reason,
        after={
            "version": draft.version,
            "digest": draft.digest,
            "effective_from": draft.effective_from,
            "generation": generation,
            "waived": sorted({each.slug for each in found}),
        },
    )
    tx.after_commit(nudge)
    return (await versions.find(tx, versions.OF_ONE, id=name))[0]


def _sound(draft: Version) -> RuleSet:
    """Read anew: a check may have been made since it was drafted. Raises NotARuleSet."""
    read(draft.document, draft.format, "document")
    return draft.parsed()


async def _published(tx: Transaction) -> list[RuleSet]:
    return [each.parsed() for each in await versions.find(tx, versions.PUBLISHED)]


def _refuse(standing: list[Finding]) -> None:
    if standing:
        raise RuleSetNotReady(errors=[FieldError(f"document.{f.path}", f.slug, f.message) for f in standing])
