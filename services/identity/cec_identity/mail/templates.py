"""From a template and its values to subject, text and HTML.

Each mail is six files: subject, text and html, in both languages. Autoescape holds for HTML; a value that a template
asks for and nobody gave is an error at the moment the mail is queued, in the test of whoever forgot it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined, meta, select_autoescape

from cec_identity.accounts.profile import Language

FOLDER = Path(__file__).with_name("templates")
PARTS = ("subject", "text", "html")
GIVEN_TO_ALL = frozenset({"portal_url"})
"""Values that every template may use without being given them."""

_environment = Environment(
    loader=FileSystemLoader(FOLDER),
    undefined=StrictUndefined,
    autoescape=select_autoescape(enabled_extensions=("html",), default=False),
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


class Rendered(NamedTuple):
    """What is sent."""

    subject: str
    text: str
    html: str


class WrongValues(Exception):
    """A mail was queued with other values than its template asks for; a fault of the code, never of a person."""


@cache
def template_names() -> frozenset[str]:
    """Every mail there is."""
    return frozenset(path.name.split(".")[0] for path in FOLDER.glob("*.subject"))


@cache
def asked_for(template: str) -> frozenset[str]:
    """The names of the values that the template's files use, in both languages, without those given to all.

    Raises:
        WrongValues: there is no such template.
    """
    if template not in template_names():
        raise WrongValues(f"there is no mail template {template!r}")
    names: set[str] = set()
    for language in Language:
        for part in PARTS:
            source = (FOLDER / f"{template}.{language.value}.{part}").read_text(encoding="utf-8")
            names |= meta.find_undeclared_variables(_environment.parse(source))
    return frozenset(names - GIVEN_TO_ALL)


def check_values(template: str, given: Mapping[str, str]) -> None:
    """Raises WrongValues unless exactly what the template asks for is given."""
    asked = asked_for(template)
    if asked != set(given):
        raise WrongValues(
            f"mail {template!r}: missing {sorted(asked - set(given))}, not asked for {sorted(set(given) - asked)}"
        )


def render(template: str, language: Language, values: Mapping[str, str], portal_url: str) -> Rendered:
    """The mail's three parts. The subject is one line, whatever the values are."""
    parts = (
        _environment.get_template(f"{template}.{language.value}.{part}").render(values, portal_url=portal_url)
        for part in PARTS
    )
    subject, text, html = parts
    return Rendered(" ".join(subject.split()), text, html)
