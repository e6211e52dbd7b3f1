"""What the broker's client library offers and nobody here may use, because it loses messages silently."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted(path for folder in ("libs", "services") for path in (ROOT / folder).rglob("*.py"))

FORBIDDEN_METHODS = {
    "iterator": "queue.iterator() burns deliveries of messages nobody saw (A5)",
    "process": "message.process() drops a message whose handler is cancelled (A6)",
    "connect_robust": "a robust connection does not send again what was lost with the old one (A10)",
    "nack": "requeueing is no retry: it goes round at full speed and burns deliveries",
}


def offences(tree: ast.AST) -> Iterator[str]:
    """Uses of the library that are traps, each with its line."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        keywords = {k.arg: k.value for k in node.keywords}
        if name in FORBIDDEN_METHODS:
            yield f"line {node.lineno}: {FORBIDDEN_METHODS[name]}"
        if name == "declare_queue" and not _is_true(keywords.get("durable")):
            yield f"line {node.lineno}: a queue that is not durable=True is gone with the broker (A12)"
        if name == "consume" and "no_ack" in keywords:
            yield f"line {node.lineno}: a delivery without acknowledgement is lost with its consumer"


def _is_true(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is True


def test_no_source_steps_into_a_trap() -> None:
    found = [
        f"{path.relative_to(ROOT)} {offence}"
        for path in SOURCES
        if "aio_pika" in (text := path.read_text(encoding="utf-8"))
        for offence in offences(ast.parse(text))
    ]
    assert found == []


@pytest.mark.parametrize(
    "code",
    [
        "async for message in queue.iterator(): pass",
        "async with message.process(): pass",
        "connection = await aio_pika.connect_robust(url)",
        "await message.nack(requeue=True)",
        "await channel.declare_queue('q')",
        "await channel.declare_queue('q', durable=False)",
        "await queue.consume(callback, no_ack=True)",
    ],
)
def test_each_trap_is_seen(code: str) -> None:
    assert list(offences(ast.parse(f"async def f():\n    {code}")))
