"""An Airflow of this test alone: the processes of a deployment, on PostgreSQL where its programs are, else on SQLite."""

from __future__ import annotations

import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

BIN = str(Path(sys.executable).parent)
HEARTBEAT_TIMEOUT = 20


def free_port() -> int:
    """A port that nobody has now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def wait_for(condition: Callable[[], Any], what: str, seconds: float = 240) -> Any:
    """The first true value; generous, as a slow machine is no failure."""
    until = time.monotonic() + seconds
    while True:
        if value := condition():
            return value
        assert time.monotonic() < until, f"waited {seconds} s for {what}"
        time.sleep(0.2)


class Postgres:
    """A server of its own; `None` from `find` when PostgreSQL is not installed."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self.programs, self.folder, self.port = programs, folder, free_port()
        self._as: list[str] = []
        folder.mkdir(mode=0o700)
        if os.getuid() == 0:
            # It refuses to run as root.
            user = pwd.getpwnam("postgres" if _user_exists("postgres") else "nobody")
            os.chown(folder, user.pw_uid, user.pw_gid)
            self._as = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
        self._run("initdb", "-D", str(folder / "db"), "-U", "airflow", "-A", "trust", "--no-sync")
        options = ["-k", str(folder), "-h", "127.0.0.1", "-p", str(self.port), "-F"]
        self._server = subprocess.Popen(
            [*self._as, str(programs / "postgres"), "-D", str(folder / "db"), *options],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
        )
        wait_for(self._is_up, "PostgreSQL")
        self._run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "airflow", "airflow")
        self.url = f"postgresql+psycopg2://airflow@127.0.0.1:{self.port}/airflow"

    @staticmethod
    def find() -> Path | None:
        """The folder of its programs."""
        homes = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
        on_path = shutil.which("initdb")
        found = [*homes, *([Path(on_path).resolve().parent] if on_path else [])]
        return next((one for one in found if (one / "initdb").exists()), None)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run([*self._as, str(self.programs / program), *arguments], check=True, capture_output=True, cwd="/")

    def _is_up(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            command = [*self._as, str(self.programs / "pg_isready"), "-h", "127.0.0.1", "-p", str(self.port)]
            return subprocess.run(command, capture_output=True, check=False, cwd="/").returncode == 0
        return False

    def close(self) -> None:
        """Ends it at once."""
        self._server.send_signal(signal.SIGQUIT)
        self._server.wait(60)


def _user_exists(name: str) -> bool:
    with suppress(KeyError):
        return bool(pwd.getpwnam(name))
    return False


class Instance:
    """api-server, scheduler, dag-processor and triggerer, spoken to by REST."""

    def __init__(self, folder: Path, dags: Path, env: Mapping[str, str], postgres: Postgres | None) -> None:
        self.folder = folder
        self.port = free_port()
        home = folder / "airflow"
        home.mkdir(parents=True)
        (home / "passwords.json").write_text(json.dumps({"admin": "admin"}))
        self.env = {
            **os.environ,
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "AIRFLOW_HOME": str(home),
            "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
            "AIRFLOW__CORE__PARALLELISM": "3",
            "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{self.port}/execution/",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home / "passwords.json"),
            "AIRFLOW__LOGGING__LOGGING_LEVEL": "INFO",
            "AIRFLOW__API__HOST": "127.0.0.1",
            "AIRFLOW__API__PORT": str(self.port),
            "AIRFLOW__API__WORKERS": "1",
            "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{self.port}",
            "AIRFLOW__API__SECRET_KEY": secrets.token_hex(32),
            "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(64),
            "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(free_port()),
            "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(free_port()),
            "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": str(HEARTBEAT_TIMEOUT),
            "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "3",
            "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_SEC": "3",
            "AIRFLOW__OPENLINEAGE__TRANSPORT": json.dumps(
                {"type": "file", "log_file_path": str(folder / "lineage.ndjson"), "append": True}
            ),
            "AIRFLOW__OPENLINEAGE__NAMESPACE": "odh-test",
            **env,
        }
        if postgres is not None:
            self.env["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] = postgres.url
        self._processes: list[subprocess.Popen[bytes]] = []

    def airflow(self, *arguments: str) -> None:
        """A command of Airflow."""
        ended = subprocess.run(
            [f"{BIN}/airflow", *arguments], env=self.env, capture_output=True, text=True, check=False
        )
        assert ended.returncode == 0, f"airflow {arguments}: {ended.stdout[-1500:]}{ended.stderr[-1500:]}"

    def start(self) -> None:
        """All processes; back when they are healthy."""
        for name in ("api-server", "scheduler", "dag-processor", "triggerer"):
            log = (self.folder / f"{name}.log").open("wb")
            process = subprocess.Popen(
                [f"{BIN}/airflow", name], env=self.env, stdout=log, stderr=log, start_new_session=True
            )
            self._processes.append(process)
        wait_for(self._is_healthy, f"a healthy Airflow; logs in {self.folder}")
        self._token = self._post("/auth/token", {"username": "admin", "password": "admin"}, None)["access_token"]

    def close(self) -> None:
        """Ends all processes and what they started, at once: nothing of this instance is kept."""
        for process in self._processes:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(30)

    def _is_healthy(self) -> bool:
        for process in self._processes:
            assert process.poll() is None, f"{process.args} ended; logs in {self.folder}"
        with suppress(OSError, ValueError):
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v2/monitor/health", timeout=5) as answer:
                parts = json.load(answer)
            return all(parts[one]["status"] == "healthy" for one in ("metadatabase", "scheduler", "dag_processor"))
        return False

    def _post(self, path: str, body: Any, token: str | None, method: str = "POST") -> Any:
        headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", data=data, headers=headers, method=method
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def get(self, path: str) -> Any:
        """An answer of the API."""
        return self._post(f"/api/v2{path}", None, self._token, "GET")

    def trigger(self, dag: str, conf: Mapping[str, Any] | None = None) -> str:
        """Starts a run; its id."""

        def ask() -> Any:
            try:
                return self._post(
                    f"/api/v2/dags/{dag}/dagRuns", {"logical_date": None, "conf": conf or {}}, self._token
                )
            except urllib.error.HTTPError as error:
                if error.code == 404:  # not parsed yet
                    return None
                raise

        return str(wait_for(ask, f"Dag {dag}")["dag_run_id"])

    def unpause(self, dag: str) -> None:
        """Lets it run."""
        self._post(f"/api/v2/dags/{dag}", {"is_paused": False}, self._token, "PATCH")

    def state(self, dag: str, run: str) -> str:
        """The state of a run."""
        return str(self.get(f"/dags/{dag}/dagRuns/{run}")["state"])

    def finish(self, dag: str, run: str) -> str:
        """The state in which the run ended."""
        wait_for(lambda: self.state(dag, run) in ("success", "failed"), f"the end of {dag} {run}", 400)
        return self.state(dag, run)

    def tasks(self, dag: str, run: str) -> dict[str, tuple[str, int]]:
        """State and number of attempts of every task instance, named as the grid names them."""
        found = self.get(f"/dags/{dag}/dagRuns/{run}/taskInstances")["task_instances"]
        return {
            one["task_id"] if one["map_index"] < 0 else f"{one['task_id']}[{one['map_index']}]": (
                str(one["state"]),
                int(one["try_number"]),
            )
            for one in found
        }

    def xcom(self, dag: str, run: str, task: str, map_index: int = -1) -> Any:
        """What a task gave."""
        path = f"/dags/{dag}/dagRuns/{run}/taskInstances/{task}/xcomEntries/return_value?map_index={map_index}"
        value = self.get(path)["value"]
        return json.loads(value) if isinstance(value, str) else value

    def log(self, dag: str, run: str, task: str, map_index: int, attempt: int = 1) -> str:
        """The log of an attempt, as its file has it."""
        folder = f"dag_id={dag}/run_id={run}/task_id={task}/map_index={map_index}"
        return (self.folder / "airflow/logs" / folder / f"attempt={attempt}.log").read_text()
