"""Pages of a list: by number with a total, or by cursor where a total would cost more than it tells."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from litestar.params import QueryParameter

from cec_chassis.problems import FieldError, ValidationFailed

Item = TypeVar("Item")
LARGEST_PAGE = 200
DEFAULT_PAGE = 50
FARTHEST_PAGE = 100_000


class Paging(msgspec.Struct, frozen=True):
    """Which page a client asks for. A handler that has an argument `paging: Paging` gets it from the query string."""

    page: int = 1
    page_size: int = DEFAULT_PAGE

    @property
    def limit(self) -> int:
        """For SQL's LIMIT."""
        return self.page_size

    @property
    def offset(self) -> int:
        """For SQL's OFFSET."""
        return (self.page - 1) * self.page_size

    def of(self, items: Sequence[Item], total: int) -> Page[Item]:
        """The answer: this page's items and how many there are on all pages."""
        return Page(items=items, total=total, page=self.page, page_size=self.page_size)


class Page(msgspec.Struct, Generic[Item], frozen=True, kw_only=True):
    """One page of a list; pages count from 1, `total` counts the items of all pages."""

    items: Sequence[Item]
    total: int
    page: int
    page_size: int


class CursorPage(msgspec.Struct, Generic[Item], frozen=True, kw_only=True):
    """One stretch of a long list; `next_cursor` asks for the stretch after it, and is null at the end."""

    items: Sequence[Item]
    next_cursor: str | None = None


async def paging_of_query(
    page: Annotated[int, QueryParameter(ge=1, le=FARTHEST_PAGE, description="頁碼,自 1 起 / Page, from 1")] = 1,
    page_size: Annotated[
        int, QueryParameter(ge=1, le=LARGEST_PAGE, description="每頁筆數 / Items on a page")
    ] = DEFAULT_PAGE,
) -> Paging:
    """Litestar dependency `paging`."""
    return Paging(page, page_size)


def encode_cursor(*position: Any) -> str:
    """The sort values of the last item as an opaque text for the client to hand back."""
    return base64.urlsafe_b64encode(msgspec.json.encode(position)).rstrip(b"=").decode()


def decode_cursor(cursor: str, kind: type[Item]) -> Item:
    """The sort values in a cursor; `kind` is a tuple type such as `tuple[datetime, UUID]`.

    Raises:
        ValidationFailed: the text is no cursor of this list.
    """
    try:
        raw = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        return msgspec.json.decode(raw, type=kind)
    except (UnicodeEncodeError, binascii.Error, msgspec.DecodeError):
        raise ValidationFailed(
            errors=[FieldError("query.cursor", "wrong-format", "不是此清單的游標 / Not a cursor of this list")]
        ) from None
