"""Take in a report of non-delivery (RFC 3464) that a mail server sends back hours after it took a mail over."""

from __future__ import annotations

from email import message_from_bytes
from email.message import Message
from typing import NamedTuple
from uuid import UUID

import structlog

from cec_chassis.database import Transaction
from cec_chassis.problems import Refusal
from cec_identity.mail.domain import MailState
from cec_identity.mail.message import ids_of_ours
from cec_identity.mail.store import mark_returned, mark_undeliverable
from cec_identity.mail.verdict import Outcome, Verdict, of_status

LARGEST_REPORT = 200_000
"""Bytes. Reports quote the mail they are about, and ours are small."""

log = structlog.get_logger(__name__)


class ReportNotUnderstood(Refusal):
    """It is no delivery report, or is about no mail of ours."""

    slug = "delivery-report-not-understood"
    status = 422
    title = "無法辨識的退信通知 / Not a delivery report about a mail of ours"


class Report(NamedTuple):
    """What a report says. `verdict` is None when nothing is final yet (delayed, relayed)."""

    mail_id: UUID
    verdict: Verdict | None


def read_report(key: bytes, content: bytes) -> Report:
    """The report in `content`, the bytes of a mail. Pure; the id it is about must carry our signature.

    Raises:
        ReportNotUnderstood.
    """
    mail = message_from_bytes(content)
    statuses = [block for part in mail.walk() for block in _blocks(part)]
    mail_id = next(ids_of_ours(key, content), None)
    if mail_id is None or not statuses:
        raise ReportNotUnderstood
    failed = (block for block in statuses if str(block.get("Action", "")).strip().lower() == "failed")
    verdicts = [verdict for block in failed if (verdict := of_status(str(block.get("Status", "")))) is not None]
    return Report(mail_id, verdicts[0] if verdicts else None)


def _blocks(part: Message) -> list[Message]:
    if part.get_content_type() != "message/delivery-status":
        return []
    blocks = part.get_payload()
    return [block for block in blocks if isinstance(block, Message)] if isinstance(blocks, list) else []


async def take_report(tx: Transaction, report: Report) -> None:
    """The mail counts as bounced or failed; an address that takes no mail is noted. A second report changes nothing."""
    if report.verdict is None:
        return
    bounced = report.verdict.outcome is Outcome.BOUNCED
    state = MailState.BOUNCED if bounced else MailState.FAILED
    address = await mark_returned(tx, report.mail_id, state, report.verdict.reason)
    if address is not None and bounced:
        await mark_undeliverable(tx, address, report.verdict.reason)
    log.info("mail.returned", mail_id=str(report.mail_id), known=address is not None)
