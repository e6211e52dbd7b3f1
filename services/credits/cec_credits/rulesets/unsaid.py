"""Where a ground for not counting stands when a rule set does not say: nowhere, and why the system treats it so all the same.

A rule set that has an article for it says so in its `grounds`, and that is told instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cec_credits.rulesets.document import Sourced


def _unsaid(zh: str, en: str) -> Sourced:
    return Sourced(verified=False, note=f"{zh} / {en}")


UNSAID: Final = _unsaid(
    "本規則版本未載明出處，依系統之處理方式。",
    "The rule set does not say where this stands; it is how the system treats it.",
)
GROUNDS_UNSAID: Final[Mapping[str, Sourced]] = {
    "WRONG_PROFESSION": _unsaid(
        "積分係按人員類別核給；本規則版本未明文他類別之積分不計。",
        "Points are approved for a profession; the rule set has no article that those of another one do not count.",
    ),
    "WRONG_PURPOSE": _unsaid(
        "積分用途由開課單位申請並經審查單位核定；本規則版本僅規範執業執照更新。",
        "What points are for is applied for and approved with them; these rules are about the practice licence only.",
    ),
    "ACTIVITY_NOT_APPROVED": _unsaid(
        "未經審查單位核定者無積分；本規則版本未載明條文。",
        "Without an approval there are no points; the rule set names no article.",
    ),
    "APPROVAL_WITHDRAWN": _unsaid(
        "核定經撤銷者無積分；本規則版本未載明條文。",
        "Without an approval that stands there are no points; the rule set names no article.",
    ),
    "RECOGNITION_VOID": _unsaid(
        "審查單位違反規定之認定不生效力；本規則版本未載明條文。",
        "What a review unit recognised in breach of the rules has no effect; the rule set names no article.",
    ),
    "DISCIPLINARY_NOT_OFFSETTABLE": _unsaid(
        "懲戒命令之繼續教育不得抵充；本規則版本未載明條文。",
        "Education that was ordered as a discipline offsets nothing; the rule set names no article.",
    ),
    "BELOW_MIN_PRESENCE": _unsaid(
        "出席時間未達開課單位之要求，視為未出席；規定未明文。",
        "Who was there for less than the unit asks counts as absent; the regulation is silent.",
    ),
    "IDENTITY_UNMATCHED": _unsaid(
        "無法確認出席者身分，不能歸入任何人；規定未明文。",
        "Nobody could be told to be the one who attended; the regulation is silent.",
    ),
    "LATE_REGISTRATION_REJECTED": _unsaid(
        "逾期登錄未獲同意；登錄期限由主管機關訂定，規定未明文其效果。",
        "It was registered late and not accepted; the time limit is the authority's, the regulation is silent on its effect.",
    ),
    "SUPERSEDED_BY_CORRECTION": _unsaid(
        "已由更正後之紀錄取代，以更正後為準；規定未明文。",
        "A corrected record stands in its place, and that one counts; the regulation is silent.",
    ),
    "ATTENDANCE_WITHDRAWN": _unsaid(
        "出席紀錄已撤回，視為未出席；規定未明文。如有疑義請洽開課單位。",
        "The attendance was withdrawn and counts as none; the regulation is silent. In doubt ask the offering unit.",
    ),
    "NOT_YET_EFFECTIVE": _unsaid(
        "系統自課程結束當日起計入；規定未明文。",
        "The system counts a course from the day on which it ends; the regulation is silent.",
    ),
    "DUPLICATE_COURSE": _unsaid(
        "同一課程或論文每人以一次計；規定未明文。",
        "One person counts once for a course and for a paper; the regulation is silent.",
    ),
}
