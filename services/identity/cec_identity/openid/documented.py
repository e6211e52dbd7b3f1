"""How parameters that authlib reads from the raw query or form look in the API document."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import (
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    Parameter,
    Reference,
    RequestBody,
    Schema,
)

from cec_chassis.problems import PROBLEM_JSON

FORM = "application/x-www-form-urlencoded"


class ProtocolError(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A refusal as the protocol words it (RFC 6749 section 5.2); the code is one of a list that clients know."""

    error: str
    error_description: str = ""


def refused(*statuses: int) -> dict[int, ResponseSpec]:
    """For `responses=`: what the protocol answers beside what it is asked for."""
    words = "依協定拒絕 / Refused as the protocol words it"
    return {status: ResponseSpec(ProtocolError, description=words, generate_examples=False) for status in statuses}


def takes_form(required: Iterable[str], optional: Iterable[str] = ()) -> type[Operation]:
    """An operation whose body is a form of these fields."""
    names, others = list(required), list(optional)
    schema = Schema(
        type=OpenAPIType.OBJECT,
        properties={name: Schema(type=OpenAPIType.STRING) for name in [*names, *others]},
        required=names,
    )

    @dataclass
    class FormOperation(Operation):
        def __post_init__(self) -> None:
            self.request_body = RequestBody(content={FORM: OpenAPIMediaType(schema=schema)}, required=True)
            refused = (self.responses or {}).get("400")
            if isinstance(refused, OpenAPIResponse) and refused.content is not None:
                # what stands in the query is refused as everywhere, before the protocol has a say
                refused.content[PROBLEM_JSON] = OpenAPIMediaType(schema=Reference(ref="#/components/schemas/Problem"))

    return FormOperation


def takes_query(required: Iterable[str], optional: Iterable[str] = ()) -> type[Operation]:
    """An operation with these query parameters."""
    names = set(required)
    parameters = [
        Parameter(name=name, param_in="query", required=name in names, schema=Schema(type=OpenAPIType.STRING))
        for name in [*sorted(names), *optional]
    ]

    @dataclass
    class QueryOperation(Operation):
        def __post_init__(self) -> None:
            self.parameters = list(parameters)

    return QueryOperation
