"""Settings: read from the environment once, at the edge, into a frozen struct that the rest of the process gets handed.

A field `name` comes from the variable `CEC_NAME`, or from the one its metadata names (:func:`env`). Every variable may
be given as `VARIABLE_FILE` instead, the path of a file that holds the value: the way secrets come into a container.
A service with settings of its own extends the struct::

    class IdentitySettings(ServiceSettings):
        secret_key: str

    settings = read_settings("identity", IdentitySettings)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from os import environ
from pathlib import Path
from typing import Annotated, Any, TypeVar, overload

import msgspec
from pydantic import AliasChoices, BeforeValidator, Field, ValidationError, create_model
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings.exceptions import SettingsError as Undecodable

PREFIX = "CEC_"
FILE_SUFFIX = "_FILE"
_DELAY = re.compile(r"([1-9][0-9]{0,6})(ms|s|m|h)")
_MILLISECONDS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000}


class SettingsError(Exception):
    """The environment does not describe a working process; the text is one line and names every variable at fault."""


def env(variable: str) -> msgspec.Meta:
    """Metadata of a field that comes from `variable` and not from the one its own name gives."""
    return msgspec.Meta(extra={"env": variable})


def labelled_delays(value: object) -> object:
    """`1s,10s,1m` as ((`1s`, 1000), (`10s`, 10000), (`1m`, 60000)); units are ms, s, m and h.

    Raises:
        ValueError: a delay is not a number with such a unit.
    """
    if not isinstance(value, str):
        return value
    delays = []
    for label in filter(None, (part.strip() for part in value.split(","))):
        found = _DELAY.fullmatch(label)
        if found is None:
            raise ValueError(f"{label!r} is no delay such as 10s or 1m")
        delays.append((label, int(found[1]) * _MILLISECONDS[found[2]]))
    return tuple(delays)


class ServiceSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What every service needs to know. Its text form never shows an address with a password."""

    service: str
    database_url: Annotated[str, env("CEC_SERVICE_DATABASE_URL")]
    amqp_url: str
    amqp_public_url: str | None = None
    host: Annotated[str, env("CEC_SERVICE_HOST")] = "127.0.0.1"
    port: Annotated[int, env("CEC_SERVICE_PORT")] = 8000
    trusted_proxies: str = "127.0.0.0/8,::1/128"
    """Networks from which only our gateway can come: its `X-Real-IP` says who really asks. Separated by commas."""
    pool_size: int = 5
    """Connections of one role of a process; roles × replicas must fit into the server's limit."""
    token_issuer: str = "cec-identity"  # noqa: S105 - a name, no secret
    token_audience: str = "cec"  # noqa: S105
    consumer_batch: int = 200
    """Messages that a consumer takes into one transaction at most."""
    retry_delays: Annotated[tuple[tuple[str, int], ...], NoDecode, BeforeValidator(labelled_delays)] = (
        ("1s", 1_000),
        ("10s", 10_000),
        ("1m", 60_000),
        ("10m", 600_000),
    )
    """Waits between the tries of a message that failed for a passing reason: name of the queue, milliseconds."""
    bulk_per_second: Annotated[int, Field(gt=0)] = 1_000
    """Events of bulk that the relay sends while single events come as well; with more cores than two it may be more."""
    outbox_months: int = 0
    """Whole months for which sent events are kept, for republish and replay; 0 keeps them for ever."""
    heartbeat_file: str = ""
    """Touched every few seconds while the process is alive; for health checks of processes that listen nowhere."""
    log_level: str = "INFO"
    version: str = "0.1.0"
    revision: str = ""
    """The commit that the image was built from; told by /health/version."""

    def __repr__(self) -> str:
        """Only what may be read by anybody."""
        return f"{type(self).__name__}(service={self.service!r}, host={self.host!r}, port={self.port!r})"


Settings = TypeVar("Settings", bound=ServiceSettings)


@overload
def read_settings(service: str) -> ServiceSettings: ...


@overload
def read_settings(service: str, kind: type[Settings]) -> Settings: ...


def read_settings(service: str, kind: type[ServiceSettings] = ServiceSettings) -> ServiceSettings:
    """The settings of `service` from the environment of this process.

    Raises:
        SettingsError: a variable is missing, cannot be understood, or names a file that cannot be read.
    """
    try:
        read = _environment_of(kind)()
    except ValidationError as error:
        raise SettingsError(f"{service}: {_one_line(error)}") from None
    except Undecodable as error:
        raise SettingsError(f"{service}: {error}") from None
    return kind(service=service, **{name: getattr(read, name) for name in type(read).model_fields})


class _FileSource(PydanticBaseSettingsSource):
    """`VARIABLE_FILE` in the environment: the value is the content of that file, without the line end."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        variable = _variable(field)
        path = environ.get(variable + FILE_SUFFIX)
        if not path:
            return None, field_name, False
        try:
            return Path(path).read_text(encoding="utf-8").rstrip("\r\n"), field_name, False
        except OSError as error:
            raise SettingsError(f"{variable}{FILE_SUFFIX}: {path}: {error.strerror}") from None

    def __call__(self) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name, field in self.settings_cls.model_fields.items():
            value, _, is_complex = self.get_field_value(field, name)
            if value is not None:
                values[_variable(field)] = self.prepare_field_value(name, field, value, is_complex)
        return values


class _Environment(BaseSettings):
    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True, case_sensitive=True)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, _FileSource(settings_cls)


@cache
def _environment_of(kind: type[ServiceSettings]) -> type[_Environment]:
    """The pydantic model that reads the fields of a settings struct."""
    fields: dict[str, Any] = {}
    for field in msgspec.structs.fields(kind):
        if field.name == "service":
            continue
        default = ... if field.required else field.default
        fields[field.name] = (field.type, Field(default, validation_alias=AliasChoices(_variable_of(field))))
    return create_model(kind.__name__, __base__=_Environment, **fields)


def _variable_of(field: msgspec.structs.FieldInfo) -> str:
    metadata: Mapping[str, str] = {}
    for meta in getattr(field.type, "__metadata__", ()):
        metadata = getattr(meta, "extra", None) or metadata
    return metadata.get("env", PREFIX + field.name.upper())


def _variable(field: FieldInfo) -> str:
    alias = field.validation_alias
    assert isinstance(alias, AliasChoices)
    return str(alias.choices[0])


def _one_line(error: ValidationError) -> str:
    missing = [str(e["loc"][0]) for e in error.errors() if e["type"] == "missing"]
    wrong = [f"{e['loc'][0]}: {e['msg']}" for e in error.errors() if e["type"] != "missing"]
    parts = []
    if missing:
        parts.append(f"缺少環境變數 / not set (each may also be given as NAME{FILE_SUFFIX}): {', '.join(missing)}")
    if wrong:
        parts.append(f"環境變數內容錯誤 / not understood: {'; '.join(wrong)}")
    return " · ".join(parts)
