"""Announcements over HTTP: for those who read them, signed in or at the sign-in page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.openapi.spec import (
    OpenAPIFormat,
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    Schema,
)
from litestar.params import FromPath, FromQuery, QueryParameter

from cec_chassis.database import Database
from cec_chassis.http import HttpRequest, Page, Paging, needs
from cec_chassis.http.paging import FARTHEST_PAGE, LARGEST_PAGE
from cec_chassis.problems import NotFound
from cec_identity.announcements.domain import Category
from cec_identity.announcements.files import KINDS
from cec_identity.announcements.queries import (
    AnnouncementLine,
    AnnouncementView,
    FileContent,
    Question,
    announcement,
    search,
    seen_file,
)

PAGE_SIZE = 20
ANYBODY = needs("identity.announcements.public")
Words = Annotated[str | None, QueryParameter(min_length=1, max_length=100)]
PageNumber = Annotated[int, QueryParameter(ge=1, le=FARTHEST_PAGE, description="頁碼,自 1 起 / Page, from 1")]
PageSize = Annotated[int, QueryParameter(ge=1, le=LARGEST_PAGE, description="每頁筆數 / Items on a page")]
InForce = Annotated[
    bool | None, QueryParameter(description="true 公告中 / shown today; false 已逾公告期間 / whose time is over")
]


@dataclass
class DownloadOperation(Operation):
    """The OpenAPI text of an answer that is a file of any kind that is taken."""

    def __post_init__(self) -> None:
        file = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY))
        answer = (self.responses or {})["200"]
        assert isinstance(answer, OpenAPIResponse)
        answer.content = dict.fromkeys(KINDS.values(), file)


class AnnouncementController(Controller):
    path = "/announcements"
    tags = ("announcements",)
    guards = (needs("identity.announcements.read"),)

    @get("/")
    async def search_announcements(
        self,
        request: HttpRequest,
        database: NamedDependency[Database],
        page: PageNumber = 1,
        page_size: PageSize = PAGE_SIZE,
        category: FromQuery[Category | None] = None,
        subject: Words = None,
        content: Words = None,
        unit: Words = None,
        since: FromQuery[date | None] = None,
        until: FromQuery[date | None] = None,
        in_force: InForce = None,
    ) -> Page[AnnouncementLine]:
        """What was announced to the caller's role, now and before, the newest first. `since` and `until` are the first
        and last day of the days on which it began to show."""
        question = Question(
            category=category,
            subject=subject,
            content=content,
            unit=unit,
            since=since,
            until=until,
            in_force=in_force,
        )
        async with database.reading() as tx:
            return await search(tx, Paging(page, page_size), request.user.role, question)

    @get("/{announcement_id:uuid}")
    async def read_announcement(
        self, request: HttpRequest, announcement_id: FromPath[UUID], database: NamedDependency[Database]
    ) -> AnnouncementView:
        """One announcement, as it is published now. 404 also when it is not for the caller."""
        return await _one(database, announcement_id, request.user.role)

    @get("/{announcement_id:uuid}/files/{file_id:uuid}", operation_class=DownloadOperation)
    async def download_file(
        self,
        request: HttpRequest,
        announcement_id: FromPath[UUID],
        file_id: FromPath[UUID],
        database: NamedDependency[Database],
    ) -> Response[bytes]:
        """A file of an announcement, to be saved. 404 as above."""
        return await _file(database, announcement_id, file_id, request.user.role)


class PublicAnnouncementController(Controller):
    """What the sign-in page shows 登入首頁."""

    path = "/public-announcements"
    tags = ("announcements",)

    @get("/", guards=[ANYBODY])
    async def public_announcements(
        self,
        database: NamedDependency[Database],
        page: PageNumber = 1,
        page_size: PageSize = PAGE_SIZE,
        category: FromQuery[Category | None] = None,
    ) -> Page[AnnouncementLine]:
        """What is announced to anybody today, the newest first."""
        async with database.reading() as tx:
            return await search(tx, Paging(page, page_size), None, Question(category=category))

    @get("/{announcement_id:uuid}", guards=[ANYBODY])
    async def public_announcement(
        self, announcement_id: FromPath[UUID], database: NamedDependency[Database]
    ) -> AnnouncementView:
        """One of them. 404 also when it is not for anybody."""
        return await _one(database, announcement_id, None)

    @get("/{announcement_id:uuid}/files/{file_id:uuid}", operation_class=DownloadOperation, guards=[ANYBODY])
    async def public_file(
        self, announcement_id: FromPath[UUID], file_id: FromPath[UUID], database: NamedDependency[Database]
    ) -> Response[bytes]:
        """A file of one of them, to be saved."""
        return await _file(database, announcement_id, file_id, None)


async def _one(database: Database, announcement_id: UUID, role: str | None) -> AnnouncementView:
    async with database.reading() as tx:
        view = await announcement(tx, announcement_id, role)
    if view is None:
        raise NotFound
    return view


async def _file(database: Database, announcement_id: UUID, file_id: UUID, role: str | None) -> Response[bytes]:
    async with database.reading() as tx:
        file = await seen_file(tx, announcement_id, file_id, role)
    if file is None:
        raise NotFound
    return as_download(file, shared=role is None)


def as_download(file: FileContent, *, shared: bool) -> Response[bytes]:
    """The file such that a browser saves it and never shows or runs it in our name. A file of an id never changes."""
    ending = file.name.rpartition(".")[2]
    return Response(
        file.content,
        media_type=file.media_type,
        headers={
            "Content-Disposition": f"attachment; filename=\"file.{ending}\"; filename*=UTF-8''{quote(file.name, safe='')}",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cross-Origin-Resource-Policy": "same-origin",
            "ETag": f'"{file.sha256}"',
            "Cache-Control": f"{'public' if shared else 'private'}, max-age=3600",
        },
    )
