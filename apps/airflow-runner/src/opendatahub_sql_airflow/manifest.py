"""The manifest that `odh plan --manifest` writes: all that a Dag file knows, without the network and without Node."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCHEMA_VERSION = 1
HOST_SLOTS = 2
OTHER_HOSTS = "odh_host_other"


class ManifestError(ValueError):
    """The manifest cannot be used; the message says what to do."""


@dataclass(frozen=True)
class Dataset:
    """A dataset."""

    id: str
    slug: str
    title: str
    page: str | None
    every_hours: int | None
    resources: int
    tables: tuple[str, ...]


@dataclass(frozen=True)
class Group:
    """Datasets that share a Dag."""

    name: str
    source: str
    hosts: tuple[str, ...]
    datasets: tuple[Dataset, ...]

    @property
    def dag_id(self) -> str:
        """The id of its Dag."""
        return f"odh_{self.name}"


@dataclass(frozen=True)
class Sink:
    """A destination. `one_process`: one writer at a time."""

    id: str
    one_process: bool

    @property
    def pool(self) -> str:
        """The pool of everything that writes there."""
        return f"odh_sink_{_safe(self.id)}"


@dataclass(frozen=True)
class Manifest:
    """What there is to load, and where to."""

    groups: tuple[Group, ...]
    sinks: tuple[Sink, ...]

    @property
    def exclusive_pool(self) -> str | None:
        """The pool of one that all loads share, when a destination takes one writer only."""
        return next((sink.pool for sink in self.sinks if sink.one_process), None)

    def run_pools(self, group: Group) -> tuple[str, ...]:
        """Pools of the runs of a group: the exclusive destination's, else one for each host and one for hosts that come later."""
        if self.exclusive_pool is not None:
            return (self.exclusive_pool,)
        return (*dict.fromkeys(host_pool(host) for host in group.hosts), OTHER_HOSTS)

    def pools(self) -> dict[str, dict[str, Any]]:
        """All pools, in the form that `airflow pools import` takes."""
        pools: dict[str, dict[str, Any]] = {}
        for sink in self.sinks:
            if sink.one_process:
                pools[sink.pool] = _pool(1, f"{sink.id} takes one writer")
        if not pools:
            for group in self.groups:
                for host in group.hosts:
                    pools[host_pool(host)] = _pool(HOST_SLOTS, f"politeness to {host}")
            pools[OTHER_HOSTS] = _pool(HOST_SLOTS, "hosts that the manifest does not know yet")
        return pools


def _pool(slots: int, description: str) -> dict[str, Any]:
    return {"slots": slots, "description": description, "include_deferred": False}


def _safe(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


def host_pool(host: str) -> str:
    """The pool of a host."""
    return f"odh_host_{_safe(host)}"[:250]


def load_manifest(file: str | Path) -> Manifest:
    """Reads a manifest; what it lacks is said at once."""
    try:
        value = json.loads(Path(file).read_text(encoding="utf-8"))
    except OSError as error:
        raise ManifestError(
            f"{file} cannot be read ({error.strerror}): `odh plan --manifest {file}` writes it"
        ) from None
    except ValueError as error:
        raise ManifestError(f"{file} is not JSON ({error}): `odh plan --manifest {file}` writes it anew") from None
    if not isinstance(value, Mapping) or value.get("schemaVersion") != SCHEMA_VERSION:
        raise ManifestError(f"{file} is no manifest of schema version {SCHEMA_VERSION}: this package and odh must fit")
    try:
        return Manifest(
            groups=tuple(_group(one) for one in value["groups"]),
            sinks=tuple(Sink(str(one["id"]), bool(one["oneProcess"])) for one in value["sinks"]),
        )
    except (KeyError, TypeError) as error:
        raise ManifestError(f"{file} lacks {error}: `odh plan --manifest {file}` writes it anew") from None


def _group(value: Mapping[str, Any]) -> Group:
    return Group(
        name=str(value["name"]),
        source=str(value["source"]),
        hosts=tuple(value["hosts"]),
        datasets=tuple(_datasets(value["datasets"])),
    )


def _datasets(values: Iterable[Mapping[str, Any]]) -> Iterable[Dataset]:
    for one in values:
        yield Dataset(
            id=str(one["id"]),
            slug=str(one["slug"]),
            title=str(one["title"]),
            page=one.get("page"),
            every_hours=one.get("everyHours"),
            resources=int(one["resources"]),
            tables=tuple(one["tables"]),
        )
