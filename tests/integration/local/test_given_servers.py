"""Servers that the environment names: one that does not answer is told in one line, without its password."""

from __future__ import annotations

from pathlib import Path

import pytest

from cec_local.databases import provision
from cec_local.errors import LocalStackError
from cec_local.secret_files import SecretFiles
from cec_local.servers import postgres_source, rabbit_source


@pytest.mark.parametrize(
    ("address", "line"),
    [
        ("postgresql://cec:geheim@127.0.0.1:1/postgres", "PostgreSQL at 127.0.0.1:1 refuses us"),
        ("garbage", "PostgreSQL at an address without a host refuses us"),
    ],
)
def test_a_database_server_that_does_not_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str, line: str
) -> None:
    monkeypatch.setenv("CEC_POSTGRES_URL", address)
    server = postgres_source(tmp_path, tmp_path / "log", durable=False)
    server.start()
    with pytest.raises(LocalStackError, match=line) as told:
        provision(server.url, ["credits"], SecretFiles(tmp_path / "secrets"))
    assert "geheim" not in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("address", "line"),
    [
        ("amqp://cec:geheim@127.0.0.1:1/cec", "RabbitMQ at 127.0.0.1:1/cec .CEC_AMQP_URL. refuses us"),
        ("garbage", "CEC_AMQP_URL. refuses us"),
    ],
)
def test_a_broker_that_does_not_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str, line: str
) -> None:
    monkeypatch.setenv("CEC_AMQP_URL", address)
    with pytest.raises(LocalStackError, match=line) as told:
        rabbit_source(tmp_path, tmp_path / "log", durable=False).start()
    assert "geheim" not in str(told.value)
    assert "\n" not in str(told.value)
