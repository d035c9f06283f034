"""What joins the events of odh to those of Airflow: parent ids and trace ids for the child, facets for the task."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

_ATTRIBUTES = "OTEL_RESOURCE_ATTRIBUTES"


def environment(context: Any) -> dict[str, str]:
    """Environment variables that make odh's OpenLineage runs and OpenTelemetry spans children of this task."""
    ti = context["ti"]
    about = {
        "airflow.dag_id": ti.dag_id,
        "airflow.run_id": getattr(ti, "run_id", ""),
        "airflow.task_id": ti.task_id,
        "airflow.map_index": getattr(ti, "map_index", -1),
        "airflow.try_number": getattr(ti, "try_number", 1),
    }
    own = [os.environ[_ATTRIBUTES]] if os.environ.get(_ATTRIBUTES) else []
    attributes = ",".join([*own, *(f"{name}={quote(str(value), safe=':.-_')}" for name, value in about.items())])
    return {_ATTRIBUTES: attributes, **_trace(ti), **_open_lineage(ti)}


def _trace(ti: Any) -> dict[str, str]:
    """The span of the task, when Airflow traces."""
    try:
        from opentelemetry.propagate import inject
    except ImportError:
        return {}
    carrier: dict[str, str] = {}
    inject(carrier)
    if "traceparent" not in carrier:
        carrier.update(getattr(ti, "context_carrier", None) or {})
    return {"TRACEPARENT": carrier["traceparent"]} if "traceparent" in carrier else {}


def _open_lineage(ti: Any) -> dict[str, str]:
    """Parent and transport, when the provider is there and sends events."""
    try:
        from airflow.providers.openlineage import conf
        from airflow.providers.openlineage.plugins.macros import lineage_parent_id, lineage_root_parent_id
    except ImportError:
        return {}
    try:
        if conf.is_disabled():
            return {}
        found = {"OPENLINEAGE_PARENT_ID": lineage_parent_id(ti), "OPENLINEAGE_NAMESPACE": conf.namespace()}
        transport = conf.transport()
    except Exception:  # whatever lineage lacks, the data comes first
        return {}
    if transport:
        found["OPENLINEAGE__TRANSPORT"] = json.dumps(transport)
    try:
        found["OPENLINEAGE_ROOT_PARENT_ID"] = lineage_root_parent_id(ti)
    except Exception:  # no logical date: a run by hand
        return found
    return found


def facets(result: Mapping[str, Any]) -> Any:
    """Outputs with their statistics and the status of odh: Airflow reports a skipped task as complete."""
    try:
        from airflow.providers.common.compat.openlineage.facet import OutputDataset, OutputStatisticsOutputDatasetFacet
        from airflow.providers.openlineage.extractors import OperatorLineage
        from openlineage.client.facet_v2 import tags_run
    except ImportError:
        return None
    outputs = [
        OutputDataset(
            namespace=str(destination),
            name=str(table["name"]),
            outputFacets={"outputStatistics": OutputStatisticsOutputDatasetFacet(rowCount=int(table["rows"]))},
        )
        for resource in result.get("resources", [])
        for table in resource.get("tables", [])
        for destination in table.get("destinations", [])
    ]
    status = tags_run.TagsRunFacetFields(key="odh_status", value=str(result.get("status", "unknown")), source="ODH")
    return OperatorLineage(outputs=outputs, run_facets={"tags": tags_run.TagsRunFacet(tags=[status])})
