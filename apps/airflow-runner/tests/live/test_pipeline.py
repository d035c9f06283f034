"""The whole pipeline by `dag.test()`: the portal's replica, a lake, a DuckDB file, dbt to gold; then what lineage was told of it."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from lineage_check import check, ours, read
from portal import ODH, ROOT, Portal, odh, pilots, write_hub

DBT = ROOT / ".venvs/dbt/bin/dbt"
APP = Path(__file__).parents[2]
# A process of its own for each Dag: Airflow reads its configuration once.
TEST = """
import json, sys
from airflow.dag_processing.dagbag import DagBag
bag = DagBag(sys.argv[1], collect_dags=False)
bag.collect_dags()
assert not bag.import_errors, bag.import_errors
run = bag.dags[sys.argv[2]].test()
tasks = {f"{ti.task_id}[{ti.map_index}]": ti.state for ti in run.get_task_instances()}
print("RESULT " + json.dumps({"state": run.state, "tasks": tasks}))
"""


class Pipeline:
    """A hub with the pilots, and Airflow on SQLite."""

    def __init__(self, folder: Path, portal: Portal) -> None:
        self.hub = folder / "hub"
        self.lineage = folder / "lineage.ndjson"
        config = write_hub(self.hub, portal, pilots())
        manifest = folder / "manifest.json"
        odh(self.hub, "plan", "--manifest", str(manifest))
        project = folder / "dbt"
        subprocess.run(
            f"mkdir {project} && git -C {ROOT} ls-files -z dbt | (cd {ROOT} && xargs -0 tar cf -) | tar xf - -C {folder}",
            shell=True,
            check=True,
        )
        self.env = {
            **os.environ,
            "AIRFLOW_HOME": str(folder / "airflow"),
            "AIRFLOW__CORE__DAGS_FOLDER": str(APP / "dags"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__LOGGING__LOGGING_LEVEL": "INFO",
            "AIRFLOW__OPENLINEAGE__NAMESPACE": "odh-test",
            "AIRFLOW__OPENLINEAGE__TRANSPORT": json.dumps(
                {"type": "file", "log_file_path": str(self.lineage), "append": True}
            ),
            "PYTHONPATH": str(APP / "src"),
            "ODH_MANIFEST": str(manifest),
            "ODH_CONFIG": str(config),
            "ODH_COMMAND": shlex.join(ODH),
            "ODH_DBT": str(DBT),
            "ODH_DBT_PROJECT": str(project),
            "ODH_WAREHOUSE": str(self.hub / "warehouse.duckdb"),
        }
        airflow = str(Path(sys.executable).parent / "airflow")
        pools = subprocess.run(
            [sys.executable, "-m", "opendatahub_sql_airflow", "pools", str(manifest)],
            env=self.env,
            check=True,
            capture_output=True,
        )
        (folder / "pools.json").write_bytes(pools.stdout)
        for command in (["db", "migrate"], ["pools", "import", str(folder / "pools.json")]):
            subprocess.run([airflow, *command], env=self.env, check=True, capture_output=True)

    def test(self, dag: str) -> dict[str, Any]:
        """State of the run and of its tasks."""
        ended = subprocess.run(
            [sys.executable, "-c", TEST, str(APP / "dags"), dag],
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
        )
        lines = [line for line in ended.stdout.splitlines() if line.startswith("RESULT ")]
        assert lines, ended.stdout[-3000:] + ended.stderr[-3000:]
        return dict(json.loads(lines[-1].removeprefix("RESULT ")))


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    portal = Portal()
    try:
        yield Pipeline(tmp_path_factory.mktemp("pipeline"), portal)
    finally:
        portal.close()


def test_from_the_portal_to_gold(pipeline: Pipeline) -> None:
    loaded = pipeline.test("odh_datagouv")
    assert loaded == {
        "state": "success",
        "tasks": {"plan[-1]": "success", "run[0]": "success", "publish[-1]": "success", "verdict[-1]": "success"},
    }
    if not DBT.exists():
        pytest.skip("the Python environment dbt is not installed: gold was not built")
    built = pipeline.test("odh_dbt")
    assert built == {"state": "success", "tasks": {"generate[-1]": "success", "build[-1]": "success"}}
    answer = odh(pipeline.hub, "query", "select count(*)::int as n from gold.fct_prix_carburant", "--json")
    assert json.loads(answer.splitlines()[-1])["n"] == 33_416


def test_lineage_is_as_the_official_client_has_it_and_joined_to_the_task(pipeline: Pipeline) -> None:
    events = read(pipeline.lineage)
    told = ours(events)
    assert len(told) > 20
    for one in told:
        check(one)
    task = {one["run"]["runId"] for one in events if one["job"]["name"] == "odh_datagouv.run"}
    commands = [one for one in told if one["job"]["name"] == "odh.run"]
    assert [one["eventType"] for one in commands] == ["START", "COMPLETE"]
    assert {one["run"]["facets"]["parent"]["run"]["runId"] for one in commands} <= task
    outputs = {out["name"]: out for one in told if one["eventType"] == "COMPLETE" for out in one["outputs"]}
    assert outputs["prix_carburants__prix"]["outputFacets"]["outputStatistics"]["rowCount"] == 33_416
    assert outputs["communes"]["facets"]["schema"]["fields"][0]["name"]
    started = [one["run"]["runId"] for one in told if one["eventType"] == "START"]
    ended = [one["run"]["runId"] for one in told if one["eventType"] != "START"]
    assert sorted(started) == sorted(ended)
    assert len(set(started)) == len(started)


def test_a_run_that_a_kill_left_open_is_closed_by_time_out(pipeline: Pipeline) -> None:
    portal_env = {**pipeline.env, "OPENLINEAGE__TRANSPORT": pipeline.env["AIRFLOW__OPENLINEAGE__TRANSPORT"]}
    record = {
        "_tag": "RunStarted",
        "at": "2020-01-01T00:00:00.000Z",
        "run": "20200101T000000000Z-dead",
        "command": "run",
        "version": "0",
    }
    runs = [json.loads(line) for line in odh(pipeline.hub, "runs", "--json").splitlines()]
    assert runs
    [events] = {one.parent for one in (pipeline.hub / "lake").rglob("*.ndjson") if "RunStarted" in one.read_text()}
    (events / f"{record['run']}.ndjson").write_text(json.dumps(record) + "\n")
    odh(pipeline.hub, "state", "rebuild")
    before = len(read(pipeline.lineage))
    subprocess.run([*ODH, "lineage", "close", "--older-than", "1"], cwd=pipeline.hub, env=portal_env, check=True)
    [closed] = read(pipeline.lineage)[before:]
    check(closed)
    assert closed["eventType"] == "ABORT"
    assert "killed" in closed["run"]["facets"]["errorMessage"]["message"]
