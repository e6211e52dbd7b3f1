"""Why a batch may be refused."""

from __future__ import annotations

from typing import Final

from cec_chassis.problems import Refusal

COME_AGAIN: Final = 5
"""Seconds after which a job that was not done is worth asking for again."""


class BatchNotDone(Refusal):
    """The job is still being worked on; its address tells how far it is."""

    slug = "batch-not-done"
    status = 409
    title = "批次查詢尚未完成 / The batch is not done yet"

    @classmethod
    def at(cls, done: int, rows: int) -> BatchNotDone:
        """How far it is, and when to come again."""
        return cls(
            f"已答覆 {done:,} 列，共 {rows:,} 列；請於 {COME_AGAIN} 秒後再取結果"
            f" / {done:,} of {rows:,} rows are answered; collect the result again in {COME_AGAIN} seconds",
            headers={"Retry-After": str(COME_AGAIN)},
        )


class BatchFailed(Refusal):
    """The job was given up; its address tells why."""

    slug = "batch-failed"
    status = 409
    title = "批次查詢失敗 / The batch failed"

    @classmethod
    def because(cls, error: str) -> BatchFailed:
        """The kind of error, for whoever is asked, and what the sender can do."""
        return cls(
            f"請重新傳送名單；如再失敗，請將錯誤代號 {error} 告知系統管理者"
            f" / Send the file again; if that fails too, tell the administrators of the system: {error}"
        )


class ResultRemoved(Refusal):
    """The result was kept for its time and is gone."""

    slug = "batch-result-removed"
    status = 410
    title = "批次查詢結果已逾保存期限，請重新傳送名單 / The result of the batch is no longer kept; send the file again"
