"""``cec_credits evaluate FILE`` as a process."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.unit.credits.test_bad_cases import CASE, with_record


def run(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "cec_credits.evaluate", *arguments],
        input=stdin,
        capture_output=True,
        check=False,
        timeout=60,
    )


def test_the_answer_is_printed_as_json(tmp_path: Path) -> None:
    file = tmp_path / "case.json"
    file.write_text(json.dumps({"case": CASE, "expect": {}}), encoding="utf-8")
    done = run(str(file))
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["valid"] == "3.60"


def test_a_dash_reads_standard_input() -> None:
    done = run("-", stdin=json.dumps(CASE).encode())
    assert json.loads(done.stdout)["rule_set"] == "R2016"


def test_a_bad_case_gives_one_line_with_the_path_and_exit_code_two() -> None:
    done = run("-", stdin=json.dumps(with_record(points="1.234")).encode())
    assert (done.returncode, done.stdout) == (2, b"")
    assert json.loads(done.stderr)["path"] == "records[0].points"
    assert done.stderr.count(b"\n") == 1


def test_a_file_that_is_not_there_gives_one_line_and_exit_code_two() -> None:
    done = run("no-such-file.json")
    assert done.returncode == 2
    assert json.loads(done.stderr)["problem"] == "unreadable-file"
