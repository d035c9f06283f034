"""Waits until data is fresh, without a worker: the triggerer asks."""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from airflow.sdk import BaseSensorOperator
from airflow.sdk.exceptions import AirflowException, AirflowFailException
from airflow.triggers.base import BaseTrigger, TriggerEvent

from opendatahub_sql_airflow.exit_codes import Outcome, outcome
from opendatahub_sql_airflow.subprocess_backend import SubprocessBackend


def stale(statuses: Sequence[Mapping[str, Any]], datasets: Sequence[str]) -> list[str]:
    """What is late or not there yet; `datasets` are ids or slugs, all that the lake knows when empty."""
    known = [one for one in statuses if not datasets or {one["dataset"], one["datasetSlug"]} & set(datasets)]
    found = {name for one in known for name in (one["dataset"], one["datasetSlug"])}
    late = [
        f"{one['datasetSlug']}: {one['title']}" for one in known if (one.get("freshness") or {}).get("state") == "late"
    ]
    return [*(f"{name}: not in the lake" for name in datasets if name not in found), *late]


class FreshnessTrigger(BaseTrigger):
    """Asks `odh status` every `seconds` until nothing is stale."""

    def __init__(self, command: Sequence[str], folder: str | None, datasets: Sequence[str], seconds: float) -> None:
        super().__init__()
        self.command = list(command)
        self.folder = folder
        self.datasets = list(datasets)
        self.seconds = seconds

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """How the triggerer makes it again."""
        return (
            "opendatahub_sql_airflow.sensors.FreshnessTrigger",
            {"command": self.command, "folder": self.folder, "datasets": self.datasets, "seconds": self.seconds},
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """One event: fresh, or that asking itself failed for good."""
        while True:
            code, result = await self._ask()
            what = outcome(code)
            if what is Outcome.FAILED:
                yield TriggerEvent({"error": f"odh status ended with {code}: {json.dumps(result)[:1000]}"})
                return
            if what is Outcome.DONE and not stale(result, self.datasets):
                yield TriggerEvent({"fresh": True})
                return
            await asyncio.sleep(self.seconds)

    async def _ask(self) -> tuple[int, Any]:
        with tempfile.TemporaryDirectory(prefix="odh-") as scratch:
            file = Path(scratch, "result.json")
            process = await asyncio.create_subprocess_exec(
                *self.command,
                "--json",
                "--exit-with-parent",
                "--result",
                str(file),
                cwd=self.folder,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
            )
            try:
                code = await process.wait()
            finally:
                if process.returncode is None:
                    process.kill()
            return code, json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


class OdhFreshnessSensor(BaseSensorOperator):
    """Succeeds when the datasets are fresh: in the lake, and no older than declared, observed or promised (`freshWithin`).

    :param datasets: ids or slugs; all that the lake knows when empty.
    :param deferrable: wait in the triggerer, as is the default; else a worker pokes.
    """

    template_fields: Sequence[str] = ("datasets", "config")

    def __init__(
        self,
        *,
        datasets: Sequence[str] = (),
        odh: Sequence[str] = ("odh",),
        config: str | None = None,
        deferrable: bool = True,
        **options: Any,
    ) -> None:
        options.setdefault("poke_interval", timedelta(minutes=5).total_seconds())
        options.setdefault("mode", "reschedule")
        super().__init__(**options)
        self.datasets = list(datasets)
        self.odh = list(odh)
        self.config = config
        self.deferrable = deferrable

    def execute(self, context: Any) -> Any:
        """Looks once here, then waits in the triggerer."""
        if not self.deferrable:
            return super().execute(context)
        if self.poke(context):
            return None
        trigger = FreshnessTrigger(self._command(), self._folder(), self.datasets, self.poke_interval)
        self.defer(trigger=trigger, method_name="resume", timeout=timedelta(seconds=self.timeout))
        return None

    def resume(self, context: Any, event: Mapping[str, Any]) -> None:  # noqa: ARG002 - as Airflow calls it
        """After the trigger."""
        if error := event.get("error"):
            raise AirflowFailException(str(error))

    def poke(self, context: Any) -> bool:
        """Whether all is fresh now."""
        finished = SubprocessBackend(self._command(), self._folder()).run([], None, {}, context, self.log)
        what = outcome(finished.code)
        if what is Outcome.FAILED:
            raise AirflowFailException(f"odh status ended with {finished.code}")
        if what is not Outcome.DONE:
            raise AirflowException(f"odh status ended with {finished.code}")
        late = stale(finished.result.get("result", []), self.datasets)
        for one in late:
            self.log.info("not fresh: %s", one)
        return not late

    def _command(self) -> list[str]:
        return [*self.odh, "status", *([] if self.config is None else ["--config", self.config])]

    def _folder(self) -> str | None:
        return os.path.dirname(os.path.abspath(self.config)) if self.config else None
