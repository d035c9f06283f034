"""Operators around `odh plan`, `odh run` and every other command of odh and dbt."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException

from opendatahub_sql_airflow import lineage
from opendatahub_sql_airflow.backend import Backend, Finished
from opendatahub_sql_airflow.exit_codes import Outcome, outcome
from opendatahub_sql_airflow.manifest import host_pool
from opendatahub_sql_airflow.subprocess_backend import SubprocessBackend

RETURN_VALUE = "return_value"
PLANNED = "planned"
_MESSAGE_LENGTH = 2_000


class OdhOperator(BaseOperator):
    """Runs `odh ARGUMENTS` and maps its exit code to the state of the task.

    :param arguments: the command and its options, templated: `["replay", "--from", "{{ ds }}"]`.
    :param odh: how odh is started.
    :param config: the configuration; relative paths in it begin in its folder.
    :param env: more environment variables, templated.
    :param backend: `subprocess`, or `kubernetes`: a pod of its own, with options `pod` of `KubernetesPodOperator`.
    :param grace_seconds: from SIGTERM to SIGKILL.
    """

    template_fields: Sequence[str] = ("arguments", "env", "config", "pod")
    template_fields_renderers = {"arguments": "json", "env": "json", "pod": "json"}  # noqa: RUF012 - as Airflow has it
    ui_color = "#dff1ec"

    def __init__(
        self,
        *,
        arguments: Sequence[str] = (),
        odh: Sequence[str] = ("odh",),
        config: str | None = None,
        env: Mapping[str, str] | None = None,
        backend: Literal["subprocess", "kubernetes"] = "subprocess",
        pod: Mapping[str, Any] | None = None,
        grace_seconds: float = 20,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        if backend not in ("subprocess", "kubernetes"):
            raise ValueError(f'backend="{backend}" is not known: subprocess or kubernetes')
        self.arguments = list(arguments)
        self.odh = list(odh)
        self.config = config
        self.env = dict(env or {})
        self.backend = backend
        self.pod = dict(pod or {})
        self.grace_seconds = grace_seconds
        self._running: Backend | None = None
        self.odh_result: Mapping[str, Any] = {}

    def execute(self, context: Any) -> Any:
        """The result of odh."""
        finished = self._odh(context, self.arguments)
        self._judge(finished, context)
        return dict(finished.result)

    def on_kill(self) -> None:
        """Ends odh with the task."""
        if self._running is not None:
            self._running.kill()

    def get_openlineage_facets_on_complete(self, task_instance: Any) -> Any:  # noqa: ARG002 - as Airflow calls it
        """Inputs, outputs and the status of the task, as the events of Airflow carry them."""
        return lineage.facets(self.odh_result)

    get_openlineage_facets_on_failure = get_openlineage_facets_on_complete

    def _make_backend(self) -> Backend:
        if self.backend == "subprocess":
            folder = os.path.dirname(os.path.abspath(self.config)) if self.config else None
            return SubprocessBackend(self.odh, folder, self.grace_seconds)
        from opendatahub_sql_airflow.kubernetes_backend import KubernetesBackend

        return KubernetesBackend(self.task_id, self.odh, self.pod)

    def _odh(self, context: Any, arguments: Sequence[str], item: str | None = None) -> Finished:
        config = [] if self.config is None else ["--config", self.config]
        env = {**lineage.environment(context), **{name: str(value) for name, value in self.env.items()}}
        self._running = self._make_backend()
        finished = self._running.run([*arguments, *config], item, env, context, self.log)
        self.odh_result = finished.result
        return finished

    def _judge(self, finished: Finished, context: Any) -> None:
        """Raises what the exit code asks for; the result is pushed first, so that it is there for a failed task too."""
        what = outcome(finished.code)
        if what is Outcome.DONE:
            return
        context["ti"].xcom_push(key=RETURN_VALUE, value=dict(finished.result))
        words = f"exit code {finished.code}: {reason_of(finished.result)}"
        if what is Outcome.SKIPPED:
            raise AirflowSkipException("nothing changed")
        if what is Outcome.FAILED:
            raise AirflowFailException(f"odh failed, another attempt cannot help; {words}")
        if what is Outcome.CANCELLED:
            raise AirflowException(f"odh was stopped by a signal; {words}")
        raise AirflowException(f"odh failed, another attempt may help; {words}")


class OdhPlanOperator(OdhOperator):
    """Asks the sources what there is. Its XCom is the list of work items for `OdhRunOperator.expand`; `planned` is what could not be looked at.

    :param pools: the pools this Dag has runners for. An item goes to the pool of its host, else to the last of the list.
    :param datasets: ids or slugs; all of the configuration when empty. `dag_run.conf["datasets"]` wins.
    :param batch_seconds: work in one item, about. What a task costs by itself (2 to 3 s) then stays under a tenth.
    """

    template_fields: Sequence[str] = (*OdhOperator.template_fields, "datasets")

    def __init__(
        self, *, pools: Sequence[str], datasets: Sequence[str] = (), batch_seconds: float = 30, **options: Any
    ) -> None:
        super().__init__(**options)
        self.pools = list(pools)
        self.datasets = list(datasets)
        self.batch_seconds = batch_seconds

    def execute(self, context: Any) -> Any:
        """`{"label", "pool", "item"}` of every item."""
        conf = getattr(context.get("dag_run"), "conf", None) or {}
        datasets = list(conf.get("datasets") or self.datasets)
        finished = self._odh(context, ["plan", *datasets, "--batch", str(self.batch_seconds)])
        result = finished.result
        failed = list(result.get("failed", []))
        context["ti"].xcom_push(key=PLANNED, value={"failed": failed, "gone": list(result.get("gone", []))})
        for one in failed:
            self.log.error("%s could not be looked at: %s", one["subject"], one["message"])
        self._judge(finished, context)
        return [
            {"label": batch["label"], "pool": self._pool_of(str(batch["host"])), "item": item}
            for batch, item in zip(result["batches"], result["items"], strict=True)
        ]

    def _pool_of(self, host: str) -> str:
        own = host_pool(host)
        return own if own in self.pools else self.pools[-1]


class OdhItemsOperator(BaseOperator):
    """The items of one pool: a mapped task has one pool for all its instances."""

    def __init__(self, *, plan_task: str, items_pool: str, **options: Any) -> None:
        super().__init__(**options)
        self.plan_task = plan_task
        self.items_pool = items_pool

    def execute(self, context: Any) -> Any:
        """Those items of the plan."""
        planned = context["ti"].xcom_pull(task_ids=self.plan_task) or []
        return [one for one in planned if one["pool"] == self.items_pool]


class OdhRunOperator(OdhOperator):
    """Runs one work item: `{"label": …, "item": …}` of `OdhPlanOperator`, or an item alone (an object, or its JSON).

    The result of odh is its XCom, also when it failed or had nothing to do. An attempt after the first is never "unchanged": the one
    before may have committed and been killed before it could say so.
    """

    template_fields: Sequence[str] = (*OdhOperator.template_fields, "work_item")
    template_fields_renderers = {**OdhOperator.template_fields_renderers, "work_item": "json"}  # noqa: RUF012

    def __init__(self, *, work_item: Any, **options: Any) -> None:
        super().__init__(**options)
        self.work_item = work_item

    def execute(self, context: Any) -> Any:
        """The result of the run, of the published schema, with `attempt`, `label` and the `instance` that gave it."""
        label, item = read_work_item(self.work_item)
        context["item_label"] = label
        ti = context["ti"]
        attempt = int(getattr(ti, "try_number", 1) or 1)
        finished = self._odh(context, ["run"], item)
        about = {"attempt": attempt, "label": label, "instance": f"{ti.task_id}_{ti.map_index}"}
        finished = Finished(finished.code, {**finished.result, **about})
        last = attempt > int(getattr(ti, "max_tries", self.retries) or 0)
        if outcome(finished.code) is Outcome.SKIPPED and attempt > 1:
            return dict(finished.result)
        if finished.code == 0 and not last and has_transient_failure(finished.result):
            context["ti"].xcom_push(key=RETURN_VALUE, value=dict(finished.result))
            raise AirflowException(f"a part failed, another attempt may help: {reason_of(finished.result)}")
        self._judge(finished, context)
        return dict(finished.result)


class DbtBuildOperator(OdhOperator):
    """One plain `dbt build`, whose start-up is then paid once.

    :param dbt: how dbt is started, with its options. :param project: the folder of the dbt project.
    """

    template_fields: Sequence[str] = (*OdhOperator.template_fields, "dbt", "project")

    def __init__(
        self, *, project: str, dbt: Sequence[str] = ("dbt", "--no-use-colors", "build"), **options: Any
    ) -> None:
        super().__init__(**options)
        self.dbt = list(dbt)
        self.project = project

    def execute(self, context: Any) -> Any:
        """How many nodes ended how, from dbt's own `run_results.json`."""
        env = {**lineage.environment(context), "DBT_PROFILES_DIR": self.project, **self.env}
        self._running = running = SubprocessBackend(self.dbt, self.project, self.grace_seconds, plain=True)
        code = running.run([], None, env, context, self.log).code
        counts = dbt_counts(os.path.join(self.project, "target", "run_results.json"))
        if code != 0:
            context["ti"].xcom_push(key=RETURN_VALUE, value=counts)
            # 1: a model or a test failed; 2: dbt itself, or its configuration.
            raise (AirflowFailException if code in (1, 2) else AirflowException)(f"dbt ended with {code}: {counts}")
        return counts


