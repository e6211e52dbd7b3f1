"""What changes from one rule set to another, value by value, as keys and in words. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

import msgspec

from cec_credits import texts
from cec_credits.rulesets import document as doc

Tree = Mapping[str, Any]
KEYED: Final = frozenset(
    {"standards", "further", "professions", "transitions", "profiles", "areas", "grounds", "methods", "rates", "caps"}
)
"""Keys whose members have names: the next part of a path is such a name, written in brackets."""
LABELS: Final = texts.all_of("key")
"""The keys of a document, for people."""
_ADDED: Final = texts.words("difference.added")
_REMOVED: Final = texts.words("difference.removed")
_NONE: Final = texts.words("difference.nothing")
_TRUTH: Final = {True: texts.words("difference.yes"), False: texts.words("difference.no")}
_NOTHING: Final = object()


class Difference(msgspec.Struct, frozen=True):
    """One value that differs. ``path`` names it as in the document, members of lists by what they are known by:
    ``methods[M05].rates[learner time].points``. A value is null on the side that does not have it."""

    path: str
    old: Any
    new: Any
    zh: str
    en: str


def differences(old: doc.RuleDocument | None, new: doc.RuleDocument) -> list[Difference]:
    """In the order of the document. The order of members, and of names in a list, makes no difference."""
    return list(_walk(_tree(old) if old is not None else {}, _tree(new), (), old is None))


def _walk(old: Tree, new: Tree, at: tuple[str, ...], all_new: bool) -> Iterator[Difference]:
    for key in [*new, *(key for key in old if key not in new)]:
        before, after = old.get(key, _NOTHING), new.get(key, _NOTHING)
        here = (*at, key)
        if isinstance(after, Mapping) and (isinstance(before, Mapping) or (all_new and not at)):
            yield from _walk(before if isinstance(before, Mapping) else {}, after, here, all_new)
        elif before != after:
            yield _difference(here, before, after)


def _difference(at: tuple[str, ...], before: object, after: object) -> Difference:
    label, change = _label(at), _change(before, after)
    return Difference(
        _path(at),
        None if before is _NOTHING else before,
        None if after is _NOTHING else after,
        f"{label.zh}：{change.zh}".rstrip(),
        f"{label.en}: {change.en}".rstrip(),
    )


def _change(before: object, after: object) -> doc.Words:
    if before is _NOTHING or after is _NOTHING:
        text, value = (_ADDED, _short(after)) if before is _NOTHING else (_REMOVED, _short(before))
        return doc.Words(zh=text.zh.format(value=value.zh), en=text.en.format(value=value.en))
    old, new = _short(before), _short(after)
    return doc.Words(zh=f"{old.zh} → {new.zh}", en=f"{old.en} → {new.en}")


def _path(at: tuple[str, ...]) -> str:
    path = ""
    for above, key in zip(("", *at), at, strict=False):
        path += f"[{key}]" if above in KEYED else f".{key}"
    return path.removeprefix(".")


def _label(at: tuple[str, ...]) -> doc.Words:
    """The path in both languages; names that an author chose stand as they are."""
    zh: list[str] = []
    en: list[str] = []
    above = ""
    for key in at:
        words = LABELS.get(key) if above not in KEYED else None
        if above in KEYED:
            zh[-1] += f" {key}"
            en[-1] += f" {key}"
        else:
            zh.append(words.zh if words else key)
            en.append(words.en if words else key)
        above = key
    return doc.Words(zh="／".join(zh), en=" / ".join(en))


def _short(value: object) -> doc.Words:
    """A value as a person reads it; of a whole member only its name."""
    if value is None or value == []:
        return _NONE
    if isinstance(value, bool):
        return _TRUTH[value]
    if isinstance(value, list):
        return doc.Words(zh="、".join(value), en=", ".join(value))
    if isinstance(value, Mapping):
        return doc.Words(zh=str(value.get("zh", "")), en=str(value.get("en", "")))
    return doc.Words(zh=str(value), en=str(value))


def _tree(value: object) -> Any:
    """Structs and named tables as mappings, lists of structs by what their members are known by, numbers without idle
    zeros: what means the same is equal."""
    if isinstance(value, msgspec.Struct):
        return {field: _tree(getattr(value, field)) for field in value.__struct_fields__}
    if isinstance(value, Mapping):
        return {str(key): _tree(each) for key, each in value.items()}
    if isinstance(value, tuple):
        return _members(value)
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return value.isoformat() if isinstance(value, date) else value


def _members(value: tuple[Any, ...]) -> Any:
    if not value or not isinstance(value[0], msgspec.Struct):
        return sorted(str(each) for each in value)
    found: dict[str, Any] = {}
    for each in value:
        name = base = _known_by(each)
        count = 1
        while name in found:
            count += 1
            name = f"{base} #{count}"
        found[name] = _tree(each)
    return found


def _known_by(member: msgspec.Struct) -> str:
    if isinstance(member, doc.Profession | doc.Method):
        return member.code
    if isinstance(member, doc.Rate):
        return " ".join((member.role, member.per, *member.professions))
    if isinstance(member, doc.Cap):
        return " ".join(("+".join(member.methods), member.per, *member.professions))
    if isinstance(member, doc.Transition):
        return "+".join(sorted(member.professions))
    return str(getattr(member, "key", ""))
