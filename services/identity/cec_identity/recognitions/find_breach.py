"""Find that a review unit has recognised courses contrary to the rules: what they gave has no effect, Art. 18(2).

It does not need a revocation: that is for serious cases, and at the Ministry's discretion.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from cec_chassis.clock import taipei_date
from cec_chassis.database import Transaction
from cec_chassis.ids import new_id
from cec_contracts.identity import REVIEW_UNIT_BREACH_FOUND
from cec_identity.fields.faults import Faults
from cec_identity.fields.lines import required_line
from cec_identity.recognitions.domain import Breach, Recognition
from cec_identity.recognitions.held import hold, save_and_tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was found: courses by name, or the days on which they were decided."""

    course_ids: tuple[UUID, ...]
    decided_from: date | None
    decided_until: date | None
    reason: str

    def check(self, faults: Faults, path: str, recognition: Recognition, today: date) -> None:
        """Whether it says which courses, and days on which this recognition was in force."""
        faults.text(f"{path}.reason", required_line, self.reason)
        if bool(self.course_ids) == (self.decided_from is not None):
            faults.add(path, "courses-or-period", "請列課程或期間,擇一 / Name courses, or a period, one of the two")
        if (self.decided_from is None) != (self.decided_until is None):
            faults.add(f"{path}.decided_until", "period-incomplete", "期間須有起迄日 / A period has two days")
        if self.decided_from is None or self.decided_until is None:
            return
        if self.decided_until < self.decided_from:
            faults.add(f"{path}.decided_until", "end-before-start", "不得早於起日 / Not before it begins")
        if self.decided_from < recognition.valid_from:
            faults.add(f"{path}.decided_from", "before-recognition", "不得早於認可起日 / Not before the recognition")
        last = min((recognition.valid_until, today)) if recognition.valid_until else today
        if recognition.revoked_at is not None:
            last = min(last, taipei_date(recognition.revoked_at))
        if self.decided_until > last:
            faults.add(f"{path}.decided_until", "after-recognition", f"不得晚於 {last} / Not after {last}")

    def breach(self, tx: Transaction) -> Breach:
        """As it is kept."""
        return Breach(
            breach_id=new_id(),
            course_ids=tuple(sorted(set(self.course_ids))),
            decided_from=self.decided_from,
            decided_until=self.decided_until,
            reason=self.reason.strip(),
            found_at=tx.now,
        )


async def find_breach(tx: Transaction, recognition_id: UUID, finding: Finding) -> Recognition:
    """The recognition with the finding; review withdraws what it names. Also after a revocation.

    Raises:
        NotFound.
        ValidationFailed: the finding names neither courses nor a period, or both, or days without this recognition.
    """
    held = await hold(tx, recognition_id)
    faults = Faults()
    finding.check(faults, "body", held.recognition, taipei_date(tx.now))
    faults.settle()
    breach = finding.breach(tx)
    after = held.recognition.with_breach(breach)
    await save_and_tell(tx, REVIEW_UNIT_BREACH_FOUND, held.recognition, after, reason=breach.reason, found=(breach,))
    return after
