"""What must never be written down does not reach a log line, whichever way it came."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
import structlog

from cec_chassis.telemetry import StoredTrace, configure_telemetry, masked, start_consumer_span
from cec_chassis.telemetry.masking import masked_value


@pytest.mark.parametrize(
    "number",
    ["A123456789", "a223456789", "A800000014", "AC01234567", "f131104093"],
)
def test_every_form_of_national_id_is_struck_out(number: str) -> None:
    for text in (number, f"身分證{number}。", f'{{"id":"{number}"}}', f"Key (id)=({number}) exists"):
        assert number not in masked(text)
        assert number[1:] not in masked(text)


@pytest.mark.parametrize(
    "text",
    ["0198f3a1-7c4e-7b12-9a55-a123456789ab", "A1234567890", "XA123456789", "practitioner 12345678", "積分 266.36"],
)
def test_other_numbers_stay(text: str) -> None:
    assert masked(text) == text


def test_tokens_and_passwords_in_addresses_are_struck_out() -> None:
    token = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"
    assert masked(f"Bearer {token}") == "Bearer [token]"
    assert masked("postgresql://cec:geheim@db:5432/cec") == "postgresql://cec:***@db:5432/cec"


def test_masking_reaches_into_structures_and_ends_somewhere() -> None:
    nested: Any = "A123456789"
    for _ in range(20):
        nested = {"A123456789": [nested]}
    assert "A123456789" not in str(masked_value(nested))


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Iterator[Any]:
    """Reads the JSON lines written since the last call."""
    before = structlog.get_config()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configure_telemetry("example", "api")

    def read() -> list[dict[str, Any]]:
        return [msgspec.json.decode(line) for line in capsys.readouterr().err.splitlines()]

    yield read
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**before)


def test_a_line_is_json_with_who_and_where(lines: Any) -> None:
    with start_consumer_span("read", StoredTrace("00-" + "a" * 32 + "-" + "b" * 16 + "-01")):
        structlog.get_logger("cec_chassis.test_a").info("attendance_recorded", rows=3)
    (line,) = lines()
    assert (
        line.items()
        >= {
            "event": "attendance_recorded",
            "level": "info",
            "rows": 3,
            "service": "example",
            "process": "api",
            "trace_id": "a" * 32,
        }.items()
    )
    assert line["span_id"] not in {"", "b" * 16}
    assert list(line)[:3] == ["time", "level", "event"]


def test_libraries_write_the_same_lines_from_warning_on(lines: Any) -> None:
    logging.getLogger("some.library").info("chatter")
    logging.getLogger("some.library").warning("cannot reach %s", "amqp://cec:geheim@mq/")
    (line,) = lines()
    assert line["event"] == "cannot reach amqp://cec:***@mq/"
    assert line["logger"] == "some.library"


def test_exceptions_are_written_without_what_they_quote(lines: Any) -> None:
    try:
        int("A123456789")
    except ValueError:
        structlog.get_logger("cec_chassis.test_b").exception("import_failed")
    (line,) = lines()
    assert "with base 10: 'A*********'" in line["exception"]


def test_what_json_does_not_know_is_written_as_text(lines: Any) -> None:
    structlog.get_logger("cec_chassis.test_c").info("odd", kind=object, error=KeyError("x"), items={1})
    (line,) = lines()
    assert line["items"] == [1]
    assert line["kind"] == "<class 'object'>"


def test_standard_output_stays_free(capsys: pytest.CaptureFixture[str], lines: Any) -> None:
    structlog.get_logger("cec_chassis.test_d").warning("noise")
    assert capsys.readouterr().out == ""
    assert sys.stdout is not sys.stderr
