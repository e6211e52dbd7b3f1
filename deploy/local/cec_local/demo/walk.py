"""The walk itself. Any number that differs from the expected one makes the demo fail."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Protocol

from rich.console import Console

from cec_local.demo.accounts import further_accounts
from cec_local.demo.api import Api, Refused
from cec_local.demo.data import read_bytes, read_json, roster_file
from cec_local.demo.show import Checks, show_events, show_statement
from cec_local.demo.subscriber import received_events

PATIENCE_SECONDS = 30.0
POLL_SECONDS = 0.01


class RunningStack(Protocol):
    """What the demo needs of the stack it walks through, beside the gateway."""

    administrator: tuple[str, str]
    """Name and password of the first system administrator."""
    demo_password: str
    """Password of the accounts that the demo opens; made for this checkout."""

    async def add_subscriber(self, name: str) -> tuple[str, str]:
        """An account for another system on the public exchange: its broker address and its queue."""
        ...


async def walk(gateway: str, stack: RunningStack, console: Console | None = None) -> int:
    """0 when every number is as expected, else 1."""
    console = console or Console()
    people = read_json("organisations.json")
    subscriber_url, queue = await stack.add_subscriber(people["subscriber"])
    demo = Walk(gateway, stack, console, people)
    try:
        await demo.run()
        events = await received_events(subscriber_url, queue)
    except Refused as refused:
        console.print(f"[red]✗ {refused}[/red]", soft_wrap=True)
        return 1
    finally:
        await demo.close()
    show_events(console, people["subscriber"], events)
    demo.checks.last_public_event(events, demo.practitioner_id, demo.expected["correct"]["expect"])
    return demo.checks.conclude()


class Walk:
    """State of one walk: who is signed in, and what was given which id."""

    def __init__(self, gateway: str, stack: RunningStack, console: Console, people: dict[str, Any]) -> None:
        self.console = console
        self.checks = Checks(console)
        self.people = people
        self.expected = read_json("expected.json")
        self.practitioner_id = ""
        self._gateway = gateway
        self._password = stack.demo_password
        self._apis: list[Api] = []
        self._admin = self._api(*stack.administrator)
        self._courses: dict[str, dict[str, Any]] = {}

    def _api(self, name: str, password: str) -> Api:
        self._apis.append(Api(self._gateway, name, password))
        return self._apis[-1]

    async def close(self) -> None:
        for api in self._apis:
            await api.close()

    async def run(self) -> None:
        await self._admin.sign_in()
        await self._import_registry()
        await self._open_accounts()
        cases = await self._apply_for_activities()
        await self._approve(cases)
        await self._record_rosters()
        await self._read_statement("登錄完成 after the rosters", self.expected["approved"], None)
        await self._withdraw_approval()
        await self._correct_attendance()

    async def _import_registry(self) -> None:
        report = await self._admin.post_csv("/identity/registry/imports", read_bytes("registry.csv"))
        self._say("執照檔匯入", "licence registry imported", f"{report['created']} of {report['rows']} rows are new")
        found = await self._admin.get("/identity/practitioners", number=self.expected["practitioner"])
        self.practitioner_id = found["items"][0]["practitioner_id"]

    async def _open_accounts(self) -> None:
        self.offering = await self._unit(self.people["offering_unit"], "offering_unit")
        self.review = await self._unit(self.people["review_unit"], "review_unit")
        await self._open(
            {
                "name": self.people["practitioner_account"],
                "role": "practitioner",
                "practitioner_id": self.practitioner_id,
            }
        )
        self.practitioner = self._api(self.people["practitioner_account"], self._password)
        for api in (self.offering, self.review, self.practitioner):
            await api.sign_in()
        further = further_accounts(self.people)
        for account in further:
            unit = self.people[account.organisation]["organisation_id"] if account.organisation else None
            await self._open({"name": account.name, "role": account.role.value, "organisation_id": unit})
        self._say("單位與帳號", "organisations and accounts opened", f"{3 + len(further)} accounts")

    async def _unit(self, unit: dict[str, Any], role: str) -> Api:
        details = {key: value for key, value in unit.items() if key != "account"}
        page = await self._admin.get("/identity/organisations", code=unit["code"])
        made = page["items"][0] if page["items"] else await self._admin.post("/identity/organisations", details)
        unit["organisation_id"] = made["organisation_id"]
        await self._open({"name": unit["account"], "role": role, "organisation_id": made["organisation_id"]})
        return self._api(unit["account"], self._password)

    async def _open(self, account: dict[str, Any]) -> None:
        """Opens an account; one that an earlier demo opened in this checkout is used again."""
        try:
            await self._admin.post("/identity/accounts", {**account, "password": self._password})
        except Refused as refused:
            if "account-name-taken" not in str(refused) and "practitioner-has-account" not in str(refused):
                raise

    async def _apply_for_activities(self) -> list[str]:
        review_unit = self.people["review_unit"]["organisation_id"]
        submitted: list[str] = []
        for activity in read_json("activities.json")["activities"]:
            courses = [{k: v for k, v in course.items() if k != "awards"} for course in activity["courses"]]
            body = {**activity, "review_unit_id": review_unit, "courses": courses}
            made = await self._when_known(partial(self.offering.post, "/activities/activities", body))
            submit = f"/activities/activities/{made['activity_id']}/submit"
            await self._when_known(partial(self.offering.post, submit))
            submitted.append(made["activity_id"])
            for course, given in zip(made["courses"], activity["courses"], strict=True):
                self._courses[course["title"]] = {**course, "awards": given["awards"], "activity": activity["title"]}
        self._say("開課申請", "activities submitted", f"{len(submitted)} activities, {len(self._courses)} courses")
        return submitted

    async def _when_known(self, act: Callable[[], Awaitable[Any]]) -> Any:
        """News of a new organisation takes a moment to reach the others."""
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return await act()
            except Refused:
                if time.monotonic() > until:
                    raise
                await asyncio.sleep(0.05)

    async def _approve(self, submitted: list[str]) -> None:
        until = time.monotonic() + PATIENCE_SECONDS
        waiting = set(submitted)
        while waiting and time.monotonic() < until:
            page = await self.review.get("/review/cases", status="open", page_size=100)
            for line in page["items"]:
                if line["activity_id"] in waiting:
                    await self._approve_case(line["case_id"])
                    waiting.discard(line["activity_id"])
            await asyncio.sleep(0.05)
        if waiting:
            raise Refused(f"{len(waiting)} submitted activities never reached the review unit")
        self._say("審查通過", "activities approved with points", f"{len(self._courses)} course approvals")

    async def _approve_case(self, case_id: str) -> None:
        case = await self.review.get(f"/review/cases/{case_id}")
        courses = [
            {"course_id": course["course_id"], "awards": self._courses[course["title"]]["awards"]}
            for course in case["activity"]["courses"]
        ]
        decision = {"decision": "pass", "comment": "符合規定", "courses": courses}
        await self.review.post(f"/review/cases/{case_id}/decision", decision)

    async def _record_rosters(self) -> None:
        last = max(self._courses.values(), key=lambda course: course["code"])
        await self._when_known(lambda: self.offering.get(f"/enrolment/rosters/{last['course_id']}"))
        codes = {title: course["code"] for title, course in self._courses.items()}
        rows = 0
        for activity in read_json("activities.json")["activities"]:
            report = await self._imported(activity["title"], codes)
            rows += report["rows"]
        self._say("名冊匯入", "rosters recorded from CSV", f"{rows} attendances")

    async def _imported(self, activity: str, codes: dict[str, str]) -> Any:
        """Until no row is refused: approvals and practitioners may still be on their way to enrolment."""
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            report = await self.offering.post_csv("/enrolment/imports", roster_file(activity, codes))
            refused = [row for row in report["results"] if row["status"] == "refused"]
            if not refused:
                return report
            if time.monotonic() > until:
                raise Refused(f"roster of {activity}: {refused[0]}")
            await asyncio.sleep(0.05)

    async def _withdraw_approval(self) -> None:
        step = self.expected["withdraw"]
        course = self._courses[step["course"]]
        begun = time.monotonic()
        await self.review.post(f"/review/approvals/{course['course_id']}/withdraw", {"reason": step["reason"]})
        await self._read_statement("撤銷核定 after an approval was withdrawn", step["expect"], begun)

    async def _correct_attendance(self) -> None:
        step = self.expected["correct"]
        course = self._courses[step["course"]]
        page = await self.offering.get(f"/enrolment/rosters/{course['course_id']}/attendances")
        line = next(row for row in page["items"] if row["practitioner_id"] == self.practitioner_id)
        begun = time.monotonic()
        await self.offering.post(
            f"/enrolment/attendances/{line['attendance_id']}/correct",
            {"minutes": step["minutes"], "reason": step["reason"]},
        )
        await self._read_statement("更正出席 after an attendance was corrected", step["expect"], begun)

    async def _read_statement(self, moment: str, expected: dict[str, Any], begun: float | None) -> None:
        """Reads until the numbers are the expected ones; the last ones read are shown either way."""
        path = f"/credits/statements/{self.practitioner_id}/{self.expected['profession']}"
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                statement = await self.practitioner.get(path, as_of=self.expected["as_of"])
            except Refused:
                if time.monotonic() > until:
                    raise
                statement = {}
            if {key: statement.get(key) for key in expected} == expected or time.monotonic() > until:
                break
            await asyncio.sleep(POLL_SECONDS)
        seconds = None if begun is None else time.monotonic() - begun
        show_statement(self.console, moment, statement, seconds)
        self.checks.statement(moment, statement, expected)

    def _say(self, chinese: str, english: str, what: str) -> None:
        self.console.print(f"[green]✓[/green] {chinese} {english}: {what}")
