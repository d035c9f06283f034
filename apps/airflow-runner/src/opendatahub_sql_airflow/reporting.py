"""The end of a load: assets for what changed, one verdict, one alert."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from airflow.sdk import Asset, BaseOperator
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from opendatahub_sql_airflow.alerts.notifiers import OdhNotifier
from opendatahub_sql_airflow.alerts.problems import (
    Kind,
    Problem,
    changed_tables,
    has_changed,
    of_plan,
    of_result,
    of_status,
)
from opendatahub_sql_airflow.alerts.tell import REMIND_AFTER, tell
from opendatahub_sql_airflow.operators import PLANNED, OdhOperator


def results_of(ti: Any, run_tasks: Sequence[str]) -> list[Mapping[str, Any]]:
    """Results of all mapped runs; failed and skipped ones pushed theirs too, killed ones did not."""
    # Asked by a list: by a name alone, the XCom of the only instance of a mapped task comes without a list around it.
    return [one for one in ti.xcom_pull(task_ids=list(run_tasks)) or [] if isinstance(one, Mapping)]


class OdhPublishOperator(BaseOperator):
    """Carries the asset events of a load: one event for all mapped runs, or one consumer run would start for each of them.

    Skipped when nothing changed, so that nothing behind it runs.
    """

    def __init__(self, *, run_tasks: Sequence[str], **options: Any) -> None:
        super().__init__(**options)
        self.run_tasks = list(run_tasks)

    def execute(self, context: Any) -> Any:
        """Tables with their rows."""
        results = results_of(context["ti"], self.run_tasks)
        if not has_changed(results):
            raise AirflowSkipException("nothing changed")
        tables = changed_tables(results)
        for outlet in self.outlets:
            if isinstance(outlet, Asset):
                context["outlet_events"][outlet].extra = {"tables": tables}
        return tables


class OdhVerdictOperator(BaseOperator):
    """The last task of a load: fails when the plan or any item failed, and tells what is wrong in one alert.

    :param reject_share: rejects of a table above this share of its rows are a problem.
    :param remind_after: a problem that lasts is told again after so long.
    """

    def __init__(
        self,
        *,
        plan_task: str,
        run_tasks: Sequence[str],
        notifiers: Sequence[OdhNotifier] = (),
        reject_share: float = 0.01,
        remind_after: timedelta = REMIND_AFTER,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.plan_task = plan_task
        self.run_tasks = list(run_tasks)
        self.notifiers = list(notifiers)
        self.reject_share = reject_share
        self.remind_after = remind_after

    def execute(self, context: Any) -> Any:
        """How many items ended how."""
        ti = context["ti"]
        results = results_of(ti, self.run_tasks)
        planned = ti.xcom_pull(task_ids=self.plan_task, key=PLANNED)
        plan_result = ti.xcom_pull(task_ids=self.plan_task)
        told = [*results, *([plan_result] if isinstance(plan_result, Mapping) else [])]
        problems = [
            *(of_plan(planned) if isinstance(planned, Mapping) else ()),
            *itertools.chain.from_iterable(of_result(one, self.reject_share) for one in told),
        ]
        problems += self._silent(ti, context, {str(one.get("instance")) for one in results}, bool(problems))
        found = tell(problems, context, self.notifiers, self.remind_after, self.log)
        failed = [one for one in found if one.kind in (Kind.FAILURE.value, Kind.QUARANTINE.value)]
        if failed:
            shown = "; ".join(f"{one.subject}: {one.detail}" for one in failed[:5])
            raise AirflowFailException(f"{len(failed)} failed: {shown}")
        return {"items": len(results), "problems": len(found)}

    def _silent(self, ti: Any, context: Any, told: set[str], is_plan_told: bool) -> list[Problem]:
        """Tasks that failed and left no result, as a kill does: their state is all there is."""
        names = [self.plan_task, *self.run_tasks]
        found = ti.get_task_states(dag_id=ti.dag_id, task_ids=names, run_ids=[context["run_id"]])
        failed = {name for name, state in found.get(context["run_id"], {}).items() if str(state) == "failed"}
        silent = failed - told - ({self.plan_task} if is_plan_told else set())
        return [
            Problem(Kind.FAILURE.value, name, "it failed and left no result: see its log") for name in sorted(silent)
        ]


class OdhFreshnessOperator(OdhOperator):
    """Tells late data: older than declared by the publisher, observed, or promised by `freshWithin`. Late data fails no task."""

    def __init__(
        self, *, notifiers: Sequence[OdhNotifier] = (), remind_after: timedelta = REMIND_AFTER, **options: Any
    ) -> None:
        super().__init__(arguments=["status"], **options)
        self.notifiers = list(notifiers)
        self.remind_after = remind_after

    def execute(self, context: Any) -> Any:
        """Late resources."""
        finished = self._odh(context, ["status"])
        self._judge(finished, context)
        late = list(of_status(finished.result.get("result", [])))
        tell(late, context, self.notifiers, self.remind_after, self.log)
        return [one.subject for one in late]
