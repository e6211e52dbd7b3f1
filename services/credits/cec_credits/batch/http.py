"""Batches over HTTP: a file of people in, a file of their points out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIType, Operation, RequestBody, Schema
from litestar.params import FromPath, QueryParameter
from msgspec import Meta

from cec_chassis.clock import taipei_date
from cec_chassis.csv_upload import SPREADSHEET as XLSX
from cec_chassis.csv_upload.operation import MEDIA_TYPE as CSV
from cec_chassis.database import Database, Transaction
from cec_chassis.http import HttpRequest, needs, run_command
from cec_chassis.ids import new_id
from cec_chassis.problems import FieldError, NotFound, ValidationFailed
from cec_contracts.vocabulary import PROFESSION_FORM, PROFESSION_PATTERN
from cec_credits.batch import files
from cec_credits.batch.answer_rows import answer_rows
from cec_credits.batch.cases import Cases
from cec_credits.batch.domain import AT_ONCE, BatchAnswer, By, Question
from cec_credits.batch.files import Format
from cec_credits.batch.jobs import Job, collect, find_job, open_job
from cec_credits.batch.occasions import require_known
from cec_credits.batch.rows import UNKNOWN_PROFESSION, no_such_profession
from cec_credits.batch.upload import read_file
from cec_credits.rulesets.book import RuleBook
from cec_credits.rulesets.edition import PublishedRules
from cec_credits.statements.access import (
    BATCH,
    PURPOSE_MISSING,
    Purpose,
    looked_at,
    purpose_of_request,
    remember_refusal,
)
from cec_credits.statements.asked import Asked, asked_of_query
from cec_credits.statements.refusals import PurposeRequired

FILE_BYTES = 10_000_000
"""A hundred thousand rows are four to six million bytes."""
Breakdown = Annotated[By, QueryParameter(description="統計方式 / What points are broken down by")]
InForm = Annotated[Format, QueryParameter(name="format", description="回覆格式 / The form of the answer")]
Profession = Annotated[
    str | None,
    Meta(extra=PROFESSION_FORM),
    QueryParameter(pattern=PROFESSION_PATTERN, description="證書類別 / One profession; else all that each holds"),
]


@dataclass
class FileOperation(Operation):
    """The body is read raw, so the framework cannot know what it is."""

    def __post_init__(self) -> None:
        content = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING))
        self.request_body = RequestBody(
            content={CSV: content, XLSX: content},
            description="首列為欄位名稱，見範本；最多 100,000 列 / The first line names the columns, see the template.",
            required=True,
        )


class BatchController(Controller):
    """Statements of many people 積分統計(整批)."""

    path = "/batches"
    tags = ("batches",)
    guards = (needs("credits.batches.ask", remember_refusal),)
    dependencies = {  # noqa: RUF012 - Litestar reads it, nobody writes it
        "asked": Provide(asked_of_query),
        "purpose": Provide(purpose_of_request),
    }

    @get("/template.csv")
    async def template_csv(self) -> Response[bytes]:
        """The file to fill in, as CSV."""
        return files.csv_template()

    @get("/template.xlsx")
    async def template_xlsx(self) -> Response[bytes]:
        """The file to fill in, as a spreadsheet."""
        return files.xlsx_template()

    @post(
        "/",
        status_code=200,
        request_max_body_size=FILE_BYTES,
        operation_class=FileOperation,
        responses={
            200: ResponseSpec(BatchAnswer, description="Up to 1,000 rows: the answer", generate_examples=False),
            202: ResponseSpec(Job, description="More rows: a job, at `Location`", generate_examples=False),
        },
        **looked_at("batch.asked", BATCH),
    )
    async def ask(
        self,
        request: HttpRequest,
        database: NamedDependency[Database],
        rules: NamedDependency[PublishedRules],
        index_key: NamedDependency[bytes],
        batch_hours: NamedDependency[int],
        asked: NamedDependency[Asked],
        purpose: NamedDependency[Purpose | None],
        by: Breakdown = By.ATTRIBUTE,
        profession: Profession = None,
        form: InForm = Format.JSON,
    ) -> Response[Any]:
        """Where everybody in a file stands. A long file becomes a job; `format` is then asked for when it is collected."""
        if purpose is None:
            raise PurposeRequired(errors=[PURPOSE_MISSING])
        async with database.reading() as tx:
            book = (await rules.edition(tx)).book
        require_known(asked.profile, book)
        _require_covered(book, profession)
        rows = await read_file(request, index_key)
        if not rows:
            raise ValidationFailed(
                errors=[FieldError("rows", "missing-value", "檔案沒有資料列 / The file has no rows")]
            )
        question = Question(
            day=asked.as_of or taipei_date(database.clock.now()),
            purpose=purpose,
            by=by,
            profession=profession,
            known_by=asked.known_by,
            period=asked.period,
            profile=asked.profile,
        )
        batch_id = new_id()
        if len(rows) > AT_ONCE:

            async def command(tx: Transaction) -> Job:
                _trace(tx, batch_id, question, len(rows))
                return await open_job(tx, batch_id, rows, question, batch_hours)

            answer: Response[Any] = await run_command(request, database, command, status=202)
            opened = msgspec.json.decode(answer.content, type=Job)  # under a known key it is the job opened then
            answer.headers["Location"] = f"/api/v1/credits/batches/{opened.batch_id}"
            return answer
        async with database.transaction(request.command_context()) as tx:
            _trace(tx, batch_id, question, len(rows))
            lines = await answer_rows(tx, rules, batch_id, rows, question, Cases())
            book = (await rules.edition(tx)).book
        return await files.file_of(
            BatchAnswer(batch_id=batch_id, question=question, rows=len(rows), lines=lines), book, form
        )

    @get("/{batch_id:uuid}", **looked_at("batch.read", BATCH))
    async def progress(
        self, request: HttpRequest, database: NamedDependency[Database], batch_id: FromPath[UUID]
    ) -> Job:
        """How far a job is."""
        async with _nobody_elses(request), database.reading() as tx:
            return await find_job(tx, batch_id, request.user)

    @get(
        "/{batch_id:uuid}/result.json",
        responses={200: ResponseSpec(BatchAnswer, description="The answer as JSON", generate_examples=False)},
        **looked_at("batch.collected", BATCH),
    )
    async def result_json(
        self,
        request: HttpRequest,
        database: NamedDependency[Database],
        rules: NamedDependency[PublishedRules],
        batch_id: FromPath[UUID],
    ) -> Response[bytes]:
        """The answer of a job that is done, for as long as it is kept, as JSON."""
        return await _collected(request, database, rules, batch_id, Format.JSON)

    @get(
        "/{batch_id:uuid}/result.csv",
        responses={200: ResponseSpec(str, description="The answer as CSV", generate_examples=False)},
        **looked_at("batch.collected", BATCH),
    )
    async def result_csv(
        self,
        request: HttpRequest,
        database: NamedDependency[Database],
        rules: NamedDependency[PublishedRules],
        batch_id: FromPath[UUID],
    ) -> Response[bytes]:
        """The answer of a job that is done, for as long as it is kept, as CSV."""
        return await _collected(request, database, rules, batch_id, Format.CSV)

    @get(
        "/{batch_id:uuid}/result.xlsx",
        responses={200: ResponseSpec(str, description="The answer as XLSX", generate_examples=False)},
        **looked_at("batch.collected", BATCH),
    )
    async def result_xlsx(
        self,
        request: HttpRequest,
        database: NamedDependency[Database],
        rules: NamedDependency[PublishedRules],
        batch_id: FromPath[UUID],
    ) -> Response[bytes]:
        """The answer of a job that is done, for as long as it is kept, as XLSX."""
        return await _collected(request, database, rules, batch_id, Format.XLSX)


def _require_covered(book: RuleBook, profession: str | None) -> None:
    """Raises ValidationFailed for a profession that no published rule set covers, and says which there are."""
    known = book.professions()
    if profession is not None and profession not in known:
        message = no_such_profession(profession, known)
        raise ValidationFailed(errors=[FieldError("query.profession", UNKNOWN_PROFESSION, message)])


async def _collected(
    request: HttpRequest, database: Database, rules: PublishedRules, batch_id: UUID, form: Format
) -> Response[bytes]:
    async with _nobody_elses(request), database.transaction(request.command_context()) as tx:
        answer = await collect(tx, batch_id, request.user)
        book = (await rules.edition(tx)).book
        tx.audit(
            "batch.collected",
            subject_type="batch",
            subject_id=batch_id,
            reason=answer.question.purpose.value,
            after={"format": form},
        )
    return await files.collected(answer, book, form)


@asynccontextmanager
async def _nobody_elses(request: HttpRequest) -> AsyncIterator[None]:
    """Who asks for a batch that another account has sent is told that there is none, and remembered."""
    try:
        yield
    except NotFound as refusal:
        await remember_refusal(request, refusal)
        raise


def _trace(tx: Transaction, batch_id: UUID, question: Question, rows: int) -> None:
    tx.audit(
        "batch.asked",
        subject_type="batch",
        subject_id=batch_id,
        reason=question.purpose.value,
        after={"rows": rows, "question": question},
    )
