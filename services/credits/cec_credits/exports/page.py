"""The verification as a page, for whoever scans the code of a document with a telephone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from html import escape
from typing import Final

from cec_chassis.clock import TAIPEI
from cec_credits import texts
from cec_credits.exports.refusals import UnknownDocument
from cec_credits.exports.verify import Validity, Verification
from cec_credits.rulesets.document import Words

_PAGE: Final = """<!doctype html>
<html lang="zh-Hant-TW"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><title>{title}</title>
<style>body{{font:16px/1.6 system-ui,"Noto Sans CJK TC","Noto Sans TC",sans-serif;color:#1d2b36}}
body{{max-width:40rem;margin:0 auto;padding:1rem}}
p.verdict{{padding:.8rem 1rem;border-left:.4rem solid {colour};background:#f2f5f7;font-weight:600}}
table{{border-collapse:collapse;width:100%}}
th,td{{text-align:left;padding:.4rem .5rem;border-bottom:1px solid #c9d2d9;font-weight:400}}
td{{font-variant-numeric:tabular-nums}}</style></head>
<body><main><h1>{heading_zh}<br><small lang="en">{heading_en}</small></h1>
<p class="verdict">{zh}<br><span lang="en">{en}</span></p>{table}</main></body></html>
"""
HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
    "Referrer-Policy": "no-referrer",
    "Vary": "Accept",
}
_TITLE: Final = texts.both("verification.title")
_HEADING: Final = texts.words("verification.heading")
_COLOURS: Final = {Validity.UNCHANGED: "#1f7a34", Validity.SUPERSEDED: "#9a6300", Validity.CHANGED: "#b3261e"}
_STANDARD: Final = {
    True: texts.both("verification.met", " "),
    False: texts.both("verification.not_met", " "),
    None: texts.both("verification.not_judged", " "),
}


def _moment(at: datetime) -> str:
    return f"{at.astimezone(TAIPEI):%Y-%m-%d %H:%M:%S}"


_FACTS: Final[tuple[tuple[str, Callable[[Verification], str]], ...]] = (
    (texts.both("verification.issued_at", " "), lambda it: _moment(it.issued_at)),
    (texts.both("verification.as_of", " "), lambda it: f"{it.as_of}（{it.as_of_roc}）"),
    (texts.both("verification.window", " "), lambda it: f"{it.totals.since} – {it.totals.until}"),
    (texts.both("verification.known_by", " "), lambda it: _moment(it.known_by or it.issued_at)),
    (texts.both("verification.occasion", " "), lambda it: f"{it.occasion.zh} {it.occasion.en}"),
    (texts.both("verification.rule_set", " "), lambda it: it.totals.rule_set),
    (texts.both("verification.valid", " "), lambda it: f"{it.totals.valid:.2f}"),
    (texts.both("verification.invalid", " "), lambda it: f"{it.totals.invalid:.2f}"),
    (texts.both("verification.pending", " "), lambda it: f"{it.totals.pending:.2f}"),
    (texts.both("verification.counted", " "), lambda it: f"{it.totals.counted:.2f}"),
    (
        texts.both("verification.standard", " "),
        lambda it: _STANDARD[None if it.totals.judged is False else it.totals.met],
    ),
)


def page_of(found: Verification) -> str:
    """The same facts as the JSON answer has, and no others."""
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(value(found))}</td></tr>' for name, value in _FACTS
    )
    return _page(_COLOURS[found.validity], found.text, f"<table>{rows}</table>")


def page_of_unknown() -> str:
    """For a token that was never given out."""
    zh, _, en = UnknownDocument.title.partition(" / ")
    return _page("#b3261e", Words(zh=zh, en=en), "")


def _page(colour: str, text: Words, table: str) -> str:
    return _PAGE.format(
        title=escape(_TITLE),
        heading_zh=escape(_HEADING.zh),
        heading_en=escape(_HEADING.en),
        colour=colour,
        zh=escape(text.zh),
        en=escape(text.en),
        table=table,
    )