def dbt_counts(file: str) -> dict[str, int]:
    """Nodes by status; empty when dbt wrote no results."""
    counts: dict[str, int] = {}
    try:
        with open(file, encoding="utf-8") as results:
            for node in json.load(results)["results"]:
                counts[node["status"]] = counts.get(node["status"], 0) + 1
    except (OSError, ValueError, KeyError):
        return {}
    return counts


def read_work_item(work_item: Any) -> tuple[str, str]:
    """Label and JSON text of what a run gets."""
    value = json.loads(work_item) if isinstance(work_item, str) else work_item
    if not isinstance(value, Mapping):
        raise AirflowFailException("the work item is no object: give a line of `odh plan`")
    item = value.get("item", value)
    label = value.get("label")
    if label is None:
        slugs = [resource.get("dataset", {}).get("slug", "?") for resource in item.get("resources", [])]
        label = ", ".join(dict.fromkeys(slugs)) or "?"
    return str(label), json.dumps(item, ensure_ascii=False)


def failures_of(result: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Failures of the command and of its resources."""
    own = [result["failure"]] if result.get("failure") else []
    return own + [one["failure"] for one in result.get("resources", []) if one.get("failure")]


def has_transient_failure(result: Mapping[str, Any]) -> bool:
    """Whether another attempt may load what this one left."""
    return any(failure.get("reason") == "Transient" for failure in failures_of(result))


def reason_of(result: Mapping[str, Any]) -> str:
    """What odh said went wrong, in one text."""
    words = "; ".join(str(failure.get("message")) for failure in failures_of(result))
    return words[:_MESSAGE_LENGTH] or "odh left no result: its log lines are above"
