"""The pod backend against a FAKE of the cluster: no Kubernetes runs here. What is real is the pod that is asked for, the operator of
Airflow around it, and the script in the pod, which runs in a shell here."""

from __future__ import annotations

import json
import logging
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowException

import fake
from opendatahub_sql_airflow import kubernetes_backend
from opendatahub_sql_airflow.kubernetes_backend import KubernetesBackend, OdhPod


def finished_pod(code: int) -> Any:
    terminated = SimpleNamespace(exit_code=code)
    base = SimpleNamespace(name="base", state=SimpleNamespace(terminated=terminated))
    return SimpleNamespace(status=SimpleNamespace(container_statuses=[base]))


class FakeCluster:
    """Stands in for the API server: every pod ends with `code`, its sidecar gives `result`."""

    def __init__(self, code: int | None, result: dict[str, Any]) -> None:
        self.code, self.result = code, result
        self.asked: list[OdhPod] = []

    def execute(self, pod: OdhPod, _context: Any) -> Any:
        self.asked.append(pod)
        if self.code == 0:
            return self.result
        pod.remote_pod = None if self.code is None else finished_pod(self.code)
        pod.odh_result = self.result
        raise AirflowException("Pod returned a failure.")


def run(monkeypatch: pytest.MonkeyPatch, cluster: FakeCluster, item: str | None = "{}") -> Any:
    monkeypatch.setattr(OdhPod, "execute", lambda self, context: cluster.execute(self, context))
    backend = KubernetesBackend(
        "run", ["odh"], {"image": "registry/odh:1", "namespace": "data", "env_vars": {"A": "1"}}
    )
    return backend.run(
        ["run", "--config", "/hub/odh.config.ts"], item, {"TRACEPARENT": "00-x"}, fake.context(), logging.getLogger()
    )


@pytest.mark.parametrize("code", [0, 65, 75, 99])
def test_result_and_exit_code_come_back_whatever_they_are(monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    finished = run(monkeypatch, FakeCluster(code, {"status": "x"}))
    assert (finished.code, finished.result) == (code, {"status": "x"})


def test_a_pod_that_never_ran_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AirflowException):
        run(monkeypatch, FakeCluster(None, {}))


def test_the_pod_gets_the_arguments_the_environment_and_the_options(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = FakeCluster(0, {})
    run(monkeypatch, cluster, '{"schemaVersion": 1}')
    [pod] = cluster.asked
    assert pod.arguments == [
        "run",
        "--config",
        "/hub/odh.config.ts",
        "--json",
        "--result",
        "/airflow/xcom/return.json",
        '{"schemaVersion": 1}',
    ]
    assert (pod.image, pod.namespace, pod.do_xcom_push, pod.reattach_on_restart) == (
        "registry/odh:1",
        "data",
        True,
        True,
    )
    assert {one.name: one.value for one in pod.env_vars} == {"TRACEPARENT": "00-x", "A": "1"}


def test_an_item_that_no_argument_takes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AirflowException, match="bytes"):
        run(monkeypatch, FakeCluster(0, {}), "é" * 70_000)


@pytest.mark.parametrize(("code", "no_result"), [(0, ""), (65, ""), (1, "1")])
def test_the_script_in_the_pod_leaves_a_result_file_and_the_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, no_result: str
) -> None:
    file = tmp_path / "xcom" / "return.json"
    monkeypatch.setattr(kubernetes_backend, "RESULT_FILE", str(file))
    pod = KubernetesBackend("run", fake.program(tmp_path), {"image": "i"})._make(["run"], None, {})
    env = {
        "FAKE_CODE": str(code),
        "FAKE_RESULT": '{"status": "loaded"}',
        **({"FAKE_NO_RESULT": "1"} if no_result else {}),
    }
    ended = subprocess.run([*pod.cmds, *pod.arguments], env=env, check=False, capture_output=True)
    assert ended.returncode == code
    assert json.loads(file.read_text()) == ({} if no_result else {"status": "loaded"})


def test_a_killed_task_deletes_its_pod(monkeypatch: pytest.MonkeyPatch) -> None:
    killed: list[str] = []
    monkeypatch.setattr(OdhPod, "on_kill", lambda self: killed.append(self.task_id))
    monkeypatch.setattr(OdhPod, "execute", lambda *_: {})
    backend = KubernetesBackend("run", ["odh"], {"image": "i"})
    backend.kill()
    backend.run(["status"], None, {}, fake.context(), logging.getLogger())
    backend.kill()
    assert killed == ["run_pod"]
