"""The Dag files: no error, the rules of the house, fast, and nothing but one JSON file read."""

from __future__ import annotations

import json
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk import DAG

from opendatahub_sql_airflow.__main__ import main
from opendatahub_sql_airflow.factory import Deployment, dags
from opendatahub_sql_airflow.manifest import ManifestError, load_manifest

DATASET = {
    "id": "1",
    "slug": "gares",
    "title": "Gares",
    "page": "https://portal/gares",
    "resources": 1,
    "tables": ["gares"],
}


def manifest_file(folder: Path, groups: list[dict[str, Any]], one_process: bool = True) -> Path:
    file = folder / "manifest.json"
    sinks = [{"id": "duckdb", "oneProcess": True}] if one_process else [{"id": "iceberg", "oneProcess": False}]
    file.write_text(json.dumps({"schemaVersion": 1, "sinks": sinks, "groups": groups}))
    return file


def group(name: str = "datagouv", hosts: tuple[str, ...] = ("a.fr", "b.fr"), datasets: int = 1) -> dict[str, Any]:
    many = [{**DATASET, "id": str(n), "slug": f"gares-{n}"} for n in range(datasets)]
    return {"name": name, "source": "datagouv", "hosts": list(hosts), "datasets": many}


def made(file: Path, **options: Any) -> dict[str, DAG]:
    deployment = Deployment(config="/hub/odh.config.ts", manifest_file=str(file), dbt_project="/dbt", **options)
    return dags(load_manifest(file), deployment)


@pytest.fixture
def one(tmp_path: Path) -> dict[str, DAG]:
    return made(manifest_file(tmp_path, [group()]))


def test_the_dag_folder_loads_without_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow.dag_processing.dagbag import DagBag

    monkeypatch.setenv("ODH_MANIFEST", str(manifest_file(tmp_path, [group()])))
    monkeypatch.setenv("ODH_DBT_PROJECT", "/dbt")
    bag = DagBag(str(Path(__file__).parent.parent / "dags"), collect_dags=False)
    bag.collect_dags()
    assert bag.import_errors == {}
    assert sorted(bag.dags) == ["odh_datagouv", "odh_dbt", "odh_freshness", "odh_maintenance", "odh_replay"]


def test_every_task_keeps_the_rules(one: dict[str, DAG]) -> None:
    for dag in one.values():
        assert {"odh"} < dag.tags
        assert dag.doc_md
        assert (dag.max_active_runs, dag.catchup) == (1, False)
        assert dag.dagrun_timeout is not None
        for task in dag.tasks:
            where = f"{dag.dag_id}.{task.task_id}"
            assert task.owner == "data", where
            assert task.execution_timeout is not None, where
            assert task.doc_md, where
            assert task.pool, where
            assert task.retries == (0 if task.task_id == "verdict" else 3), where


def test_one_writer_gets_a_pool_of_one_that_all_its_tasks_share(one: dict[str, DAG], tmp_path: Path) -> None:
    writers = [
        task
        for dag in one.values()
        for task in dag.tasks
        if task.task_id in ("run", "generate", "build", "replay", "compact")
    ]
    assert {task.pool for task in writers} == {"odh_sink_duckdb"}
    assert load_manifest(tmp_path / "manifest.json").pools()["odh_sink_duckdb"]["slots"] == 1


def test_other_destinations_have_a_pool_for_each_host(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = manifest_file(tmp_path, [group()], one_process=False)
    dag = made(file)["odh_datagouv"]
    assert {task.task_id: task.pool for task in dag.tasks if task.task_id.startswith("run_")} == {
        "run_a_fr": "odh_host_a_fr",
        "run_b_fr": "odh_host_b_fr",
        "run_other": "odh_host_other",
    }
    assert main(["pools", str(file)]) == 0
    assert sorted(json.loads(capsys.readouterr().out)) == ["odh_host_a_fr", "odh_host_b_fr", "odh_host_other"]
    assert "compact" in made(file)["odh_maintenance"].task_dict


def test_the_last_task_follows_all_and_the_one_before_carries_the_asset(one: dict[str, DAG]) -> None:
    dag = one["odh_datagouv"]
    assert [task.task_id for task in dag.leaves] == ["verdict"]
    assert [task.task_id for task in dag.tasks if task.outlets] == ["publish"]
    assert "odh://datagouv/datagouv" in json.dumps([one.uri for one in dag.get_task("publish").outlets])


def test_a_dag_for_each_group(tmp_path: Path) -> None:
    found = made(manifest_file(tmp_path, [group("datagouv_insee"), group("datagouv_sncf")]))
    assert {"odh_datagouv_insee", "odh_datagouv_sncf"} < set(found)


def test_five_hundred_datasets_take_less_than_a_second_no_network_and_no_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = manifest_file(tmp_path, [group(f"g{n}", datasets=10) for n in range(50)], one_process=False)

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a Dag file must not do that")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(subprocess, "Popen", refuse)
    # CPU, not the clock: other work on the machine is no fault of the factory.
    started = time.process_time()
    found = made(file)
    spent = time.process_time() - started
    print(f"500 datasets in 50 groups: {spent:.2f} s of CPU")
    assert len(found) == 54
    assert spent < 1


@pytest.mark.parametrize(
    "text",
    ["", "[]", '{"schemaVersion": 2}', '{"schemaVersion": 1}', '{"schemaVersion": 1, "sinks": [], "groups": [{}]}'],
)
def test_a_manifest_that_cannot_be_used_says_what_to_do(tmp_path: Path, text: str) -> None:
    file = tmp_path / "manifest.json"
    file.write_text(text)
    with pytest.raises(ManifestError, match=r"odh plan --manifest|must fit"):
        load_manifest(file)
    assert main(["pools", str(file)]) == 78
    with pytest.raises(ManifestError, match="cannot be read"):
        load_manifest(tmp_path / "none.json")
