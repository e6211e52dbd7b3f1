"""From msgspec's words about a wrong value to a field error with a path, a stable slug and a bilingual message."""

from __future__ import annotations

import re
from typing import Any

from cec_chassis.http.choices import choices_at, form_at
from cec_chassis.http.wording import in_peoples_words
from cec_chassis.problems import FieldError

_PLACE = re.compile(r"^(?P<what>.*?)(?: - at `(?P<path>[^`]*)`| - at `key` in `(?P<keys_of>[^`]*)`)?$", re.DOTALL)
_FIELD = re.compile(r"`([^`]+)`")

# Order matters: the first pattern that fits names the fault.
_FAULTS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.DOTALL), slug)
    for pattern, slug in (
        (r"Object contains unknown field", "unknown-field"),
        (r"Object missing required field", "missing-field"),
        (r"Invalid enum value|Invalid value", "unknown-value"),
        (r"Expected .* of (at least |at most )?length", "wrong-length"),
        (r"Expected .* matching regex|with a timezone component", "wrong-format"),
        (r"Expected `[^`]*` (<|>|<=|>=|that's a multiple)", "out-of-range"),
        (r"out of range", "out-of-range"),
        (r"Expected .*, got", "wrong-type"),
        (r"^Invalid ", "wrong-format"),
    )
)


_OF_FORM = {"wrong-format", "wrong-type"}


def field_error(message: str, root: str = "body", kind: Any = None) -> FieldError:
    """What msgspec says about a value, as one field error.

    `root` names where the value came from; msgspec's `$.courses[0].starts_at` becomes `body.courses[0].starts_at`,
    and an unknown or missing field is itself part of the path. With the `kind` that was asked for, a value that is none of
    the allowed ones is answered with a list of those, and one of another form with that form.
    """
    found = _PLACE.match(message)
    assert found is not None  # the pattern fits every text
    what = found["what"]
    inside = found["path"] or found["keys_of"] or "$"
    path = inside.replace("$", root, 1)
    message = in_peoples_words(what, as_text=not root.startswith("body"))
    for pattern, slug in _FAULTS:
        if pattern.search(what):
            if slug in {"unknown-field", "missing-field"} and (field := _FIELD.search(what)):
                path = f"{path}.{field[1]}"
            if slug == "unknown-value" and kind is not None and (choices := choices_at(kind, inside)):
                chinese, _, english = message.partition(" / ")
                message = f"{chinese},可用:{'、'.join(choices)} / {english}: {', '.join(choices)}"
            if slug in _OF_FORM and kind is not None and (form := form_at(kind, inside)):
                chinese, _, english = message.partition(" / ")
                chinese_form, _, english_form = form.partition(" / ")
                message = f"{chinese},{chinese_form} / {english}: {english_form}"
            return FieldError(path, slug, message)
    return FieldError(path, "not-acceptable", message)
