"""``cec_credits evaluate FILE``: reads a case, prints the explained statement as JSON.

On standard output the answer and nothing else. A case that cannot be answered gives one line of JSON on standard error,
``{"problem", "path", "detail"}``, and exit code 2.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from cec_credits.rulesets.book import NoRuleInForce, RuleBook, UnknownProfession
from cec_credits.rulesets.load import bundled
from cec_credits.statements.answer import answer_of
from cec_credits.statements.case_file import CaseRefused, read_case
from cec_credits.statements.domain import Case
from cec_credits.statements.evaluate import UnknownProfile
from cec_credits.statements.evaluate import evaluate as evaluate_case

REFUSED = 2
"""Exit code when the case cannot be answered."""


def evaluate(
    file: Annotated[str, typer.Argument(help="案件檔案（JSON），或 - 讀取標準輸入 / a case as JSON, or - for stdin")],
) -> None:
    """計算一件案例並輸出完整說明 / Evaluate one case and print the explained statement as JSON."""
    try:
        answer = answer_json(_content(file), bundled())
    except CaseRefused as refused:
        problem = {"problem": refused.slug, "path": refused.path, "detail": refused.message}
        sys.stderr.buffer.write(msgspec.json.encode(problem) + b"\n")
        raise typer.Exit(REFUSED) from refused
    sys.stdout.buffer.write(answer + b"\n")


def answer_json(content: bytes, book: RuleBook) -> bytes:
    """The answer to a case given as JSON, indented for people.

    Raises:
        CaseRefused: the case is malformed, or no rule set of the book can answer it.
    """
    case = read_case(content)
    check_codes(case, book)
    try:
        statement = evaluate_case(case, book)
    except NoRuleInForce as error:
        raise CaseRefused("as_of", "no-rule-in-force", str(error)) from error
    except UnknownProfile as error:
        raise CaseRefused("profile", "unknown-profile", str(error)) from error
    return msgspec.json.format(msgspec.json.encode(answer_of(statement)), indent=2)


def check_codes(case: Case, book: RuleBook) -> None:
    """Refuse codes that no rule set of the book knows.

    Raises:
        CaseRefused: naming the field.
    """
    try:
        chain = book.chain(case.profession)
    except UnknownProfession as error:
        raise CaseRefused("profession", "unknown-profession", str(error)) from error
    methods = {method.code for rules in chain for method in rules.document.methods}
    professions = set(book.professions())
    for at, record in enumerate(case.records):
        if record.method not in methods:
            raise CaseRefused(
                f"records[{at}].method", "unknown-method", f"no rule set knows the method {record.method!r}"
            )
        if record.profession is not None and record.profession not in professions:
            detail = f"no rule set covers the profession {record.profession!r}"
            raise CaseRefused(f"records[{at}].profession", "unknown-profession", detail)


def _content(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise CaseRefused("", "unreadable-file", f"{file}: {error.strerror}") from error


if __name__ == "__main__":
    typer.run(evaluate)
