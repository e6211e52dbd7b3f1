"""Recognitions over HTTP: the Ministry's administrators write, everybody who has signed in reads."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Meta

from cec_chassis.database import Database, Transaction
from cec_chassis.http import HttpRequest, Page, Paging, Request, needs, run_command
from cec_contracts.vocabulary import ProfessionCode
from cec_identity.recognitions.domain import Ground
from cec_identity.recognitions.extend_recognition import extend_recognition
from cec_identity.recognitions.find_breach import Finding, find_breach
from cec_identity.recognitions.queries import RecognitionView, recognition_view, recognitions_page
from cec_identity.recognitions.recognise import Recognise, recognise
from cec_identity.recognitions.revoke_recognition import revoke_recognition

WRITING = needs("identity.recognitions.change")
Reason = Annotated[str, Meta(min_length=1, max_length=1000, pattern=r"\S", description="理由")]


class RecogniseRequest(Request):
    """For which professions, from when until when, by which letter."""

    organisation_id: UUID
    professions: Annotated[tuple[ProfessionCode, ...], Meta(min_length=1, max_length=35, description="醫事人員類別")]
    applied_on: Annotated[date, Meta(description="申請日")]
    valid_from: Annotated[date, Meta(description="認可起日")]
    document: Annotated[str, Meta(min_length=1, max_length=100, description="核定文號")]
    valid_until: Annotated[date | None, Meta(description="認可迄日 / the last day; null is without end")] = None


class ExtendRequest(Request):
    """Until when it lasts now."""

    valid_until: date | None
    reason: Reason


class BreachRequest(Request):
    """Courses by id, or the days on which they were decided."""

    reason: Reason
    course_ids: Annotated[tuple[UUID, ...], Meta(max_length=1000)] = ()
    decided_from: date | None = None
    decided_until: date | None = None

    def finding(self) -> Finding:
        """As the operations take it."""
        return Finding(
            course_ids=self.course_ids,
            decided_from=self.decided_from,
            decided_until=self.decided_until,
            reason=self.reason,
        )


class RevokeRequest(Request):
    """On which ground, why, and what has no effect."""

    ground: Ground
    reason: Reason
    breaches: Annotated[tuple[BreachRequest, ...], Meta(max_length=100)] = ()


class RecognitionController(Controller):
    path = "/recognitions"
    tags = ("recognitions",)

    @post("/", guards=[WRITING])
    async def recognise(
        self, request: HttpRequest, data: JSONBody[RecogniseRequest], database: NamedDependency[Database]
    ) -> Response[RecognitionView]:
        """Recognise a review unit. 404, 409 `kind-may-not-review`, `barred-from-applying`, `already-recognised`."""
        checked = Recognise.checked(
            organisation_id=data.organisation_id,
            professions=data.professions,
            applied_on=data.applied_on,
            valid_from=data.valid_from,
            valid_until=data.valid_until,
            document=data.document,
        )

        async def command(tx: Transaction) -> RecognitionView:
            return recognition_view(await recognise(tx, checked))

        return await run_command(request, database, command, status=201)

    @post("/{recognition_id:uuid}/extend", guards=[WRITING], status_code=200)
    async def extend(
        self,
        request: HttpRequest,
        recognition_id: FromPath[UUID],
        data: JSONBody[ExtendRequest],
        database: NamedDependency[Database],
    ) -> Response[RecognitionView]:
        """Let it last longer. 404, 409 `recognition-revoked`, `already-recognised`."""

        async def command(tx: Transaction) -> RecognitionView:
            return recognition_view(await extend_recognition(tx, recognition_id, data.valid_until, data.reason.strip()))

        return await run_command(request, database, command)

    @post("/{recognition_id:uuid}/breaches", guards=[WRITING], status_code=200)
    async def find_breach(
        self,
        request: HttpRequest,
        recognition_id: FromPath[UUID],
        data: JSONBody[BreachRequest],
        database: NamedDependency[Database],
    ) -> Response[RecognitionView]:
        """Write down what was recognised contrary to the rules; it loses its effect. 404."""

        async def command(tx: Transaction) -> RecognitionView:
            return recognition_view(await find_breach(tx, recognition_id, data.finding()))

        return await run_command(request, database, command)

    @post("/{recognition_id:uuid}/revoke", guards=[WRITING], status_code=200)
    async def revoke(
        self,
        request: HttpRequest,
        recognition_id: FromPath[UUID],
        data: JSONBody[RevokeRequest],
        database: NamedDependency[Database],
    ) -> Response[RecognitionView]:
        """Revoke it, from this moment on. 404, 409 `recognition-revoked`."""

        async def command(tx: Transaction) -> RecognitionView:
            findings = [breach.finding() for breach in data.breaches]
            revoked = await revoke_recognition(
                tx, recognition_id, ground=data.ground, reason=data.reason.strip(), findings=findings
            )
            return recognition_view(revoked)

        return await run_command(request, database, command)

    @get("/", guards=[needs("identity.recognitions.read")])
    async def list_recognitions(
        self,
        database: NamedDependency[Database],
        paging: NamedDependency[Paging],
        organisation_id: FromQuery[UUID | None] = None,
    ) -> Page[RecognitionView]:
        """Recognitions, the newest first."""
        async with database.reading() as tx:
            return await recognitions_page(tx, paging, organisation_id)
