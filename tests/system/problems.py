"""How every no looks: `application/problem+json` with a stable slug."""

from __future__ import annotations

from collections.abc import Iterable

import httpx
import msgspec

from cec_chassis.problems import PROBLEM_JSON, Problem


def assert_problem(answer: httpx.Response, status: int, slug: str, paths: Iterable[str] = ()) -> Problem:
    """The answer is this problem and its errors name (at least) these paths; returns it."""
    assert (answer.status_code, answer.headers.get("Content-Type")) == (status, PROBLEM_JSON), answer.text
    problem = msgspec.json.decode(answer.content, type=Problem, strict=True)
    assert problem.type == f"/problems/{slug}", answer.text
    assert problem.status == status
    assert problem.title
    assert problem.detail
    assert problem.request_id == answer.headers["X-Request-Id"]
    assert {error.path for error in problem.errors} >= set(paths), answer.text
    assert all(error.slug and error.message for error in problem.errors)
    return problem
