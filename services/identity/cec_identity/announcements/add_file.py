"""Upload a file for an announcement. It shows once words that name it are published."""

from __future__ import annotations

import hashlib
from uuid import UUID

from cec_chassis.database import Transaction
from cec_chassis.problems import FieldError, ValidationFailed
from cec_identity.announcements.files import CheckedFile
from cec_identity.announcements.store import count_files, insert_file
from cec_identity.announcements.write_announcement import announcement_to_write

MOST_UPLOADS = 50
"""Of one announcement in all its versions: nobody fills the database through it."""


async def add_file(tx: Transaction, announcement_id: UUID, file: CheckedFile) -> UUID:
    """The new file's id.

    Raises:
        NotFound, NotYourAnnouncement.
        ValidationFailed: too many were uploaded already.
    """
    known = await announcement_to_write(tx, announcement_id)
    if await count_files(tx, known.announcement_id) >= MOST_UPLOADS:
        message = f"此公告上傳已達 {MOST_UPLOADS} 個檔案 / {MOST_UPLOADS} files were uploaded for it already"
        raise ValidationFailed(errors=[FieldError("body", "too-many-files", message)])
    sha256 = hashlib.sha256(file.content).hexdigest()
    file_id = await insert_file(tx, announcement_id, file, sha256)
    tx.audit(
        "announcement.file_added",
        subject_type="announcement",
        subject_id=announcement_id,
        after={"file_id": file_id, "name": file.name, "size": len(file.content), "sha256": sha256},
    )
    return file_id
