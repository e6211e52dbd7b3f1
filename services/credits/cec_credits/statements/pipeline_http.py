"""The published pipeline: which steps every record passes, in their order."""

from __future__ import annotations

from typing import Final

import msgspec
from litestar import Controller, get

from cec_chassis.http import needs
from cec_credits.rulesets.document import Words
from cec_credits.statements.pipeline import PUBLISHED


class StepView(msgspec.Struct, frozen=True):
    """One step of the pipeline; `step` is the name that losses cite; `attribute_group` and
    `requirement_lines` sum up and take nothing."""

    step: str
    text: Words


STEPS: Final = [StepView(name, words) for name, words in PUBLISHED]


class PipelineController(Controller):
    """The steps of a calculation, for whoever reads at which of them points were lost."""

    path = "/rule-sets/pipeline"
    tags = ("rule sets",)

    @get("/", guards=[needs("credits.rules.list")])
    async def pipeline(self) -> list[StepView]:
        """Every step in the order in which a record passes them, with its name in both languages."""
        return STEPS
