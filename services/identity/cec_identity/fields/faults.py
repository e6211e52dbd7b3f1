"""Faults of a form, gathered: whoever fills one in is told everything that is wrong with it at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from cec_chassis.problems import FieldError, ValidationFailed

Value = TypeVar("Value")
Typed = TypeVar("Typed")


class Unacceptable(ValueError):
    """A text is not what its field asks for. The text itself is never repeated."""

    def __init__(self, slug: str, message: str) -> None:
        self.slug = slug
        self.message = message
        super().__init__(message)


class Faults:
    """Collects what fields find; `settle` refuses when there was anything."""

    def __init__(self) -> None:
        self.errors: list[FieldError] = []

    def take(self, path: str, check: Callable[[Typed], Value], typed: Typed, instead: Value) -> Value:
        """What the field makes of `typed`; `instead` when it is at fault, which no caller sees, since `settle` raises."""
        try:
            return check(typed)
        except Unacceptable as fault:
            self.add(path, fault.slug, fault.message)
            return instead

    def text(self, path: str, check: Callable[[Typed], str], typed: Typed) -> str:
        """`take` for fields that are texts."""
        return self.take(path, check, typed, "")

    def add(self, path: str, slug: str, message: str) -> None:
        """A fault of its own."""
        self.errors.append(FieldError(path, slug, message))

    def settle(self) -> None:
        """Raises ValidationFailed with every fault, if there is one."""
        if self.errors:
            raise ValidationFailed(errors=self.errors)
