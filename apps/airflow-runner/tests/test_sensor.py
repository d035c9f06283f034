"""Waiting for fresh data, in a worker and in the triggerer."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException, TaskDeferred

import fake
from opendatahub_sql_airflow.sensors import FreshnessTrigger, OdhFreshnessSensor, stale

FRESH = {"dataset": "1", "datasetSlug": "gares", "title": "g.csv", "freshness": {"state": "fresh"}}
LATE = {**FRESH, "dataset": "2", "datasetSlug": "cog", "freshness": {"state": "late", "age": 1}}


def sensor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, statuses: list[Any], **options: Any) -> OdhFreshnessSensor:
    monkeypatch.setenv("FAKE_RESULT", "")
    file = tmp_path / "statuses.py"
    file.write_text(
        "import sys, json\n"
        f"json.dump(json.loads({json.dumps(json.dumps(statuses))}), open(sys.argv[sys.argv.index('--result') + 1], 'w'))\n"
    )
    import sys

    return OdhFreshnessSensor(task_id="fresh", odh=[sys.executable, str(file)], **options)


def test_late_and_missing_datasets_are_stale() -> None:
    assert stale([FRESH, LATE], []) == ["cog: g.csv"]
    assert stale([FRESH, LATE], ["gares"]) == []
    assert stale([FRESH, LATE], ["1", "2"]) == ["cog: g.csv"]
    assert stale([FRESH], ["none"]) == ["none: not in the lake"]


def test_fresh_data_does_not_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sensor(tmp_path, monkeypatch, [FRESH]).execute(fake.context()) is None


def test_late_data_waits_in_the_triggerer_until_it_is_fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TaskDeferred) as deferred:
        sensor(tmp_path, monkeypatch, [LATE]).execute(fake.context())
    trigger = deferred.value.trigger
    name, options = trigger.serialize()
    assert name.endswith(".FreshnessTrigger")

    async def first_event() -> Any:
        again = FreshnessTrigger(**{**options, "seconds": 0.05})
        waiting = asyncio.ensure_future(anext(again.run()))
        await asyncio.sleep(0.2)
        assert not waiting.done()
        sensor(tmp_path, monkeypatch, [FRESH])
        return (await asyncio.wait_for(waiting, 60)).payload

    assert asyncio.run(first_event()) == {"fresh": True}


def test_a_wrong_configuration_ends_the_waiting() -> None:
    async def first_event() -> Any:
        trigger = FreshnessTrigger(["sh", "-c", "exit 78"], None, [], 0.05)
        return (await anext(trigger.run())).payload

    error = asyncio.run(first_event())
    assert "78" in error["error"]
    with pytest.raises(AirflowFailException):
        OdhFreshnessSensor(task_id="fresh").resume(fake.context(), error)
