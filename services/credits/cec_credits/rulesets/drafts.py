"""Drafting: from a text, a copy of a published version, or a file of the service; edited under an optimistic lock."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Annotated, Final

from msgspec import Meta

from cec_chassis.database import Transaction
from cec_chassis.http import Request
from cec_chassis.problems import FieldError, ValidationFailed
from cec_credits.rulesets import versions
from cec_credits.rulesets.domain import RuleSet
from cec_credits.rulesets.load import DATA, RuleSetRefused, bundled, parse
from cec_credits.rulesets.refusals import DraftChanged, DraftExists, NoSuchDraft, NoSuchRuleSet, NotARuleSet
from cec_credits.rulesets.versions import Format, Version

Text = Annotated[str, Meta(max_length=500_000)]
Note = Annotated[str, Meta(max_length=2_000)]
Revision = Annotated[int, Meta(ge=1, description="the revision that was read; an edit since then is a conflict")]

HOLD_ONE = "SELECT pg_advisory_xact_lock(hashtextextended(:id, 3))"
EDIT = """
UPDATE rule_set_versions
SET regulation = :regulation, effective_from = :effective_from, format = :format, document = :document,
    digest = :digest, note = :note, revision = revision + 1, checked_at = NULL
WHERE rule_set_id = :id AND state = 'draft' AND revision = :revision
"""
DISCARD = "DELETE FROM rule_set_versions WHERE rule_set_id = :id AND state = 'draft'"
_TOP_LEVEL: Final = re.compile(r"^\[", re.MULTILINE)
"""Where the first table of a TOML document begins: keys before it belong to the document itself."""


class Document(Request):
    """A rule set as TOML or JSON, in the shape of the files the service comes with."""

    format: Format
    text: Text


class NewDraft(Request):
    """Exactly one of `document`, `copy_of` (a published rule set) and `file` (one the service comes with).

    With `copy_of`, `rule_set` and `effective_from` name the copy and the day it takes effect; without them it is a new
    version of the same rule set.
    """

    document: Document | None = None
    copy_of: str | None = None
    file: str | None = None
    rule_set: str | None = None
    effective_from: date | None = None
    note: Note = ""


class EditDraft(Request):
    """The whole document anew."""

    revision: Revision
    document: Document
    note: Note = ""


class DiscardDraft(Request):
    """A draft that nobody wants any more."""

    revision: Revision
    reason: Annotated[str, Meta(min_length=1, max_length=2_000)]


async def draft_rule_set(tx: Transaction, new: NewDraft) -> Version:
    """Raises NotARuleSet, NoSuchRuleSet, DraftExists, ValidationFailed."""
    text, written_in = await _text_of(tx, new)
    rule_set = read(text, written_in, "body.document" if new.document else "body")
    await tx.execute(HOLD_ONE, id=rule_set.id)
    if await versions.find(tx, versions.DRAFT, id=rule_set.id):
        raise DraftExists(f"{rule_set.id}: 請修改既有草案 / edit the draft that is there")
    await versions.add(tx, rule_set, text, written_in, "draft", new.note)
    draft = await the_draft(tx, rule_set.id)
    tx.audit("rule_set.drafted", subject_type="rule_set", subject_id=draft.rule_set_id, after=_traces(draft))
    return draft


async def edit_draft(tx: Transaction, name: str, edit: EditDraft) -> Version:
    """Raises NoSuchDraft, DraftChanged, NotARuleSet."""
    before = await the_draft(tx, name)
    rule_set = read(edit.document.text, edit.document.format, "body.document")
    if rule_set.id != name:
        message = f"草案為 {name} / The draft is of {name}; draft {rule_set.id} on its own"
        raise NotARuleSet(errors=[FieldError("body.document.id", "other-rule-set", message)])
    changed = await tx.execute(
        EDIT,
        id=name,
        revision=edit.revision,
        regulation=rule_set.regulation,
        effective_from=rule_set.effective_from,
        format=edit.document.format,
        document=edit.document.text,
        digest=versions.digest_of(edit.document.text),
        note=edit.note,
    )
    if not changed.rowcount:
        raise DraftChanged
    after = await the_draft(tx, name)
    tx.audit(
        "rule_set.draft_edited",
        subject_type="rule_set",
        subject_id=name,
        before=_traces(before),
        after=_traces(after),
    )
    return after


async def discard_draft(tx: Transaction, name: str, discard: DiscardDraft) -> None:
    """Raises NoSuchDraft, DraftChanged."""
    draft = await the_draft(tx, name, discard.revision)
    await tx.execute(DISCARD, id=name)
    tx.audit(
        "rule_set.draft_discarded",
        subject_type="rule_set",
        subject_id=name,
        reason=discard.reason,
        before={**_traces(draft), "document": draft.document},
    )


async def the_draft(tx: Transaction, name: str, revision: int | None = None) -> Version:
    """The draft of a rule set; with `revision` locked, and exactly that one. Raises NoSuchDraft, DraftChanged."""
    found = await versions.find(tx, versions.DRAFT if revision is None else f"{versions.DRAFT} FOR UPDATE", id=name)
    if not found:
        raise NoSuchDraft
    if revision is not None and found[0].revision != revision:
        raise DraftChanged
    return found[0]


def read(text: str, written_in: Format, root: str) -> RuleSet:
    """Raises NotARuleSet with every fault below `root`."""
    try:
        return RuleSet(parse(text, written_in, root))
    except RuleSetRefused as refused:
        raise NotARuleSet.because(refused, root) from refused


async def _text_of(tx: Transaction, new: NewDraft) -> tuple[str, Format]:
    if [new.document, new.copy_of, new.file].count(None) != 2:
        message = "document、copy_of、file 須擇一 / Give exactly one of document, copy_of and file"
        raise ValidationFailed(errors=[FieldError("body", "one-of", message)])
    if new.document is not None:
        return new.document.text, new.document.format
    if new.file is not None:
        if new.file not in {each.id for each in bundled()}:
            raise NoSuchRuleSet(f"系統未附此檔 / The service comes with no file {new.file}")
        return (DATA / f"{new.file}.toml").read_text(encoding="utf-8"), "toml"
    published = await versions.find(
        tx, f"{versions.ALL} WHERE rule_set_id = :id AND state = 'published'", id=new.copy_of
    )
    if not published:
        raise NoSuchRuleSet
    return copied(published[0], new.rule_set, new.effective_from), published[0].format


def copied(source: Version, name: str | None, effective_from: date | None) -> str:
    """The text of a version under another name, superseding it, and from another day; comments stay where they are."""
    values: dict[str, object] = {}
    if name is not None and name != source.rule_set_id:
        values |= {"id": name, "supersedes": [source.rule_set_id]}
    if effective_from is not None:
        values["effective_from"] = effective_from.isoformat()
    if source.format == "json":
        return json.dumps(json.loads(source.document, parse_float=str) | values, ensure_ascii=False, indent=2)
    text = source.document
    for key, value in values.items():
        written = str(value) if key == "effective_from" else json.dumps(value, ensure_ascii=False)
        text = _with(text, key, written)
    return text


def _with(text: str, key: str, written: str) -> str:
    """A TOML document in which a key of its own has another value, in its line or, if it had none, in a first one."""
    table = _TOP_LEVEL.search(text)
    head, rest = (text[: table.start()], text[table.start() :]) if table else (text, "")
    line = f"{key} = {written}"
    head, found = re.subn(rf"^{key}\s*=.*$", lambda _: line, head, count=1, flags=re.MULTILINE)
    return (head if found else f"{line}\n{head}") + rest


def _traces(version: Version) -> dict[str, object]:
    """What the audit log keeps of a version; the text of a published one stays in its own row."""
    return {
        "version": version.version,
        "revision": version.revision,
        "effective_from": version.effective_from,
        "digest": version.digest,
        "note": version.note,
    }
