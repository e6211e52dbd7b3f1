"""A document of which everything is fixed, token and times too, so that its first page always looks the same."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from cec_credits.exports.document import Document, Seal, statement_document
from cec_credits.exports.pdf import qr_of
from cec_credits.rulesets.load import bundled
from cec_credits.statements.domain import Case, Licence, Record
from cec_credits.statements.evaluate import evaluate
from cec_credits.statements.facts import Person
from cec_credits.statements.head import Window, head_of
from cec_credits.statements.queries import Explained

MADE_AT = datetime(2026, 3, 2, 4, tzinfo=UTC)
TOKEN = "AbCdEfGhIjKlMnOpQrStUv"


def a_record(at: int) -> Record:
    """Two hours on a day of 2022, by turns professional and quality."""
    starts = datetime(2022, 1, 1, 1, tzinfo=UTC) + timedelta(days=at)
    return Record(
        id=f"r{at}",
        method="M01",
        role="learner",
        attribute="professional" if at % 2 else "quality",
        starts_at=starts,
        ends_at=starts + timedelta(hours=2),
        ends_on=starts.date(),
        points=Decimal("2.40"),
    )


def a_document(
    *,
    name: str = "王小明",
    signer: str = "測試憑證 Test certificate (CEC)",
    test: bool = True,
    records: int = 12,
    token: str = TOKEN,
) -> Document:
    """The statement of a nurse in 2022."""
    case = Case(
        "F", date(2022, 10, 1), Licence(date(2017, 1, 1), date(2023, 1, 1)), [a_record(at) for at in range(records)]
    )
    statement = evaluate(case, bundled())
    window = Window.of(statement.window, case.as_of)
    rule_set = statement.rule_set
    head = head_of(
        UUID(int=1), "F", case.as_of, window, rule_set=rule_set, version=None, computed_at=MADE_AT, working=False
    )
    person = Person(UUID(int=1), "P000001", name, [], [], ())
    site = "https://cec.example.gov.tw"
    address = f"{site}/api/v1/credits/verifications/{token}"
    seal = Seal(token=token, site=site, address=address, qr=qr_of(address), test=test, signer=signer, issued_at=MADE_AT)
    return statement_document(Explained(head, person, statement, {}, "A12****789"), seal)
