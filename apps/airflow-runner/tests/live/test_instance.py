"""A live Airflow: triggered by REST, followed to the end; its processes killed, its source taken down, its data broken.

dbt is a STAND-IN here that notes that it was called; the real one runs in test_pipeline.py.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import stat
import sys
import tempfile
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from instance import Instance, Postgres, wait_for
from portal import ODH, ROOT, Portal, odh, write_hub
from processes import parent_of, running_odh

SLUGS = ["jours-feries-en-france", "liste-des-gares", "base-nationale-des-lieux-de-covoiturage"]
DATASETS = """[
  { id: "5b3cc551c751df4822526c1c", resources: { format: "csv" }, into: "jours_feries" },
  { id: "liste-des-gares", into: "gares" },
  { id: "base-nationale-des-lieux-de-covoiturage", into: "covoiturage" },
]"""
LOAD = "odh_datagouv"
STATIONS = ROOT / "fixtures/corpus/sncf-gares-2019-2021/liste-des-gares.upper.csv"
STATION_COUNT = 4_148


class Place:
    """The parts of the test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.hub = folder / "hub"
        self.portal = Portal()
        self.config = write_hub(self.hub, self.portal, DATASETS)
        odh(self.hub, "plan", "--manifest", str(folder / "manifest.json"))
        self.alerts: list[dict[str, Any]] = []
        self._listener = self._listen()
        self.dbt_calls = folder / "dbt-calls"
        dbt = folder / "dbt"
        self.dbt_fails = folder / "dbt-fails"
        dbt.write_text(f'#!/bin/sh\necho "$@" >> {self.dbt_calls}\n[ ! -e {self.dbt_fails} ]\n')
        dbt.chmod(dbt.stat().st_mode | stat.S_IXUSR)
        project = folder / "project"
        project.mkdir()
        (project / "dbt_project.yml").write_text("name: p\n")
        programs = Postgres.find()
        self.postgres = None if programs is None else Postgres(programs, folder / "postgres")
        print(f"database: {'SQLite' if programs is None else programs}")
        self.airflow = Instance(
            folder,
            Path(__file__).parents[2] / "dags",
            {
                "PYTHONPATH": str(Path(__file__).parents[2] / "src"),
                "ODH_MANIFEST": str(folder / "manifest.json"),
                "ODH_CONFIG": str(self.config),
                "ODH_COMMAND": shlex.join(ODH),
                "ODH_DBT": str(dbt),
                "ODH_DBT_PROJECT": str(project),
                "ODH_SCHEDULE": "",
                "ODH_RETRIES": "2",
                "ODH_RETRY_SECONDS": "1",
                "ODH_ALERT_WEBHOOK": "alerts",
                "ODH_ALERT_LANGUAGE": "en",
                "AIRFLOW_CONN_ALERTS": json.dumps(
                    {"conn_type": "http", "host": f"http://127.0.0.1:{self._listener.server_address[1]}/"}
                ),
            },
            self.postgres,
        )

    def _listen(self) -> ThreadingHTTPServer:
        alerts = self.alerts

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                alerts.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: Any) -> None: ...

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server

    def start(self) -> None:
        """Migrated, with pools, healthy."""
        from opendatahub_sql_airflow.manifest import load_manifest

        self.airflow.airflow("db", "migrate")
        pools = self.folder / "pools.json"
        pools.write_text(json.dumps(load_manifest(self.folder / "manifest.json").pools()))
        self.airflow.airflow("pools", "import", str(pools))
        self.airflow.start()

    def rows(self, table: str) -> list[Any]:
        """Count, distinct records, extractions of a table, from the destination."""
        answer = odh(
            self.hub,
            "query",
            f"select count(*)::int as n, count(distinct (_row, _resource_id))::int as d from bronze.{table}",
            "--json",
        )
        one = json.loads(answer.splitlines()[-1])
        one = one[0] if isinstance(one, list) else one
        return [one["n"], one["d"]]

    def add_stations(self, more: int) -> None:
        """A new state of the stations: the real file, and lines more. Other columns would be held back, rightly."""
        lines = STATIONS.read_text(encoding="utf-8").splitlines()
        new = [f"{10_000_000 + n};{lines[-1].split(';', 1)[1]}" for n in range(more)]
        self.portal.control(replace=self.portal.resource("liste-des-gares"), text="\n".join([*lines, *new]) + "\n")

    def close(self) -> None:
        """Everything ends."""
        self.airflow.close()
        if self.postgres is not None:
            self.postgres.close()
        self.portal.close()
        self._listener.shutdown()


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    # Not pytest's folder: PostgreSQL runs as another user, who must be able to enter.
    folder = Path(tempfile.mkdtemp(prefix="odh-live-"))
    folder.chmod(0o755)
    one = Place(folder)
    try:
        one.start()
        yield one
    finally:
        one.close()
        shutil.rmtree(folder, ignore_errors=True)


