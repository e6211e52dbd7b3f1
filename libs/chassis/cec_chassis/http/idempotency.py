"""The same command sent twice happens once: `Idempotency-Key`, kept in the command's own transaction.

The row is inserted before anything else. A second request with the same key waits at that row until the first has
committed, then gets the first one's answer; if the first was refused or died, its row is gone with it and the second
runs. So there is never a key without its effect, nor an effect without its key.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType

from cec_chassis.database import Transaction
from cec_chassis.http.requests import HttpRequest
from cec_chassis.problems import FieldError, Refusal, ValidationFailed

HEADER = "Idempotency-Key"
REPLAYED_HEADER = "Idempotency-Replayed"
_KEY = re.compile(r"[\x21-\x7e]{1,200}")


class IdempotencyKeyReused(Refusal):
    """The key has been used for another request; the client must make a new one for each command."""

    slug = "idempotency-key-reused"
    status = 422
    title = "Idempotency-Key 已用於不同的請求 / The key was used for a different request"


class StoredAnswer(NamedTuple):
    """An answer as it was first given."""

    status: int
    content_type: str
    body: bytes


def key_of(request: HttpRequest) -> str | None:
    """The key that the client sent, if any.

    Raises:
        ValidationFailed: the header is no key of 1 to 200 visible ASCII characters.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not _KEY.fullmatch(key):
        message = "須為 1 至 200 個可見 ASCII 字元 / Must be 1 to 200 visible ASCII characters"
        raise ValidationFailed(errors=[FieldError(f"header.{HEADER}", "wrong-format", message)])
    return key


async def hash_of(request: HttpRequest) -> bytes:
    """SHA-256 of what the client asks for: method, path, query, content type and body.

    Of a multipart form the parts are hashed and not the bytes, because its boundary differs from one try to the next.
    """
    digest = sha256()
    scope = request.scope
    kind = request.content_type[0]
    for part in (scope["method"], scope["path"], scope["query_string"].decode("latin-1"), kind):
        digest.update(part.encode() + b"\0")
    if kind != RequestEncodingType.MULTI_PART:
        digest.update(await request.body())
        return digest.digest()
    for name, value in (await request.form()).multi_items():
        digest.update(name.encode() + b"\0")
        if isinstance(value, UploadFile):
            await value.seek(0)
            digest.update(value.filename.encode() + b"\0" + await value.read())
            await value.seek(0)
        else:
            digest.update(str(value).encode())
        digest.update(b"\0")
    return digest.digest()


async def claim(tx: Transaction, account_id: UUID, key: str, request_hash: bytes) -> StoredAnswer | None:
    """Take the key for this request, or get the answer that was given under it.

    Raises:
        IdempotencyKeyReused: the key belongs to a different request.
    """
    taken = await tx.one_or_none(
        """
        INSERT INTO idempotency_keys (account_id, key, request_hash, created_at)
        VALUES (:account_id, :key, :request_hash, :now)
        ON CONFLICT (account_id, key) DO NOTHING RETURNING key
        """,
        account_id=account_id,
        key=key,
        request_hash=request_hash,
        now=tx.now,
    )
    if taken is not None:
        return None
    known = await tx.one(
        """
        SELECT request_hash, status, content_type, body FROM idempotency_keys
        WHERE account_id = :account_id AND key = :key
        """,
        account_id=account_id,
        key=key,
    )
    if known.request_hash != request_hash:
        raise IdempotencyKeyReused(
            errors=[FieldError(f"header.{HEADER}", "already-used", "請使用新的鍵值 / Use a new key for a new request")]
        )
    return StoredAnswer(known.status, known.content_type, known.body)


async def remember(tx: Transaction, account_id: UUID, key: str, answer: StoredAnswer) -> None:
    """Keep the answer under the key that :func:`claim` took in this transaction."""
    await tx.execute(
        """
        UPDATE idempotency_keys SET status = :status, content_type = :content_type, body = :body
        WHERE account_id = :account_id AND key = :key
        """,
        account_id=account_id,
        key=key,
        status=answer.status,
        content_type=answer.content_type,
        body=answer.body,
    )
