"""Holds OpenLineage events to the classes that the official client generates from the official JSON Schemas.

The schemas themselves are in no package of a registry. A class refuses what its schema does: a field that is missing or unknown, a run id
that is no UUID, a time that is no instant; and it knows the address of its schema, which ours must name.
"""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import attrs
import openlineage.client.generated as generated
from openlineage.client.generated.base import InputDataset, Job, OutputDataset, Run, RunEvent

OURS = "urn:opendatahub-sql:"


def _classes() -> dict[str, type]:
    found: dict[str, type] = {}
    for module in pkgutil.iter_modules(generated.__path__):
        loaded = importlib.import_module(f"{generated.__name__}.{module.name}")
        for _, one in inspect.getmembers(loaded, inspect.isclass):
            if hasattr(one, "_get_schema") and one.__module__ == loaded.__name__:
                found[one._get_schema()] = one
    return found


CLASSES = _classes()


def _made(cls: type, value: Mapping[str, Any]) -> Any:
    """attrs takes names without the leading underscore."""
    known = {one.name for one in attrs.fields(cls)}  # type: ignore[arg-type]
    assert set(value) <= known, f"{cls.__name__} has no {set(value) - known}"
    own = {name: one for name, one in value.items() if name not in ("_producer", "_schemaURL")}
    return cls(**own)


def _facets(facets: Mapping[str, Any]) -> None:
    for name, value in facets.items():
        url = value["_schemaURL"]
        assert url in CLASSES, f"{name}: {url} is no schema of the client"
        assert value["_producer"].startswith(OURS)
        _made(CLASSES[url], value)


def check(event: Mapping[str, Any]) -> None:
    """Raises when the event is not what the schemas say."""
    assert event["schemaURL"] == RunEvent._get_schema()
    _facets(event["run"]["facets"])
    _facets(event["job"]["facets"])
    for one in event["inputs"]:
        _facets(one["facets"])
        _facets(one["inputFacets"])
    for one in event["outputs"]:
        _facets(one["facets"])
        _facets(one["outputFacets"])
    RunEvent(
        eventTime=event["eventTime"],
        eventType=event["eventType"],
        producer=event["producer"],
        run=Run(runId=event["run"]["runId"]),
        job=Job(namespace=event["job"]["namespace"], name=event["job"]["name"]),
        inputs=[InputDataset(namespace=one["namespace"], name=one["name"]) for one in event["inputs"]],
        outputs=[OutputDataset(namespace=one["namespace"], name=one["name"]) for one in event["outputs"]],
    )


def read(file: Path) -> list[dict[str, Any]]:
    """Events of a file transport."""
    return [json.loads(line) for line in file.read_text().splitlines() if line]


def ours(events: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that odh told."""
    return [one for one in events if one["producer"].startswith(OURS)]
