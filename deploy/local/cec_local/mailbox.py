"""The mail server of the local stack: it takes every mail and keeps it as two files, nothing leaves the machine.

`0001-lin@example.org.eml` is the mail as it arrived, `0001-lin@example.org.txt` its text to be read at a glance.
"""

from __future__ import annotations

import asyncio
import email
import re
import signal
import sys
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from aiosmtpd import smtp

from cec_local.ports import LOOPBACK
from cec_local.processes import ChildProcess

_UNUSUAL = re.compile(r"[^0-9A-Za-z@._+-]")


class Mailbox:
    """The mail server as a child process; what it got is below `folder`."""

    def __init__(self, folder: Path, port: int, *, log_directory: Path, run_directory: Path) -> None:
        self.folder = folder
        self.port = port
        self.process = ChildProcess(
            "mailbox",
            [sys.executable, "-m", "cec_local.mailbox", str(port), str(folder)],
            log=log_directory / "mailbox.log",
            pid_file=run_directory / "mailbox.pid.json",
        )

    def start(self) -> None:
        """Mail that comes before it listens is tried again by whoever sends it."""
        self.process.start()

    def stop(self) -> None:
        """Safe to call at any moment and again."""
        self.process.stop()

    def environment(self) -> dict[str, str]:
        """What identity needs to know of it."""
        return {"CEC_SMTP_HOST": LOOPBACK, "CEC_SMTP_PORT": str(self.port), "CEC_MAIL_FROM": "no-reply@cec.localhost"}


class Keeper:
    """Keeps each mail under the next free number."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._kept = max((int(path.name[:4]) for path in folder.glob("[0-9][0-9][0-9][0-9]-*.eml")), default=0)

    async def handle_DATA(self, _server: object, _session: object, envelope: smtp.Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Keeps it and says so."""
        content = envelope.content
        assert isinstance(content, bytes)
        self._kept += 1
        whom = _UNUSUAL.sub("_", envelope.rcpt_tos[0])[:100]
        name = f"{self._kept:04d}-{whom}"
        self._keep(f"{name}.txt", readable(content).encode())
        self._keep(f"{name}.eml", content)
        return "250 kept"

    def _keep(self, name: str, content: bytes) -> None:
        """In one step: whoever looks into the folder meanwhile finds the whole mail or none."""
        scratch = self._folder / f"{name}.part"
        scratch.write_bytes(content)
        scratch.replace(self._folder / name)


def readable(content: bytes) -> str:
    """Whom it is to, what it is about, and its text."""
    mail = email.message_from_bytes(content, policy=SMTP)
    assert isinstance(mail, EmailMessage)
    part = mail.get_body(("plain",))
    text = "" if part is None else part.get_content()
    return f"To: {mail['To']}\nSubject: {mail['Subject']}\n\n{text}"


async def serve(port: int, folder: Path) -> None:
    """Until SIGTERM."""
    stop = asyncio.Event()
    running = asyncio.get_running_loop()
    running.add_signal_handler(signal.SIGTERM, stop.set)
    keeper = Keeper(folder)
    async with await running.create_server(lambda: smtp.SMTP(keeper, hostname="cec.localhost"), LOOPBACK, port):
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
