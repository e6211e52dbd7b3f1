"""Why a batch may be refused."""

from __future__ import annotations

from cec_chassis.problems import Refusal


class BatchNotDone(Refusal):
    """The job is still being worked on; its address tells how far it is."""

    slug = "batch-not-done"
    status = 409
    title = "批次查詢尚未完成 / The batch is not done yet"


class BatchFailed(Refusal):
    """The job was given up; its address tells why."""

    slug = "batch-failed"
    status = 409
    title = "批次查詢失敗 / The batch failed"


class ResultRemoved(Refusal):
    """The result was kept for its time and is gone."""

    slug = "batch-result-removed"
    status = 410
    title = "批次查詢結果已逾保存期限 / The result of the batch is no longer kept"
