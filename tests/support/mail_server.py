"""A real mail server on the loopback interface that takes, refuses, postpones, hangs or hangs up, as a test says."""

from __future__ import annotations

import asyncio
import email
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP as POLICY
from typing import Any

from aiosmtpd.controller import Controller

HANG_UP = "hang-up"
HANG = "hang"


@dataclass
class MailServer:
    """What arrived, and how the next ones are answered."""

    host: str = "127.0.0.1"
    port: int = 0
    at_rcpt: list[str] = field(default_factory=list)
    """Answers to the next recipients, first to last; when there is none, 250."""
    at_data: list[str] = field(default_factory=list)
    """Answers to the next messages. `hang-up` closes the connection, `hang` never answers."""
    always_at_rcpt: str = ""
    arrived: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        answer = self.at_rcpt.pop(0) if self.at_rcpt else self.always_at_rcpt
        if answer:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        answer = self.at_data.pop(0) if self.at_data else ""
        if answer == HANG_UP:
            server.transport.close()
            return "421 gone"
        if answer == HANG:
            await asyncio.sleep(30)
        elif answer:
            return answer
        arrived = email.message_from_bytes(envelope.content, policy=POLICY)
        assert isinstance(arrived, EmailMessage)
        self.arrived.append(arrived)
        self.recipients.extend(envelope.rcpt_tos)
        return "250 OK"


def text_of(mail: EmailMessage, kind: str = "plain") -> str:
    """The text or HTML of a mail."""
    part = mail.get_body((kind,))
    assert part is not None
    content = part.get_content()
    assert isinstance(content, str)
    return content


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """Listening on a free port until the block ends."""
    server = MailServer()
    with socket.socket() as probe:
        probe.bind((server.host, 0))
        server.port = probe.getsockname()[1]
    controller = Controller(server, hostname=server.host, port=server.port, ready_timeout=20)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()
