"""The verification as a page, for whoever scans the code of a document with a telephone."""

from __future__ import annotations

from html import escape
from typing import Final

from cec_chassis.clock import TAIPEI
from cec_credits.exports.refusals import UnknownDocument
from cec_credits.exports.verify import Validity, Verification

_PAGE: Final = """<!doctype html>
<html lang="zh-Hant-TW"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><title>{title}</title>
<style>body{{font:16px/1.6 system-ui,"Noto Sans CJK TC","Noto Sans TC",sans-serif;color:#1d2b36}}
body{{max-width:40rem;margin:0 auto;padding:1rem}}
p.verdict{{padding:.8rem 1rem;border-left:.4rem solid {colour};background:#f2f5f7;font-weight:600}}
table{{border-collapse:collapse;width:100%}}
th,td{{text-align:left;padding:.4rem .5rem;border-bottom:1px solid #c9d2d9;font-weight:400}}
td{{font-variant-numeric:tabular-nums}}</style></head>
<body><main><h1>積分文件查驗<br><small lang="en">Verification of a document</small></h1>
<p class="verdict">{zh}<br><span lang="en">{en}</span></p>{table}</main></body></html>
"""
HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
    "Referrer-Policy": "no-referrer",
    "Vary": "Accept",
}
_COLOURS: Final = {Validity.UNCHANGED: "#1f7a34", Validity.SUPERSEDED: "#9a6300", Validity.CHANGED: "#b3261e"}


def page_of(found: Verification) -> str:
    """The same facts as the JSON answer has, and no others."""
    totals = found.totals
    facts = (
        ("核發時間 Issued at", f"{found.issued_at.astimezone(TAIPEI):%Y-%m-%d %H:%M:%S}"),
        ("計算基準日 As of", f"{found.as_of}（{found.as_of_roc}）"),
        ("計算期間 Window", f"{totals.since} – {totals.until}"),
        ("適用規定 Rule set", totals.rule_set),
        ("有效積分 Valid", f"{totals.valid:.2f}"),
        ("無效積分 Invalid", f"{totals.invalid:.2f}"),
        ("未生效積分 Pending", f"{totals.pending:.2f}"),
        ("計入積分 Counted", f"{totals.counted:.2f}"),
        ("換照標準 Standard", "已達 met" if totals.met else "未達 not met"),
    )
    rows = "".join(f'<tr><th scope="row">{escape(name)}</th><td>{escape(value)}</td></tr>' for name, value in facts)
    return _PAGE.format(
        title="積分文件查驗 / Verification",
        colour=_COLOURS[found.validity],
        zh=escape(found.text.zh),
        en=escape(found.text.en),
        table=f"<table>{rows}</table>",
    )


def page_of_unknown() -> str:
    """For a token that was never given out."""
    zh, _, en = UnknownDocument.title.partition(" / ")
    return _PAGE.format(title="積分文件查驗 / Verification", colour="#b3261e", zh=zh, en=en, table="")
