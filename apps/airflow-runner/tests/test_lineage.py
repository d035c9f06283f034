"""What a task hands to odh, so that runs and spans are its children."""

from __future__ import annotations

import pytest

import fake
from opendatahub_sql_airflow import lineage


def test_the_task_is_in_the_attributes_beside_those_that_are_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "team=data")
    attributes = lineage.environment(fake.context())["OTEL_RESOURCE_ATTRIBUTES"]
    assert attributes.startswith("team=data,airflow.dag_id=d,airflow.run_id=r,airflow.task_id=t,")


def test_the_span_of_the_task_is_the_parent() -> None:
    parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    assert "TRACEPARENT" not in lineage.environment(fake.context())
    assert lineage.environment(fake.context(context_carrier={"traceparent": parent}))["TRACEPARENT"] == parent


def test_without_a_transport_there_is_no_lineage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__OPENLINEAGE__DISABLED", "True")
    assert "OPENLINEAGE_PARENT_ID" not in lineage.environment(fake.context())


def test_outputs_and_status_are_facets_of_the_task() -> None:
    table = {"name": "gares", "rows": 3, "destinations": ["duckdb:w"]}
    facets = lineage.facets({"status": "loaded", "resources": [{"tables": [table]}]})
    [output] = facets.outputs
    assert (output.namespace, output.name, output.outputFacets["outputStatistics"].rowCount) == ("duckdb:w", "gares", 3)
    assert facets.run_facets["tags"].tags[0].value == "loaded"
    assert lineage.facets({}).outputs == []
