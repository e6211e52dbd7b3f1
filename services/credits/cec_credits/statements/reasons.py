"""The catalogue of texts: for each reason code, what a person reads in Traditional Chinese and in English.

The engine stores codes and parameters only; a text is made when somebody looks. ``{…}`` are parameters of the detail.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final

from cec_credits.rulesets.document import Words
from cec_credits.rulesets.words import AREAS, PERIODS, ROLES
from cec_credits.statements.domain import Entry, Loss, Note, Requirement
from cec_credits.statements.roc import roc

LOSSES: Final = {
    "WRONG_PROFESSION": Words(
        zh="本筆採認之醫事人員類別（{profession}）非本次查詢之類別，不列入本統計。",
        en="Approved for another profession ({profession}); no part of this statement.",
    ),
    "WRONG_PURPOSE": Words(
        zh="本筆之積分用途非執業執照更新，不列入本統計。",
        en="Approved for another purpose than the practice licence; no part of this statement.",
    ),
    "OUT_OF_WINDOW_BEFORE": Words(
        zh="於 {ended} 結束，早於計算期間起日 {since}，不列入本期。",
        en="Ended on {ended}, before the window begins on {since}; not part of this cycle.",
    ),
    "OUT_OF_WINDOW_AFTER": Words(
        zh="於 {ended} 結束，晚於計算期間迄日 {until}，不列入本期。",
        en="Ended on {ended}, after the window closed on {until}; not part of this cycle.",
    ),
    "ACTIVITY_NOT_APPROVED": Words(zh="課程未經採認，不計積分。", en="The course was not approved."),
    "APPROVAL_WITHDRAWN": Words(zh="課程之採認已撤銷，不計積分。", en="The approval of the course was withdrawn."),
    "RECOGNITION_VOID": Words(
        zh="未依規定採認之課程，不生採認之效果。", en="Recognised contrary to the rules; the recognition has no effect."
    ),
    "DISCIPLINARY_NOT_OFFSETTABLE": Words(
        zh="受懲戒處分應接受之繼續教育，不得抵充。", en="Imposed as a disciplinary measure; it cannot be set off."
    ),
    "NOT_YET_EFFECTIVE": Words(
        zh="課程於 {ends} 結束後始得列入計算。", en="The course ends on {ends}; it counts only once it has ended."
    ),
    "BELOW_MIN_PRESENCE": Words(zh="出席時間未達最低標準。", en="Attendance was below the required minimum."),
    "IDENTITY_UNMATCHED": Words(
        zh="身分資料與醫事人員資料不符。", en="The identity given matches no practitioner's record."
    ),
    "LATE_REGISTRATION_REJECTED": Words(zh="逾期補登之申請未獲同意。", en="The late registration was refused."),
    "SUPERSEDED_BY_CORRECTION": Words(zh="已由更正後之紀錄取代。", en="Replaced by a corrected record."),
    "ATTENDANCE_WITHDRAWN": Words(zh="出席紀錄已撤銷。", en="The attendance was withdrawn."),
    "DUPLICATE_COURSE": Words(
        zh="與紀錄 {with} 為同一課程或同一論文，僅計其中一筆。",
        en="Record {with} is of the same course or paper; one of the two counts.",
    ),
    "OVERLAP_TIME": Words(
        zh="與紀錄 {with} 之時間重疊，依規則不計。",
        en="Its time overlaps record {with}; by this rule set it does not count.",
    ),
    "CONTENT_REPEATED": Words(
        zh="與紀錄 {with} 之課程名稱及開課單位相同，依規則僅計較早者。",
        en="Record {with} has the same title and offering unit; by this rule set the earlier one counts.",
    ),
    "ROLE_NOT_CREDITED": Words(
        zh="此實施方式未就該身分（{role}）訂定積分。", en="This method gives no points in this role ({role})."
    ),
    "METHOD_UNKNOWN": Words(
        zh="當時之規定無此實施方式（{method}）。", en="The rules of that day know no such method ({method})."
    ),
    "METHOD_NOT_FOR_PROFESSION": Words(
        zh="此實施方式（{method}）不適用於該類醫事人員。", en="This method ({method}) is not open to this profession."
    ),
    "MEASURE_MISSING": Words(
        zh="紀錄未載明計算積分所需之時數或數量。",
        en="The record lacks the minutes or the quantity that points are based on.",
    ),
    "CAPPED_PERIOD": Words(
        zh="{methods} {per}（{period}）以 {cap} 點為限，已達上限，本筆 {amount} 點無效。",
        en="{methods}: at most {cap} points per {per} ({period}), reached before; all {amount} are invalid.",
    ),
    "COUNTED_PARTIAL_CAP_PERIOD": Words(
        zh="{methods} {per}（{period}）以 {cap} 點為限，本筆超過之 {amount} 點無效。",
        en="{methods}: at most {cap} points per {per} ({period}); the {amount} beyond are invalid.",
    ),
    "CAPPED_METHOD": Words(
        zh="{methods} {per}以 {cap} 點為限，已達上限，本筆 {amount} 點無效。",
        en="{methods}: at most {cap} points per {per}, reached before; all {amount} are invalid.",
    ),
    "COUNTED_PARTIAL_CAP_METHOD": Words(
        zh="{methods} {per}以 {cap} 點為限，本筆超過之 {amount} 點無效。",
        en="{methods}: at most {cap} points per {per}; the {amount} beyond are invalid.",
    ),
    "CAPPED_QEL": Words(
        zh="專業品質、倫理及相關法規課程超過 {cap} 點者以 {cap} 點計，已達上限；本筆 {amount} 點有效但不計入標準。",
        en="Quality, ethics and regulations count up to {cap}, reached before; these {amount} are valid and add nothing.",
    ),
    "COUNTED_PARTIAL_CAP_QEL": Words(
        zh="專業品質、倫理及相關法規課程超過 {cap} 點者以 {cap} 點計；本筆超過之 {amount} 點有效但不計入標準。",
        en="Quality, ethics and regulations count up to {cap}; the {amount} beyond are valid and add nothing.",
    ),
}
"""Why points did not count."""

NOTES: Final = {
    "PENDING_CHANGE": Words(
        zh="異動中：審查單位自 {since} 起審酌是否變更本課程之核定（{why}），決定前仍依原核定計算。",
        en="The review unit has been examining since {since} whether to change this approval ({why}); until it decides, "
        "the approval stands.",
    ),
    "MULTIPLIER_REMOTE_1_5": Words(
        zh="於{area}執業，積分 {base} 點以 {factor} 倍計為 {points} 點。",
        en="Practising in a {area}: {base} points count {factor} times, {points}.",
    ),
    "MULTIPLIER_OFFSHORE_2": Words(
        zh="於{area}執業，積分 {base} 點以 {factor} 倍計為 {points} 點。",
        en="Practising on an {area}: {base} points count {factor} times, {points}.",
    ),
    "ENDS_AFTER_WINDOW": Words(
        zh="於計算期間迄日 {until} 之後結束，屆時不列入本期。",
        en="It ends after the window closes on {until} and will not be part of this cycle.",
    ),
    "OVERLAP_TIME": Words(
        zh="與紀錄 {with} 之時間重疊；僅提示，未扣除積分。",
        en="Its time overlaps record {with}; shown only, nothing is taken.",
    ),
    "CONTENT_REPEATED": Words(
        zh="與紀錄 {with} 之課程名稱及開課單位相同；僅提示，未扣除積分。",
        en="Record {with} has the same title and offering unit; shown only, nothing is taken.",
    ),
}
"""What is worth saying and takes no points."""

APPROVED: Final = Words(zh="審查單位於 {decided} 核定 {awarded} 點。", en="Approved on {decided}: {awarded} points.")
APPROVED_IN_PART: Final = Words(
    zh="審查單位於 {decided} 核定 {awarded} 點；課程 {of} 分鐘，出席 {minutes} 分鐘，按比例為 {points} 點。",
    en="Approved on {decided}: {awarded} points for {of} minutes; {minutes} were attended, which gives {points}.",
)
"""On what approved points rest."""

COUNTED: Final = Words(zh="全數計入。", en="Counts in full.")

ANOMALIES: Final = {
    "LICENCE_UNDER_4_YEARS": Words(
        zh="執業執照效期少於 4 年，屬異常資料，請洽衛生局更正。",
        en="The licence is valid for less than 4 years, which is abnormal; the health bureau can correct it.",
    ),
    "LICENCE_OVER_6_YEARS": Words(
        zh="執業執照效期超過 6 年，屬異常資料，請洽衛生局更正。",
        en="The licence is valid for more than 6 years, which is abnormal; the health bureau can correct it.",
    ),
}
"""What looks wrong in the licence itself."""

NO_LICENCE: Final = Words(
    zh="登記資料中查無此人員類別之執業執照；未自訂期間者，期間自基準日往前推算。如領有執照，請洽衛生局更正資料。",
    en="No licence of this profession is registered for the person; unless a period is asked for, it is "
    "reckoned back from the day of the statement. If there is a licence, the health bureau can correct the data.",
)
"""Said where a statement has no licence."""

LINES: Final = {
    "total": Words(
        zh="積分數需達 {target} 點，目前計入 {current} 點",
        en="{target} points are needed in all; {current} count so far",
    ),
    "professional": Words(
        zh="專業課程積分需達 {target} 點，目前為 {current} 點",
        en="{target} points of professional courses are needed; {current} so far",
    ),
    "limited": Words(
        zh="{attributes}課程積分合計需達 {target} 點，目前為 {current} 點{cap}",
        en="{target} points of {attributes} are needed; {current} so far{cap}",
    ),
    "infection_control": Words(
        zh="感染管制之課程至少 {target} 堂，目前為 {current} 堂",
        en="Courses on infection control, at least {target}; {current} so far",
    ),
    "gender": Words(
        zh="性別議題之課程至少 {target} 堂，目前為 {current} 堂",
        en="Courses on gender topics, at least {target}; {current} so far",
    ),
}
"""The requirement lines, in their fixed order."""

CAPPED_LINE: Final = Words(zh="，超過僅可計 {cap} 點", en=", at most {cap} of them count")
MET: Final = Words(zh="符合", en="met")
NOT_MET: Final = Words(zh="不符合", en="not met")
VERDICTS: Final = {
    True: Words(zh="已達換照標準", en="The standard for renewal is met"),
    False: Words(zh="未達換照標準", en="The standard for renewal is not met"),
}

VERDICTS_OF_OCCASIONS: Final = {
    True: Words(zh="已達本情形之積分標準", en="What this occasion asks for is met"),
    False: Words(zh="未達本情形之積分標準", en="What this occasion asks for is not met"),
}

_WORDS: Final = {"per": PERIODS, "role": ROLES, "area": AREAS}


def of_loss(loss: Loss) -> Words:
    """What a loss means. A ground the catalogue does not know is told by its code."""
    text = LOSSES.get(loss.reason) or Words(zh=f"不計積分（{loss.reason}）。", en=f"Not counted ({loss.reason}).")
    return _filled(text, {**loss.detail, "amount": loss.amount})


def of_note(note: Note, entry: Entry) -> Words:
    """What a note on an entry means."""
    terms = entry.terms
    detail = {"factor": terms.factor, "area": terms.area, "base": entry.base, "points": entry.raw, **note.detail}
    return _filled(NOTES[note.reason], detail)


def of_approval(decided: date, awarded: Decimal, minutes: int | None, of: int, points: Decimal) -> Words:
    """What was decided about a course, and what share of it was attended; `minutes` null: all of it."""
    if minutes is None:
        return _filled(APPROVED, {"decided": decided, "awarded": awarded})
    detail = {"decided": decided, "awarded": awarded, "of": of, "minutes": minutes, "points": points}
    return _filled(APPROVED_IN_PART, detail)


@lru_cache(maxsize=16_384)  # the same few sentences for everybody: made once, not a million times in a recalculation
def of_requirement(line: Requirement, attributes: Words, further: Words | None) -> Words:
    """One requirement line with its verdict; ``further`` is the name of a line beyond the five."""
    verdict = MET if line.met else NOT_MET
    text = LINES.get(line.key)
    if text is None:
        named = further or Words(zh=line.key, en=line.key)
        text = Words(
            zh=named.zh + "需達 {target} 點，目前為 {current} 點",
            en=named.en + ": {target} points are needed; {current} so far",
        )
    capped = Words(zh="", en="") if line.cap is None else _filled(CAPPED_LINE, {"cap": line.cap})
    values = {"target": _number(line.target), "current": _number(line.current)}
    return Words(
        zh=text.zh.format(**values, attributes=attributes.zh, cap=capped.zh) + f"：{verdict.zh}",
        en=text.en.format(**values, attributes=attributes.en, cap=capped.en) + f": {verdict.en}",
    )


def _filled(text: Words, detail: Mapping[str, object]) -> Words:
    return _filled_once(text, tuple(detail.items()))


@lru_cache(maxsize=16_384)  # most records of a statement, and of all statements, say one of a few sentences
def _filled_once(text: Words, detail: tuple[tuple[str, object], ...]) -> Words:
    said = {key: _said(key, value) for key, value in detail}
    return Words(
        zh=text.zh.format_map({key: words.zh for key, words in said.items()}),
        en=text.en.format_map({key: words.en for key, words in said.items()}),
    )


def _said(key: str, value: object) -> Words:
    """A parameter as it is read: a word of the field in either language, a number, a day, a list of methods."""
    named = _WORDS.get(key)
    if named is not None and str(value) in named:
        return named[str(value)]
    if isinstance(value, tuple):
        return Words(zh="、".join(value), en=", ".join(value))
    if isinstance(value, date):
        return Words(zh=roc(value), en=value.isoformat())
    text = _number(value) if isinstance(value, Decimal) else str(value)
    return Words(zh=text, en=text)


def _number(value: Decimal) -> str:
    """Without needless zeros: 60, 1.5, 3.60."""
    return str(value.to_integral_value()) if value == value.to_integral_value() else str(value)
