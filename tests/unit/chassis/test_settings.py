"""Settings come from the environment, secrets also from files, and a fault is one line that names the variable."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import msgspec
import pytest

from cec_chassis.settings import ServiceSettings, SettingsError, env, labelled_delays, read_settings


class IdentitySettings(ServiceSettings, frozen=True, kw_only=True):
    secret_key: str
    greeting: Annotated[str, env("CEC_IDENTITY_GREETING")] = "您好"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("CEC_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CEC_SERVICE_DATABASE_URL", "postgresql://cec:geheim@db/cec_identity")
    monkeypatch.setenv("CEC_AMQP_URL", "amqp://cec:geheim@mq/cec")


def test_the_environment_fills_the_struct(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CEC_SERVICE_PORT", "8123")
    monkeypatch.setenv("CEC_SECRET_KEY", "k")
    monkeypatch.setenv("CEC_IDENTITY_GREETING", "早")
    settings = read_settings("identity", IdentitySettings)
    assert (settings.service, settings.port, settings.secret_key, settings.greeting) == ("identity", 8123, "k", "早")
    assert settings.host == "127.0.0.1"


def test_a_secret_may_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from a file\n", encoding="utf-8")
    monkeypatch.setenv("CEC_SECRET_KEY_FILE", str(tmp_path / "key"))
    assert read_settings("identity", IdentitySettings).secret_key == "from a file"


def test_every_missing_variable_is_named_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CEC_SERVICE_DATABASE_URL")
    with pytest.raises(SettingsError) as caught:
        read_settings("identity", IdentitySettings)
    text = str(caught.value)
    assert "\n" not in text
    assert "CEC_SERVICE_DATABASE_URL" in text
    assert "CEC_SECRET_KEY" in text
    assert "CEC_AMQP_URL" not in text


def test_an_empty_variable_is_a_missing_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CEC_AMQP_URL", "")
    with pytest.raises(SettingsError, match="CEC_AMQP_URL"):
        read_settings("credits")


def test_a_value_that_cannot_be_understood_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CEC_SERVICE_PORT", "eighty")
    monkeypatch.setenv("CEC_RETRY_DELAYS", "soon")
    with pytest.raises(SettingsError, match=r"CEC_SERVICE_PORT: .*CEC_RETRY_DELAYS: ") as caught:
        read_settings("credits")
    assert "\n" not in str(caught.value)


def test_a_file_that_cannot_be_read_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CEC_SECRET_KEY_FILE", "/nowhere/key")
    with pytest.raises(SettingsError, match=r"CEC_SECRET_KEY_FILE: /nowhere/key: No such file"):
        read_settings("identity", IdentitySettings)


def test_delays_are_written_as_people_write_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CEC_RETRY_DELAYS", "200ms, 1s,2m,1h")
    assert read_settings("credits").retry_delays == (
        ("200ms", 200),
        ("1s", 1_000),
        ("2m", 120_000),
        ("1h", 3_600_000),
    )
    with pytest.raises(ValueError, match="no delay"):
        labelled_delays("0s")


def test_settings_are_frozen_and_do_not_show_their_secrets() -> None:
    settings = read_settings("credits")
    assert "geheim" not in repr(settings)
    with pytest.raises(AttributeError):
        settings.port = 1  # type: ignore[misc]
    assert msgspec.structs.replace(settings, port=1).port == 1
