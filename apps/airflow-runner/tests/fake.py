"""Stand-ins: a program that behaves as told instead of odh, and a task instance that keeps what is pushed."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

# Says what it is told in environment variables; ends when its standard input does, as odh with --exit-with-parent.
PROGRAM = """
import json, os, signal, sys, threading, time
args = sys.argv[1:]
def on_eof():
    sys.stdin.read()
    os._exit(130)
if "--exit-with-parent" in args:
    threading.Thread(target=on_eof, daemon=True).start()
if os.environ.get("FAKE_STUBBORN"):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(json.dumps({"at": "2026-01-01T00:00:00Z", "level": "warn", "message": "hello", "rows": 3}), file=sys.stderr, flush=True)
print("no JSON at all", file=sys.stderr, flush=True)
if os.environ.get("FAKE_PID"):
    open(os.environ["FAKE_PID"], "w").write(str(os.getpid()))
time.sleep(float(os.environ.get("FAKE_SECONDS", "0")))
item = [a[1:] for a in args if a.startswith("@")]
result = json.loads(os.environ.get("FAKE_RESULT", "{}"))
if item:
    result["item"] = json.load(open(item[0]))
if "--result" in args and not os.environ.get("FAKE_NO_RESULT"):
    json.dump(result, open(args[args.index("--result") + 1], "w"))
sys.exit(int(os.environ.get("FAKE_CODE", "0")))
"""


def program(folder: Path) -> list[str]:
    """The command that starts it."""
    file = folder / "fake_odh.py"
    file.write_text(PROGRAM)
    return [sys.executable, str(file)]


class TaskInstance(SimpleNamespace):
    """Keeps XComs."""

    def __init__(self, **fields: Any) -> None:
        super().__init__(
            dag_id="d", run_id="r", task_id="t", map_index=-1, try_number=1, max_tries=3, log_url="", **fields
        )
        self.pushed: dict[str, Any] = {}

    def xcom_push(self, key: str, value: Any) -> None:
        """What Airflow would keep must be JSON."""
        self.pushed[key] = json.loads(json.dumps(value))


def context(**fields: Any) -> dict[str, Any]:
    """The part of a context that the operators use."""
    return {"ti": TaskInstance(**fields), "run_id": "r", "dag_run": SimpleNamespace(conf={}, run_id="r", dag_id="d")}
