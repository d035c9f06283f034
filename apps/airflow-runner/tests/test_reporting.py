"""What becomes of the results of a load: assets, a verdict, an alert."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

import fake
from opendatahub_sql_airflow.alerts import tell
from opendatahub_sql_airflow.alerts.alert import Alert
from opendatahub_sql_airflow.alerts.notifiers import OdhNotifier
from opendatahub_sql_airflow.reporting import OdhPublishOperator, OdhVerdictOperator

TABLE = {"name": "gares", "rows": 3, "rejects": 0, "columns": 1, "schemaChange": "none", "destinations": ["d"]}
RESOURCE = {"resource": "r", "title": "g.csv", "dataset": "gares", "tables": [TABLE], "warnings": []}
LOADED = {"status": "loaded", "resources": [{**RESOURCE, "status": "loaded"}], "instance": "run_0", "attempt": 1}
DOWN = {"reason": "Transient", "message": "503"}
FAILED = {
    "status": "failed",
    "resources": [{**RESOURCE, "status": "failed", "tables": [], "failure": DOWN}],
    "instance": "run_1",
}


class Kept(OdhNotifier):
    """Keeps what it is told, or breaks."""

    def __init__(self, breaks: bool = False) -> None:
        super().__init__(conn_id="none", language="en")
        self.told: list[Alert] = []
        self.breaks = breaks

    def send(self, alert: Alert) -> None:
        if self.breaks:
            raise OSError("no network")
        self.told.append(alert)


def context(results: list[Any], states: dict[str, str], planned: Any = None, plan_result: Any = None) -> dict[str, Any]:
    found = fake.context()

    def xcom_pull(task_ids: Any, key: str = "return_value") -> Any:
        if isinstance(task_ids, list):
            return results
        return planned if key == "planned" else plan_result

    found["ti"].xcom_pull = xcom_pull
    found["ti"].get_task_states = lambda **_: {"r": states}
    return found


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    kept: dict[str, str] = {}
    stand_in = SimpleNamespace(get=lambda name, default: kept.get(name, default), set=kept.__setitem__)
    monkeypatch.setattr(tell, "Variable", stand_in)
    return kept


def verdict(notifier: OdhNotifier) -> OdhVerdictOperator:
    return OdhVerdictOperator(
        task_id="verdict", plan_task="plan", run_tasks=["run"], notifiers=[notifier], remind_after=timedelta(days=1)
    )


def subjects(notifier: Kept) -> list[str]:
    return [one.subject for one in notifier.told[-1].problems]


def test_all_is_well(memory: dict[str, str]) -> None:
    notifier = Kept()
    assert verdict(notifier).execute(context([LOADED], {"plan": "success", "run_0": "success"})) == {
        "items": 1,
        "problems": 0,
    }
    assert notifier.told == []
    assert memory == {}


def test_failed_items_and_killed_ones_are_in_one_alert(memory: dict[str, str]) -> None:
    notifier = Kept()
    states = {"plan": "success", "run_0": "success", "run_1": "failed", "run_2": "failed"}
    with pytest.raises(AirflowFailException, match=r"2 failed: gares: g\.csv: 503; run_2: it failed"):
        verdict(notifier).execute(context([LOADED, FAILED], states))
    assert subjects(notifier) == ["gares: g.csv", "run_2"]
    with pytest.raises(AirflowFailException):
        verdict(notifier).execute(context([LOADED, FAILED], states))
    assert len(notifier.told) == 1
    assert list(memory) == ["odh_told_d"]


def test_a_plan_that_failed_is_told_with_its_reason_and_once(memory: dict[str, str]) -> None:
    states = {"plan": "failed", "run": "upstream_failed"}
    down = {"failed": [{"subject": "datagouv", "message": "503"}]}
    for planned, result, expected in (
        (down, {"schemaVersion": 1, "items": []}, "datagouv"),
        (None, {"failure": {"reason": "Config", "message": "unknown key"}, "resources": []}, "odh"),
        (None, None, "plan"),
    ):
        memory.clear()
        notifier = Kept()
        with pytest.raises(AirflowFailException):
            verdict(notifier).execute(context([], states, planned, result))
        assert subjects(notifier) == [expected]


@pytest.mark.usefixtures("memory")
def test_a_dataset_that_could_not_be_looked_at_fails_the_load() -> None:
    planned = {"failed": [{"subject": "gares", "message": "500"}]}
    with pytest.raises(AirflowFailException, match="gares: 500"):
        verdict(Kept()).execute(context([LOADED], {"plan": "success"}, planned, [{}]))


@pytest.mark.usefixtures("memory")
def test_a_notifier_that_fails_changes_nothing() -> None:
    rejected = {**LOADED, "resources": [{**RESOURCE, "status": "loaded", "tables": [{**TABLE, "rejects": 2}]}]}
    assert verdict(Kept(breaks=True)).execute(context([rejected], {"plan": "success"})) == {"items": 1, "problems": 1}


def test_nothing_changed_publishes_nothing() -> None:
    publish = OdhPublishOperator(task_id="publish", run_tasks=["run"])
    with pytest.raises(AirflowSkipException):
        publish.execute(context([{"status": "unchanged", "resources": [], "attempt": 1}, FAILED], {}))
    assert publish.execute(context([LOADED, FAILED], {})) == {"gares": {"rows": 3, "rejects": 0}}
