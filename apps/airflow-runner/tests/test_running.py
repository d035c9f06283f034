"""How odh is run, told apart by its exit code, and ended."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException

import fake
from opendatahub_sql_airflow.exit_codes import Outcome, outcome
from opendatahub_sql_airflow.operators import OdhOperator, OdhPlanOperator, OdhRunOperator, read_work_item
from opendatahub_sql_airflow.subprocess_backend import SubprocessBackend
from opendatahub_sql_airflow.task_log import parse_line

RESOURCE = {"resource": "r1", "title": "a.csv", "dataset": "communes", "warnings": []}
LOADED = {**RESOURCE, "status": "loaded", "tables": []}
DOWN = {
    "error": "FetchError",
    "plugin": "fetch",
    "operation": "get",
    "reason": "Transient",
    "message": "503 from the portal",
}
ITEM = {"schemaVersion": 1, "source": "datagouv", "resources": [{"dataset": {"slug": "communes"}}]}


def wait_for(condition: Any, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "waited too long"
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False


def run_operator(tmp_path: Path, env: dict[str, str], **options: Any) -> OdhRunOperator:
    return OdhRunOperator(
        task_id="run", odh=fake.program(tmp_path), work_item={"label": "communes", "item": ITEM}, env=env, **options
    )


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (0, Outcome.DONE),
        (99, Outcome.SKIPPED),
        (75, Outcome.RETRY),
        (1, Outcome.RETRY),
        (64, Outcome.FAILED),
        (65, Outcome.FAILED),
        (70, Outcome.FAILED),
        (78, Outcome.FAILED),
        (127, Outcome.FAILED),
        (130, Outcome.CANCELLED),
        (143, Outcome.CANCELLED),
        (-9, Outcome.CANCELLED),
    ],
)
def test_every_exit_code_has_its_outcome(code: int, expected: Outcome) -> None:
    assert outcome(code) is expected


@pytest.mark.parametrize(
    ("code", "error"),
    [(99, AirflowSkipException), (65, AirflowFailException), (78, AirflowFailException), (75, AirflowException)],
)
def test_the_result_is_pushed_whatever_the_exit_code(tmp_path: Path, code: int, error: type[Exception]) -> None:
    context = fake.context()
    result = {"status": "failed", "failure": DOWN}
    with pytest.raises(error) as raised:
        run_operator(tmp_path, {"FAKE_CODE": str(code), "FAKE_RESULT": json.dumps(result)}).execute(context)
    assert type(raised.value) is error
    assert context["ti"].pushed["return_value"]["failure"]["message"] == "503 from the portal"
    assert code == 99 or "503 from the portal" in str(raised.value)


def test_a_run_gives_its_result_and_names_its_instance(tmp_path: Path) -> None:
    context = fake.context()
    result = run_operator(tmp_path, {"FAKE_RESULT": json.dumps({"status": "loaded", "resources": [LOADED]})}).execute(
        context
    )
    assert result["status"] == "loaded"
    assert result["item"] == ITEM
    assert context["item_label"] == "communes"


def test_a_program_that_dies_without_a_result_is_tried_again(tmp_path: Path) -> None:
    with pytest.raises(AirflowException, match="left no result"):
        run_operator(tmp_path, {"FAKE_CODE": "1", "FAKE_NO_RESULT": "1"}).execute(fake.context())


def test_unchanged_after_a_killed_attempt_is_no_skip(tmp_path: Path) -> None:
    context = fake.context()
    context["ti"].try_number = 2
    result = run_operator(tmp_path, {"FAKE_CODE": "99", "FAKE_RESULT": '{"status": "unchanged"}'}).execute(context)
    assert (result["status"], result["attempt"]) == ("unchanged", 2)


def test_a_part_that_may_pass_is_tried_again_but_not_for_ever(tmp_path: Path) -> None:
    part = json.dumps({"status": "partial", "resources": [LOADED, {**LOADED, "status": "failed", "failure": DOWN}]})
    context = fake.context()
    with pytest.raises(AirflowException, match="a part failed"):
        run_operator(tmp_path, {"FAKE_RESULT": part}).execute(context)
    context["ti"].try_number = 4
    assert run_operator(tmp_path, {"FAKE_RESULT": part}).execute(context)["status"] == "partial"


def test_log_lines_keep_their_level(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        SubprocessBackend(fake.program(tmp_path)).run(["run"], None, {}, None, logging.getLogger("odh"))
    assert ("odh", logging.WARNING, "hello (rows=3)") in caplog.record_tuples
    assert ("odh", logging.INFO, "no JSON at all") in caplog.record_tuples


@pytest.mark.parametrize("line", ["", "[1]", "null", '"text"', "{", '{"level": "warn"}', '{"message": 1}', "é\x00"])
def test_no_log_line_breaks_the_task(line: str) -> None:
    assert isinstance(parse_line(line)[1], str)


def test_a_plan_cuts_items_by_pool(tmp_path: Path) -> None:
    result = {
        "batches": [{"host": "static.data.gouv.fr", "label": "a"}, {"host": "new.example", "label": "b"}],
        "items": [ITEM, ITEM],
        "failed": [{"subject": "gone", "reason": "Transient", "message": "500"}],
        "gone": [],
    }
    plan = OdhPlanOperator(
        task_id="plan",
        odh=fake.program(tmp_path),
        pools=["odh_host_static_data_gouv_fr", "odh_host_other"],
        env={"FAKE_RESULT": json.dumps(result)},
    )
    context = fake.context()
    assert [(one["label"], one["pool"]) for one in plan.execute(context)] == [
        ("a", "odh_host_static_data_gouv_fr"),
        ("b", "odh_host_other"),
    ]
    assert context["ti"].pushed["planned"]["failed"][0]["subject"] == "gone"


def test_an_item_may_come_without_a_label() -> None:
    assert read_work_item(json.dumps(ITEM))[0] == "communes"
    with pytest.raises(AirflowFailException):
        read_work_item("[]")


def test_a_backend_that_does_not_exist_is_said_at_once() -> None:
    with pytest.raises(ValueError, match="subprocess or kubernetes"):
        OdhOperator(task_id="t", backend="lambda")


@pytest.mark.parametrize("stubborn", ["", "1"])
def test_a_killed_task_leaves_no_process(tmp_path: Path, stubborn: str) -> None:
    pid_file = tmp_path / "pid"
    env = {"FAKE_SECONDS": "600", "FAKE_PID": str(pid_file), **({"FAKE_STUBBORN": "1"} if stubborn else {})}
    backend = SubprocessBackend(fake.program(tmp_path), grace_seconds=0.5)
    codes: list[int] = []
    thread = threading.Thread(
        target=lambda: codes.append(backend.run([], None, env, None, logging.getLogger("odh")).code)
    )
    thread.start()
    wait_for(lambda: pid_file.exists() and pid_file.read_text())
    backend.kill()
    thread.join(60)
    assert outcome(codes[0]) is Outcome.CANCELLED
    assert not is_alive(int(pid_file.read_text()))


RUNNER = """
import logging, os, sys
from opendatahub_sql_airflow.subprocess_backend import SubprocessBackend
open(sys.argv[1], "w").write(str(os.getpid()))
SubprocessBackend(sys.argv[2:], grace_seconds=1).run([], None, {}, None, logging.getLogger("odh"))
"""
# A supervisor that starts a runner and waits, as the worker process of Airflow does.
SUPERVISOR = "import subprocess, sys; subprocess.run([sys.executable, *sys.argv[1:]])"


@pytest.mark.parametrize("victim", ["runner", "supervisor"])
def test_odh_ends_with_what_started_it(tmp_path: Path, victim: str) -> None:
    runner_file, odh_file = tmp_path / "runner", tmp_path / "odh"
    (tmp_path / "runner.py").write_text(RUNNER)
    supervisor = subprocess.Popen(
        [sys.executable, "-c", SUPERVISOR, str(tmp_path / "runner.py"), str(runner_file), *fake.program(tmp_path)],
        env={**os.environ, "FAKE_SECONDS": "600", "FAKE_PID": str(odh_file)},
    )
    wait_for(lambda: odh_file.exists() and odh_file.read_text())
    odh = int(odh_file.read_text())
    assert is_alive(odh)
    os.kill(int(runner_file.read_text()) if victim == "runner" else supervisor.pid, signal.SIGKILL)
    wait_for(lambda: not is_alive(odh))
    supervisor.wait(60)
