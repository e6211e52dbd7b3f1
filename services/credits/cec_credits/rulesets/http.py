"""Rule sets over HTTP. Which there are, from when they hold and their methods is public; their texts are for whoever has
an account; drafting and publishing is for administrators."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller, Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from cec_chassis.database import Database, Transaction
from cec_chassis.http import HttpRequest, needs, run_command
from cec_credits.rulesets import versions
from cec_credits.rulesets.drafts import (
    DiscardDraft,
    EditDraft,
    NewDraft,
    discard_draft,
    draft_rule_set,
    edit_draft,
    the_draft,
)
from cec_credits.rulesets.edition import PublishedRules
from cec_credits.rulesets.methods import MethodsView, methods_of
from cec_credits.rulesets.publish_draft import PublishDraft, check_draft, publish_draft
from cec_credits.rulesets.views import (
    CheckView,
    DiffView,
    RuleSetView,
    TextView,
    VersionView,
    diff_of,
    history_of,
    published_rule_sets,
    published_version,
    text_view,
    version_view,
)

LISTING = needs("credits.rules.list")
READING = needs("credits.rules.read")
WRITING = needs("credits.rules.write")
Number = Annotated[int | None, QueryParameter(ge=1, description="版本號 / This version, even if superseded")]
Against = Annotated[str | None, QueryParameter(max_length=40, description="比較對象 / The rule set to compare with")]


class RuleSetsController(Controller):
    """Rule sets 規則版本 as they are published."""

    path = "/rule-sets"
    tags = ("rule sets",)

    @get("/", guards=[LISTING])
    async def rule_sets(
        self, database: NamedDependency[Database], rules: NamedDependency[PublishedRules]
    ) -> list[RuleSetView]:
        """Every published rule set, oldest first."""
        async with database.reading() as tx:
            return await published_rule_sets(tx, rules)

    @get("/{rule_set:str}", guards=[READING])
    async def read_rule_set(
        self, database: NamedDependency[Database], rule_set: FromPath[str], version: Number = None
    ) -> TextView:
        """The text of a published rule set, exactly as it was published."""
        async with database.reading() as tx:
            return text_view(await published_version(tx, rule_set, version))

    @get("/{rule_set:str}/methods", guards=[LISTING])
    async def methods(self, database: NamedDependency[Database], rule_set: FromPath[str]) -> MethodsView:
        """Its implementation methods: who may apply for them and what they give. Statements point here."""
        async with database.reading() as tx:
            return await methods_of(tx, rule_set)

    @get("/{rule_set:str}/diff", guards=[READING])
    async def compare(
        self, database: NamedDependency[Database], rule_set: FromPath[str], against: Against = None
    ) -> DiffView:
        """What a published rule set changes, value by value: in the one before it, or in the one named."""
        async with database.reading() as tx:
            return await diff_of(tx, await published_version(tx, rule_set), against)

    @get("/{rule_set:str}/history", guards=[WRITING])
    async def history(self, database: NamedDependency[Database], rule_set: FromPath[str]) -> list[VersionView]:
        """Every version, newest first: who drafted and published it, when and why."""
        async with database.reading() as tx:
            return await history_of(tx, rule_set)


class DraftsController(Controller):
    """Drafts 規則草案: written, checked, compared and published by administrators."""

    path = "/rule-sets/drafts"
    tags = ("rule sets",)

    @get("/", guards=[WRITING])
    async def list_drafts(self, database: NamedDependency[Database]) -> list[VersionView]:
        """Every draft, by the day it would take effect."""
        async with database.reading() as tx:
            return [version_view(each) for each in await versions.find(tx, versions.DRAFTS)]

    @post("/", guards=[WRITING])
    async def write_draft(
        self, request: HttpRequest, database: NamedDependency[Database], data: JSONBody[NewDraft]
    ) -> Response[TextView]:
        """A new draft: from a document, a copy of a published rule set, or a file the service comes with."""

        async def command(tx: Transaction) -> TextView:
            return text_view(await draft_rule_set(tx, data))

        return await run_command(request, database, command, status=201)

    @get("/{rule_set:str}", guards=[WRITING])
    async def read_draft(self, database: NamedDependency[Database], rule_set: FromPath[str]) -> TextView:
        """A draft with its text; its `revision` goes with the next edit."""
        async with database.reading() as tx:
            return text_view(await the_draft(tx, rule_set))

    @put("/{rule_set:str}", guards=[WRITING])
    async def change_draft(
        self,
        request: HttpRequest,
        database: NamedDependency[Database],
        rule_set: FromPath[str],
        data: JSONBody[EditDraft],
    ) -> Response[TextView]:
        """The whole document anew, if nobody has edited it since the revision that was read."""

        async def command(tx: Transaction) -> TextView:
            return text_view(await edit_draft(tx, rule_set, data))

        return await run_command(request, database, command)

    @post("/{rule_set:str}/check", status_code=200, guards=[WRITING])
    async def check(
        self, request: HttpRequest, database: NamedDependency[Database], rule_set: FromPath[str]
    ) -> Response[CheckView]:
        """Everything that stands against publishing it today."""

        async def command(tx: Transaction) -> CheckView:
            draft, findings = await check_draft(tx, rule_set)
            return CheckView(
                rule_set=rule_set,
                version=draft.version,
                revision=draft.revision,
                checked_at=draft.checked_at,
                ready=not findings,
                findings=findings,
            )

        return await run_command(request, database, command)

    @get("/{rule_set:str}/diff", guards=[WRITING])
    async def compare_draft(
        self, database: NamedDependency[Database], rule_set: FromPath[str], against: Against = None
    ) -> DiffView:
        """What it would change, value by value: in its published version, in the one in force, or in the one named."""
        async with database.reading() as tx:
            return await diff_of(tx, await the_draft(tx, rule_set), against)

    @post("/{rule_set:str}/publish", status_code=200, guards=[needs("credits.rules.publish")])
    async def publish(
        self,
        request: HttpRequest,
        database: NamedDependency[Database],
        rule_set: FromPath[str],
        data: JSONBody[PublishDraft],
    ) -> Response[VersionView]:
        """From now on everybody is computed with it. It never changes again; a mistake is mended by the next version."""

        async def command(tx: Transaction) -> VersionView:
            return version_view(await publish_draft(tx, rule_set, data))

        return await run_command(request, database, command)

    @post("/{rule_set:str}/discard", status_code=204, guards=[WRITING])
    async def discard(
        self,
        request: HttpRequest,
        database: NamedDependency[Database],
        rule_set: FromPath[str],
        data: JSONBody[DiscardDraft],
    ) -> Response[None]:
        """Nobody wants it any more; its text stays in the audit log."""
        return await run_command(request, database, lambda tx: discard_draft(tx, rule_set, data), status=204)
