"""The local stack's mail server keeps what identity sends as files."""

from __future__ import annotations

import threading
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path

from aiosmtpd.smtp import Envelope
from aiosmtplib import SMTP
from aiosmtplib.errors import SMTPException
from tests.support.eventually import eventually

from cec_local.mailbox import Keeper, Mailbox
from cec_local.ports import LOOPBACK, PortBook


async def test_mails_are_kept_as_they_came_and_to_be_read_at_a_glance(tmp_path: Path) -> None:
    port = PortBook(tmp_path / "ports.json").get("mailbox")
    mailbox = Mailbox(tmp_path / "mail", port, log_directory=tmp_path / "log", run_directory=tmp_path / "run")
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "no-reply@cec.localhost", Address(addr_spec="a/l@x.org"), "開通帳號"
    mail.set_content("林技師 您好", cte="base64")

    async def sent() -> bool:
        try:
            async with SMTP(hostname=LOOPBACK, port=port, timeout=5) as client:
                await client.send_message(mail)
        except (SMTPException, OSError):
            return False
        return True

    try:
        for _ in range(2):  # numbers go on after a restart
            mailbox.start()
            await eventually(sent, within=30, what="the mailbox listens")
            mailbox.stop()
    finally:
        mailbox.stop()
    kept = sorted(path.name for path in mailbox.folder.iterdir())
    assert kept == ["0001-a_l@x.org.eml", "0001-a_l@x.org.txt", "0002-a_l@x.org.eml", "0002-a_l@x.org.txt"]
    text = (mailbox.folder / kept[1]).read_text(encoding="utf-8")
    assert "Subject: 開通帳號" in text
    assert "林技師 您好" in text
    assert mailbox.environment()["CEC_SMTP_PORT"] == str(port)


async def test_whoever_looks_while_a_mail_is_being_kept_never_finds_half_of_it(tmp_path: Path) -> None:
    content = b"Subject: long\r\n\r\n" + b"x" * 1_000_000
    envelope = Envelope()
    envelope.content, envelope.rcpt_tos = content, ["lin@example.org"]
    keeper = Keeper(tmp_path)
    seen: set[int] = set()
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            seen.update(path.stat().st_size for path in tmp_path.glob("*.eml"))

    looking = threading.Thread(target=look)
    looking.start()
    try:
        for _ in range(40):
            await keeper.handle_DATA(None, None, envelope)
    finally:
        done.set()
        looking.join()
    assert seen == {len(content)}
