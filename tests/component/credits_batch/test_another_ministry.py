"""A regulation of another ministry, published as one more file: batches answer for its profession, with no code changed."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from tests.component.credits_batch.desk import ADMIN, BatchDesk, a_csv, a_person, an_id, told_of
from tests.support.facts import approval_of, attendance_of

FILE = Path(__file__).parents[1] / "credits_rules" / "social_workers.toml"
HEADER = ("national_id", "profession")


async def published(desk: BatchDesk) -> None:
    document = {"format": "toml", "text": FILE.read_text(encoding="utf-8")}
    drafted = await desk.ask(ADMIN, "POST", "/rule-sets/drafts", {"document": document})
    assert drafted.status_code == 201, drafted.text
    publication = {"revision": 1, "reason": "社工師", "waive": ["takes-effect-in-the-past"]}
    answer = await desk.ask(ADMIN, "POST", "/rule-sets/drafts/SW2020/publish", publication)
    assert answer.status_code == 200, answer.text


async def test_a_batch_answers_for_social_workers_once_their_rules_are_published(desk: BatchDesk) -> None:
    record = {
        "method": "M01",
        "attribute": "ethics",
        "role": "learner",
        "infection_control": False,
        "gender": False,
        "starts_at": "2021-05-01T09:00:00+08:00",
        "ends_at": "2021-05-01T12:00:00+08:00",
        "minutes": 180,
    }
    course = a_person(99)
    await desk.take_in(
        told_of(1, profession="SW"),
        approval_of(course, record, "SW", Decimal(3)),
        attendance_of(a_person(1), course, "SW", "learner"),
    )
    rows = a_csv([(an_id(1), "SW"), (an_id(1), "sw"), (an_id(1), "")], HEADER)
    before = (await desk.send(rows)).json()["lines"]
    assert [line["problem"]["slug"] for line in before] == [
        "unknown-profession",
        "unknown-profession",
        "profession-not-covered",
    ]
    refused = (await desk.send(rows, "profession=SW")).json()
    assert [(error["path"], error["slug"]) for error in refused["errors"]] == [
        ("query.profession", "unknown-profession")
    ]
    assert "there are: 1, 2, 3, 4, 5, 6, A, B" in refused["errors"][0]["message"]

    await published(desk)

    for query, sent in (("", rows), ("profession=SW", a_csv([(an_id(1),)]))):
        for line in (await desk.send(sent, query)).json()["lines"]:
            assert (line["profession"], line["problem"]) == ("SW", None)
            assert (line["figures"]["rule_set"], line["figures"]["counted"]) == ("SW2020", "3.00")