def dbt_runs(place: Place) -> list[str]:
    found = place.airflow.get("/dags/odh_dbt/dagRuns")["dag_runs"]
    return [one["dag_run_id"] for one in found]


def test_a_load_triggered_by_rest_ends_well_with_asset_xcom_and_dbt_behind_it(place: Place) -> None:
    run = place.airflow.trigger(LOAD)
    assert place.airflow.finish(LOAD, run) == "success", place.airflow.tasks(LOAD, run)
    assert {name: state for name, (state, _) in place.airflow.tasks(LOAD, run).items()} == {
        "plan": "success",
        "run[0]": "success",
        "publish": "success",
        "verdict": "success",
    }
    result = place.airflow.xcom(LOAD, run, "run", 0)
    assert result["status"] == "loaded"
    assert {one["dataset"] for one in result["resources"]} == set(SLUGS)
    assert "resource done" in place.airflow.log(LOAD, run, "run", 0)
    # dbt may be done already, and have an event of its own.
    [event] = [one for one in place.airflow.get("/assets/events")["asset_events"] if one["source_dag_id"] == LOAD]
    assert event["extra"]["tables"]["jours_feries"]["rows"] == place.rows("jours_feries")[0]
    [dbt_run] = wait_for(lambda: dbt_runs(place), "the run of dbt")
    assert place.airflow.finish("odh_dbt", dbt_run) == "success"
    assert len(place.dbt_calls.read_text().splitlines()) == 1


def test_nothing_changed_is_skipped_and_dbt_does_not_run(place: Place) -> None:
    run = place.airflow.trigger(LOAD)
    assert place.airflow.finish(LOAD, run) == "success"
    states = {name: state for name, (state, _) in place.airflow.tasks(LOAD, run).items()}
    assert (states["run[0]"], states["publish"], states["verdict"]) == ("skipped", "skipped", "success")
    assert place.airflow.xcom(LOAD, run, "run", 0)["status"] == "unchanged"
    assert len(dbt_runs(place)) == 1


@pytest.mark.parametrize("victim", ["odh", "runner", "supervisor"])
def test_killed_in_the_middle_it_is_tried_again_without_a_duplicate_or_an_orphan(place: Place, victim: str) -> None:
    more = ["odh", "runner", "supervisor"].index(victim) + 1
    place.add_stations(more)
    # The file comes so slowly that the kill is in the middle; the next attempt finds the portal well again.
    stations = place.portal.resource("liste-des-gares")
    place.portal.control(misbehave=stations, behaviour={"kind": "slow", "bytesPerSecond": 200})
    run = place.airflow.trigger(LOAD)
    [pid] = wait_for(lambda: running_odh(place.hub), "odh at work")
    runner = parent_of(pid)
    os.kill({"odh": pid, "runner": runner, "supervisor": parent_of(runner)}[victim], signal.SIGKILL)
    place.portal.control(behave=True)
    wait_for(lambda: pid not in running_odh(place.hub), "the end of the first odh")
    assert place.airflow.finish(LOAD, run) == "success", place.airflow.tasks(LOAD, run)
    assert place.airflow.tasks(LOAD, run)["run[0]"] == ("success", 2)
    assert place.rows("gares") == [STATION_COUNT + more] * 2
    assert running_odh(place.hub) == []


