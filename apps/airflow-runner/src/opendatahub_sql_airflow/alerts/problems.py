"""What is worth an alert, found in the results of a run. Pure: plain data in and out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any


class Kind(Enum):
    """Kinds of problems, worst first."""

    FAILURE = "failure"
    QUARANTINE = "quarantine"
    SCHEMA_CHANGE = "schema_change"
    REJECTS = "rejects"
    LATE = "late"


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong. Kind and subject name it from one run to the next; the detail may differ."""

    kind: str
    subject: str
    detail: str

    @property
    def key(self) -> str:
        """What stays the same as long as the problem does."""
        return f"{self.kind} {self.subject}"


def of_result(result: Mapping[str, Any], reject_share: float) -> Iterable[Problem]:
    """Problems in the result of a `run` or a `replay`."""
    if failure := result.get("failure"):
        yield Problem(Kind.FAILURE.value, str(result.get("label") or "odh"), str(failure.get("message", "")))
    for resource in result.get("resources", []):
        subject = f"{resource['dataset']}: {resource['title']}"
        failure = resource.get("failure") or {}
        detail = str(failure.get("message", ""))
        if resource["status"] == "rejected" or failure.get("reason") == "DataQuality":
            yield Problem(Kind.QUARANTINE.value, subject, detail)
        elif failure:
            yield Problem(Kind.FAILURE.value, subject, detail)
        for table in resource["tables"]:
            yield from _of_table(table, reject_share)


def _of_table(table: Mapping[str, Any], reject_share: float) -> Iterable[Problem]:
    name, rows, rejects = str(table["name"]), int(table["rows"]), int(table["rejects"])
    if table["schemaChange"] in ("evolve", "rewrite"):
        yield Problem(Kind.SCHEMA_CHANGE.value, name, f"{table['schemaChange']}, {table['columns']} columns")
    if rejects > reject_share * max(rows, 1):
        yield Problem(Kind.REJECTS.value, name, f"{rejects} of {rows} rows")


def of_plan(planned: Mapping[str, Any]) -> Iterable[Problem]:
    """Datasets that could not be looked at."""
    for one in planned.get("failed", []):
        yield Problem(Kind.FAILURE.value, str(one["subject"]), str(one["message"]))


def of_status(statuses: Iterable[Mapping[str, Any]]) -> Iterable[Problem]:
    """Late resources, as `odh status --json` tells them."""
    for one in statuses:
        freshness = one.get("freshness") or {}
        if freshness.get("state") == "late":
            days = float(freshness.get("age", 0)) / 86_400_000
            yield Problem(Kind.LATE.value, f"{one['datasetSlug']}: {one['title']}", f"{days:.1f} d")


def changed_tables(results: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, int]]:
    """Rows and rejects of every table that was loaded: what the asset events carry."""
    return {
        str(table["name"]): {"rows": int(table["rows"]), "rejects": int(table["rejects"])}
        for result in results
        for resource in result.get("resources", [])
        if resource["status"] in ("loaded", "partial") or int(result.get("attempt", 1)) > 1
        for table in resource["tables"]
    }


def has_changed(results: Iterable[Mapping[str, Any]]) -> bool:
    """Whether anything may have been loaded; an attempt that came after a killed one cannot know."""
    return any(
        result.get("status") in ("loaded", "partial")
        or (result.get("status") == "unchanged" and int(result.get("attempt", 1)) > 1)
        for result in results
    )
