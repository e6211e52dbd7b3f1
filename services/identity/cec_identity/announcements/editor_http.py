"""Announcements over HTTP: for those who write them, administrators and review units."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post, put
from litestar.di import NamedDependency
from litestar.openapi.spec import OpenAPIFormat, OpenAPIMediaType, OpenAPIType, Operation, RequestBody, Schema
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Meta

from cec_chassis.clock import TAIPEI
from cec_chassis.database import Database, Transaction
from cec_chassis.http import (
    HttpRequest,
    Page,
    Paging,
    Request,
    Role,
    expect_media_type,
    needs,
    run_command,
)
from cec_chassis.problems import NotFound
from cec_contracts.vocabulary import AccountRole
from cec_identity.announcements.add_file import add_file
from cec_identity.announcements.domain import (
    LONGEST_CONTENT,
    LONGEST_SUBJECT,
    LONGEST_TITLE,
    Announcement,
    Category,
    Link,
    State,
    Words,
    check_writer,
)
from cec_identity.announcements.editor_queries import EditedLine, EditedView, edited, edited_page
from cec_identity.announcements.files import LARGEST, checked_file
from cec_identity.announcements.http import DownloadOperation, as_download
from cec_identity.announcements.publish_announcement import publish_announcement, withdraw_announcement
from cec_identity.announcements.queries import file_content
from cec_identity.announcements.write_announcement import draft_announcement, revise_announcement

WRITING = needs("identity.announcements.write")
BYTES = "application/octet-stream"
Reason = Annotated[str, Meta(min_length=1, max_length=400, description="原因 / Why")]


class LinkRequest(Request):
    """What it is called, and where it leads: a public web site."""

    title: Annotated[str, Meta(min_length=1, max_length=2 * LONGEST_TITLE, description="名稱")]
    url: Annotated[str, Meta(min_length=1, max_length=400, description="網址")]


class WordsRequest(Request, kw_only=True):
    """What it says, to whom, how long. Without a first day it shows from its publication on; without a last, for ever."""

    subject: Annotated[str, Meta(min_length=1, max_length=2 * LONGEST_SUBJECT, description="主旨")]
    content: Annotated[str, Meta(min_length=1, max_length=2 * LONGEST_CONTENT, description="內容,純文字 / Plain text")]
    audience: Annotated[tuple[AccountRole, ...], Meta(max_length=10, description="對象 / For whom")] = ()
    public: bool = False
    shows_from: date | None = None
    shows_until: date | None = None
    files: Annotated[tuple[UUID, ...], Meta(max_length=50, description="附件 / Files, uploaded before")] = ()
    links: Annotated[tuple[LinkRequest, ...], Meta(max_length=50, description="連結 / Pages and videos elsewhere")] = ()

    def words(self, today: date) -> Words:
        """As the operation takes them."""
        return Words(
            subject=self.subject,
            content=self.content,
            audience=frozenset(self.audience),
            public=self.public,
            shows_from=self.shows_from or today,
            shows_until=self.shows_until,
            files=self.files,
            links=tuple(Link(title=each.title, url=each.url) for each in self.links),
        )


class DraftRequest(WordsRequest, kw_only=True):
    """A new announcement. Review units name the category `review_unit`, and themselves or nobody."""

    category: Category
    organisation_id: UUID | None = None


class ReviseRequest(WordsRequest, kw_only=True):
    """Newer words."""

    based_on: Annotated[int, Meta(ge=1, le=1_000_000, description="所依據之版本 / The version that was read")]


class PublishRequest(Request):
    """Whether to write to those who opted in, and why a published text is corrected."""

    mail: bool = False
    reason: Annotated[str, Meta(max_length=400)] = ""


class WithdrawRequest(Request):
    """Why."""

    reason: Reason


class WrittenView(msgspec.Struct, kw_only=True):
    """Where the announcement now is."""

    announcement_id: UUID
    state: State
    version: int
    published: int | None


class UploadedView(msgspec.Struct, kw_only=True):
    """To be named in `files` of the next words."""

    file_id: UUID
    name: str
    media_type: str
    size: int


@dataclass
class FileOperation(Operation):
    """The OpenAPI text of a body that is a file."""

    def __post_init__(self) -> None:
        self.request_body = RequestBody(
            content={BYTES: OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY))},
            description="檔案內容 / The file",
            required=True,
        )


FileName = Annotated[str, QueryParameter(min_length=1, max_length=400, description="檔名 / Name of the file")]


class AnnouncementEditorController(Controller):
    path = "/announcement-editor"
    tags = ("announcements",)

    @get("/", guards=[WRITING])
    async def list_written(
        self,
        request: HttpRequest,
        database: NamedDependency[Database],
        paging: NamedDependency[Paging],
        in_state: Annotated[State | None, QueryParameter(name="state")] = None,
        category: FromQuery[Category | None] = None,
        organisation_id: FromQuery[UUID | None] = None,
    ) -> Page[EditedLine]:
        """Announcements with drafts, the newest first; review units: their own."""
        if request.user.role == Role.REVIEW_UNIT:
            organisation_id = request.user.organisation_id or UUID(int=0)
        async with database.reading() as tx:
            return await edited_page(tx, paging, organisation_id, in_state, category)

    @get("/{announcement_id:uuid}", guards=[WRITING])
    async def read_written(
        self, request: HttpRequest, announcement_id: FromPath[UUID], database: NamedDependency[Database]
    ) -> EditedView:
        """Every text of it, publications, files and mails. 403 `not-your-announcement`, 404."""
        async with database.reading() as tx:
            return await _to_edit(tx, request, announcement_id)

    @post("/", guards=[WRITING])
    async def draft(
        self, request: HttpRequest, data: JSONBody[DraftRequest], database: NamedDependency[Database]
    ) -> Response[WrittenView]:
        """A new draft. 403 `not-your-announcement`, 422."""

        async def run(tx: Transaction) -> WrittenView:
            words = data.words(tx.now.astimezone(TAIPEI).date())
            return _written(await draft_announcement(tx, data.category, data.organisation_id, words))

        return await run_command(request, database, run, status=201)

    @put("/{announcement_id:uuid}", guards=[WRITING])
    async def revise(
        self,
        request: HttpRequest,
        announcement_id: FromPath[UUID],
        data: JSONBody[ReviseRequest],
        database: NamedDependency[Database],
    ) -> Response[WrittenView]:
        """Newer words; people see them when they are published. 403, 404, 409 `announcement-changed`, 422."""

        async def run(tx: Transaction) -> WrittenView:
            words = data.words(tx.now.astimezone(TAIPEI).date())
            return _written(await revise_announcement(tx, announcement_id, data.based_on, words))

        return await run_command(request, database, run)

    @post("/{announcement_id:uuid}/publish", status_code=200, guards=[needs("identity.announcements.publish")])
    async def publish(
        self,
        request: HttpRequest,
        announcement_id: FromPath[UUID],
        data: JSONBody[PublishRequest],
        database: NamedDependency[Database],
    ) -> Response[WrittenView]:
        """Publish the newest words. 403, 404, 409 `announcement-is-published`."""

        async def run(tx: Transaction) -> WrittenView:
            return _written(await publish_announcement(tx, announcement_id, mail=data.mail, reason=data.reason))

        return await run_command(request, database, run)

    @post("/{announcement_id:uuid}/withdraw", status_code=200, guards=[WRITING])
    async def withdraw(
        self,
        request: HttpRequest,
        announcement_id: FromPath[UUID],
        data: JSONBody[WithdrawRequest],
        database: NamedDependency[Database],
    ) -> Response[WrittenView]:
        """Nobody sees it any more, and mails that wait are not sent. 403, 404, 409 `announcement-not-published`."""

        async def run(tx: Transaction) -> WrittenView:
            return _written(await withdraw_announcement(tx, announcement_id, data.reason))

        return await run_command(request, database, run)

    @post(
        "/{announcement_id:uuid}/files",
        operation_class=FileOperation,
        request_max_body_size=LARGEST + 1_000_000,
        guards=[WRITING],
    )
    async def upload(
        self,
        request: HttpRequest,
        announcement_id: FromPath[UUID],
        name: FileName,
        database: NamedDependency[Database],
    ) -> Response[UploadedView]:
        """Upload a file for it. 403, 404, 413, 415 `file-kind-not-taken`, 422."""
        expect_media_type(request, BYTES)
        file = checked_file(name, await request.body())

        async def run(tx: Transaction) -> UploadedView:
            file_id = await add_file(tx, announcement_id, file)
            return UploadedView(file_id=file_id, name=file.name, media_type=file.media_type, size=len(file.content))

        return await run_command(request, database, run, status=201)

    @get("/{announcement_id:uuid}/files/{file_id:uuid}", operation_class=DownloadOperation, guards=[WRITING])
    async def download_uploaded(
        self,
        request: HttpRequest,
        announcement_id: FromPath[UUID],
        file_id: FromPath[UUID],
        database: NamedDependency[Database],
    ) -> Response[bytes]:
        """A file that was uploaded for it, published or not. 403, 404."""
        async with database.reading() as tx:
            view = await _to_edit(tx, request, announcement_id)
            known = any(file.file_id == file_id for file in view.files)
            file = await file_content(tx, file_id) if known else None
        if file is None:
            raise NotFound
        return as_download(file, shared=False)


async def _to_edit(tx: Transaction, request: HttpRequest, announcement_id: UUID) -> EditedView:
    view = await edited(tx, announcement_id)
    if view is None:
        raise NotFound
    check_writer(request.user, view.category, view.organisation_id)
    return view


def _written(announcement: Announcement) -> WrittenView:
    return WrittenView(
        announcement_id=announcement.announcement_id,
        state=announcement.state,
        version=announcement.version,
        published=announcement.published,
    )