def test_bad_data_fails_once_with_the_reason(place: Place) -> None:
    place.alerts.clear()
    place.portal.control(misbehave=place.portal.resource("liste-des-gares"), behaviour={"kind": "html"})
    run = place.airflow.trigger(LOAD)
    assert place.airflow.finish(LOAD, run) == "failed"
    tasks = place.airflow.tasks(LOAD, run)
    assert tasks["verdict"] == ("failed", 1)
    assert tasks["run[0]"][1] == 1, tasks
    [alert] = place.alerts
    assert [one["kind"] for one in alert["problems"]] == ["quarantine"]
    assert "HTML" in alert["problems"][0]["detail"]
    place.portal.control(behave=True)


def test_a_source_that_is_down_is_tried_again_then_told_once(place: Place) -> None:
    place.alerts.clear()
    place.portal.control(misbehave="/api/*", behaviour={"kind": "status", "status": 503})
    run = place.airflow.trigger(LOAD)
    assert place.airflow.finish(LOAD, run) == "failed"
    tasks = place.airflow.tasks(LOAD, run)
    assert tasks["plan"] == ("failed", 3)
    assert tasks["verdict"] == ("failed", 1)
    assert len(place.alerts) == 1
    again = place.airflow.trigger(LOAD)
    assert place.airflow.finish(LOAD, again) == "failed"
    assert len(place.alerts) == 1, "the same problem is not told again"
    place.portal.control(behave=True)
    well = place.airflow.trigger(LOAD)
    assert place.airflow.finish(LOAD, well) == "success"
    assert [one["problems"] for one in place.alerts[1:]] == [[]], "its end is told"


def test_dbt_that_fails_is_not_tried_again_and_told(place: Place) -> None:
    place.alerts.clear()
    place.dbt_fails.touch()
    run = place.airflow.trigger("odh_dbt")
    assert place.airflow.finish("odh_dbt", run) == "failed"
    assert place.airflow.tasks("odh_dbt", run)["build"] == ("failed", 1)
    wait_for(lambda: place.alerts, "the alert of the Dag processor")
    [alert] = place.alerts
    assert (alert["dagId"], [one["kind"] for one in alert["problems"]]) == ("odh_dbt", ["failure"])
    place.dbt_fails.unlink()


def test_a_backfill_of_the_lake_and_a_load_share_the_pool_of_one(place: Place) -> None:
    place.add_stations(10)
    stations = place.portal.resource("liste-des-gares")
    place.portal.control(misbehave=stations, behaviour={"kind": "slow", "bytesPerSecond": 100_000}, times=1)
    load = place.airflow.trigger(LOAD)
    today = datetime.now(UTC).date().isoformat()
    place.airflow.airflow("backfill", "create", "--dag-id", "odh_replay", "--from-date", today, "--to-date", today)
    # After: unpaused first, the schedule would have made a run of that day, and a backfill makes no second one.
    place.airflow.unpause("odh_replay")
    most = 0

    def replays() -> list[str]:
        found = place.airflow.get("/dags/odh_replay/dagRuns")["dag_runs"]
        return [one["dag_run_id"] for one in found if one["run_type"] == "backfill"]

    def are_over() -> bool:
        nonlocal most
        most = max(most, place.airflow.get("/pools/odh_sink_duckdb")["running_slots"])
        writers = running_odh(place.hub) + running_odh(place.hub, "replay")
        assert len(writers) <= 1
        runs = [(LOAD, load), *(("odh_replay", one) for one in replays())]
        return len(runs) == 2 and all(place.airflow.state(*one) in ("success", "failed") for one in runs)

    wait_for(are_over, "both runs", 400)
    [replay] = replays()
    assert (place.airflow.state(LOAD, load), place.airflow.state("odh_replay", replay)) == ("success", "success")
    assert most == 1
    assert place.rows("gares") == [STATION_COUNT + 10] * 2
    replayed = place.airflow.xcom("odh_replay", replay, "replay")
    assert "gares" in {table["name"] for one in replayed["resources"] for table in one["tables"]}
