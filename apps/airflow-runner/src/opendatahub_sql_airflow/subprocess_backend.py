"""`odh` as a child process that never outlives its task.

Three ways to die are covered. The task is killed by Airflow: `kill` ends the process group. The task runner is killed: the pipe to
the child's standard input closes, and `--exit-with-parent` makes odh end. The supervisor is killed and the runner lives on: the
runner notices that its parent changed and ends the child, as Airflow will start another attempt.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from opendatahub_sql_airflow.backend import Finished
from opendatahub_sql_airflow.task_log import parse_line

_PARENT_CHECK_SECONDS = 1.0


class SubprocessBackend:
    """Runs odh here. `command` starts it, `folder` is where the configuration's relative paths begin. `plain`: another program, without odh's options."""

    def __init__(
        self, command: Sequence[str], folder: str | None = None, grace_seconds: float = 20, *, plain: bool = False
    ) -> None:
        self.command = list(command)
        self.plain = plain
        self.folder = folder
        self.grace_seconds = grace_seconds
        self._process: subprocess.Popen[str] | None = None

    def run(
        self,
        arguments: Sequence[str],
        item: str | None,
        env: Mapping[str, str],
        context: Any,  # noqa: ARG002 - the contract of backends
        log: logging.Logger,
    ) -> Finished:
        """Runs to the end; log lines go to `log` as they come."""
        with tempfile.TemporaryDirectory(prefix="odh-") as scratch:
            result_file = Path(scratch, "result.json")
            command = [*self.command, *arguments]
            if not self.plain:
                command += ["--json", "--exit-with-parent", "--result", str(result_file)]
            if item is not None:
                item_file = Path(scratch, "item.json")
                item_file.write_text(item, encoding="utf-8")
                command.append(f"@{item_file}")
            code = self._watch(command, {**os.environ, **env}, log)
            return Finished(code, _read_result(result_file))

    def kill(self) -> None:
        """SIGTERM to the whole group, SIGKILL after the grace."""
        process = self._process
        if process is None or process.poll() is not None:
            return
        _signal_group(process.pid, signal.SIGTERM)
        try:
            process.wait(self.grace_seconds)
        except subprocess.TimeoutExpired:
            _signal_group(process.pid, signal.SIGKILL)

    def _watch(self, command: list[str], env: dict[str, str], log: logging.Logger) -> int:
        process = subprocess.Popen(
            command,
            cwd=self.folder,
            env=env,
            text=True,
            errors="replace",
            stdin=subprocess.PIPE,
            # odh's result is in its file; what another program prints is for the log.
            stdout=subprocess.PIPE if self.plain else subprocess.DEVNULL,
            stderr=subprocess.STDOUT if self.plain else subprocess.PIPE,
            start_new_session=True,
        )
        self._process = process
        ended = threading.Event()
        threading.Thread(target=self._end_with_supervisor, args=(os.getppid(), ended, log), daemon=True).start()
        try:
            lines = process.stdout or process.stderr
            assert lines is not None
            _pump(lines, log)
            return process.wait()
        finally:
            # Reached by Airflow's time-out and by every other exception too.
            self.kill()
            ended.set()

    def _end_with_supervisor(self, supervisor: int, ended: threading.Event, log: logging.Logger) -> None:
        while not ended.wait(_PARENT_CHECK_SECONDS):
            if os.getppid() != supervisor:
                log.error("the supervisor of this task is gone: odh is stopped, another attempt will follow")
                self.kill()
                return


def _pump(lines: IO[str], log: logging.Logger) -> None:
    for line in lines:
        if text := line.rstrip():
            log.log(*parse_line(text))


def _signal_group(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, number)


def _read_result(file: Path) -> Mapping[str, Any]:
    try:
        result = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return result if isinstance(result, dict) else {"result": result}
