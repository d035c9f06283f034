"""Dags from a manifest: loads, dbt, freshness, maintenance, replay. Reads one JSON file and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from airflow.sdk import DAG, Asset, AssetAny, BaseOperator, TriggerRule

from opendatahub_sql_airflow.alerts.notifiers import OdhNotifier
from opendatahub_sql_airflow.manifest import Group, Manifest
from opendatahub_sql_airflow.operators import (
    DbtBuildOperator,
    OdhItemsOperator,
    OdhOperator,
    OdhPlanOperator,
    OdhRunOperator,
)
from opendatahub_sql_airflow.reporting import OdhFreshnessOperator, OdhPublishOperator, OdhVerdictOperator

_DAY = "{{ (dag_run.logical_date or dag_run.run_after) | ds }}"
START = datetime(2024, 1, 1, tzinfo=UTC)
MAX_RUN_ATTEMPTS = 4


@dataclass(frozen=True)
class Deployment:
    """What differs from one place to the next.

    `odh` and `dbt` are how the programs are started; `config` is the odh.config.ts; `notifiers` are told what goes wrong;
    `pod` are options of `KubernetesPodOperator` when `backend` is `kubernetes`; `schedules` are by the name of a group or of a Dag kind.
    """

    config: str
    manifest_file: str
    odh: Sequence[str] = ("odh",)
    dbt: Sequence[str] = ("dbt",)
    dbt_project: str | None = None
    owner: str = "data"
    env: Mapping[str, str] = field(default_factory=dict)
    backend: Literal["subprocess", "kubernetes"] = "subprocess"
    pod: Mapping[str, Any] = field(default_factory=dict)
    notifiers: Sequence[OdhNotifier] = ()
    schedule: str | None = "0 4 * * *"
    schedules: Mapping[str, str | None] = field(default_factory=dict)
    batch_seconds: float = 30
    reject_share: float = 0.01
    retries: int = MAX_RUN_ATTEMPTS - 1
    retry_delay: timedelta = timedelta(minutes=2)
    run_timeout: timedelta = timedelta(hours=2)

    def odh_options(self) -> dict[str, Any]:
        """How odh is run, in every task."""
        return {
            "odh": list(self.odh),
            "config": self.config,
            "env": dict(self.env),
            "backend": self.backend,
            "pod": dict(self.pod),
        }

    def schedule_of(self, name: str, default: str | None) -> str | None:
        """The schedule of a Dag."""
        return self.schedules.get(name, default)


def dags(manifest: Manifest, deployment: Deployment) -> dict[str, DAG]:
    """All Dags by id: `globals().update(dags(...))` in a Dag file."""
    made = [load_dag(group, manifest, deployment) for group in manifest.groups]
    made += [freshness_dag(deployment), maintenance_dag(manifest, deployment), replay_dag(manifest, deployment)]
    if deployment.dbt_project is not None:
        made.append(dbt_dag(manifest, deployment))
    return {dag.dag_id: dag for dag in made}


def asset_of(group: Group) -> Asset:
    """The asset that a load of the group brings up to date."""
    return Asset(name=group.dag_id, uri=f"odh://{group.source}/{group.name}", group="odh")


def load_dag(group: Group, manifest: Manifest, deployment: Deployment) -> DAG:
    """plan → run, mapped, for each pool → publish → verdict."""
    pools = manifest.run_pools(group)
    run_tasks = ["run"] if len(pools) == 1 else [f"run_{pool.removeprefix('odh_host_')}" for pool in pools]
    with _dag(group.dag_id, deployment.schedule_of(group.name, deployment.schedule), deployment, "load") as dag:
        dag.doc_md = _load_doc(group)
        plan = OdhPlanOperator(
            task_id="plan",
            pools=pools,
            datasets=[dataset.id for dataset in group.datasets],
            batch_seconds=deployment.batch_seconds,
            doc_md="Asks the portal what there is, and cuts it into items.",
            **deployment.odh_options(),
        )
        publish = OdhPublishOperator(
            task_id="publish",
            run_tasks=run_tasks,
            outlets=[asset_of(group)],
            trigger_rule=TriggerRule.ALL_DONE,
            doc_md="Says that tables changed: dbt follows. Skipped when none did.",
        )
        verdict = OdhVerdictOperator(
            task_id="verdict",
            plan_task="plan",
            run_tasks=run_tasks,
            notifiers=deployment.notifiers,
            reject_share=deployment.reject_share,
            trigger_rule=TriggerRule.ALL_DONE,
            retries=0,
            doc_md="Fails when anything failed, and tells it once.",
        )
        for task_id, pool in zip(run_tasks, pools, strict=True):
            run = OdhRunOperator.partial(
                task_id=task_id,
                pool=pool,
                map_index_template="{{ item_label }}",
                execution_timeout=deployment.run_timeout,
                doc_md="One item end to end: fetch, keep, type, load.",
                **deployment.odh_options(),
            ).expand(work_item=_items(plan, pool, len(pools) > 1).output)
            run >> publish
        publish >> verdict
    return dag


def dbt_dag(manifest: Manifest, deployment: Deployment) -> DAG:
    """Sources and silver generated, then one plain `dbt build`, whenever a load changed something."""
    assert deployment.dbt_project is not None
    pool = manifest.exclusive_pool or "default_pool"
    schedule = AssetAny(*(asset_of(group) for group in manifest.groups))
    with _dag("odh_dbt", schedule, deployment, "dbt", tell_failure=True) as dag:
        dag.doc_md = "Makes silver and gold of what was loaded: `odh dbt generate`, then one `dbt build`."
        generate = OdhOperator(
            task_id="generate",
            arguments=["dbt", "generate", "--project", deployment.dbt_project],
            pool=pool,
            doc_md="Sources, silver models and tests for every table.",
            **deployment.odh_options(),
        )
        build = DbtBuildOperator(
            task_id="build",
            dbt=[*deployment.dbt, "--no-use-colors", "build"],
            project=deployment.dbt_project,
            env=dict(deployment.env),
            outlets=[Asset(name="odh_gold", uri="odh://dbt/gold", group="odh")],
            pool=pool,
            execution_timeout=timedelta(hours=2),
            doc_md="Seeds, models and tests, in one start of dbt.",
        )
        generate >> build
    return dag


def freshness_dag(deployment: Deployment) -> DAG:
    """Late data, told once a day at most while it lasts."""
    with _dag("odh_freshness", deployment.schedule_of("freshness", "0 8 * * *"), deployment, "freshness") as dag:
        dag.doc_md = "Compares the age of every resource with what its publisher declares, what was observed, and what was promised."
        OdhFreshnessOperator(
            task_id="late",
            notifiers=deployment.notifiers,
            doc_md="Tells what is late. Late data fails nothing.",
            **deployment.odh_options(),
        )
    return dag


def maintenance_dag(manifest: Manifest, deployment: Deployment) -> DAG:
    """The manifest anew, kept files hashed again, open lineage runs closed, Iceberg tables compacted."""
    with _dag(
        "odh_maintenance",
        deployment.schedule_of("maintenance", "30 2 * * 0"),
        deployment,
        "maintenance",
        tell_failure=True,
    ) as dag:
        dag.doc_md = "What a lake needs every week."
        commands: dict[str, tuple[list[str], str]] = {
            "manifest": (
                ["plan", "--manifest", deployment.manifest_file],
                "The manifest anew: new datasets get into their Dags.",
            ),
            "verify_lake": (["lake", "verify"], "Every kept file is still what its record says."),
            "close_lineage": (["lineage", "close"], "OpenLineage runs that a kill left open end as aborted."),
        }
        if any(sink.id == "iceberg" for sink in manifest.sinks):
            commands["compact"] = (["iceberg", "compact", "--apply"], "Few large files instead of many small ones.")
            commands["expire"] = (["iceberg", "expire", "--apply"], "Old snapshots go.")
        previous: OdhOperator | None = None
        for task_id, (arguments, words) in commands.items():
            task = OdhOperator(
                task_id=task_id,
                arguments=arguments,
                doc_md=words,
                trigger_rule=TriggerRule.ALL_DONE,
                execution_timeout=timedelta(hours=6),
                **deployment.odh_options(),
            )
            if previous is not None:
                previous >> task
            previous = task
    return dag


def replay_dag(manifest: Manifest, deployment: Deployment) -> DAG:
    """Loads what the lake kept of a day again. The logical date is the day: `airflow backfill create --dag-id odh_replay …`."""
    with _dag("odh_replay", "@daily", deployment, "replay", tell_failure=True) as dag:
        dag.doc_md = (
            "Loads the extractions of one day again, from the lake, without a request. It has a schedule so that it can be "
            "backfilled and is paused so that it never runs by itself:\n\n"
            "    airflow backfill create --dag-id odh_replay --from-date 2026-01-01 --to-date 2026-01-31\n\n"
            "To read the web of the past again is not possible; the lake holds what was seen."
        )
        dag.is_paused_upon_creation = True
        OdhOperator(
            task_id="replay",
            # A run that is triggered by hand may have no logical date: then it is the day of the trigger.
            arguments=["replay", "--from", _DAY, "--to", _DAY],
            outlets=[asset_of(group) for group in manifest.groups],
            pool=manifest.exclusive_pool or "default_pool",
            execution_timeout=timedelta(hours=6),
            doc_md="A load that the destination holds already is left as it is.",
            **deployment.odh_options(),
        )
    return dag


def _dag(dag_id: str, schedule: Any, deployment: Deployment, kind: str, *, tell_failure: bool = False) -> DAG:
    callbacks: list[Any] = list(deployment.notifiers) if tell_failure else []
    return DAG(
        dag_id=dag_id,
        schedule=schedule,
        start_date=START,
        catchup=False,
        max_active_runs=1,
        dagrun_timeout=timedelta(hours=12),
        tags=["odh", kind],
        on_failure_callback=callbacks or None,
        default_args={
            "owner": deployment.owner,
            "retries": deployment.retries,
            "retry_delay": deployment.retry_delay,
            "retry_exponential_backoff": True,
            "max_retry_delay": timedelta(minutes=30),
            "execution_timeout": timedelta(minutes=30),
        },
    )


def _items(plan: OdhPlanOperator, pool: str, are_many: bool) -> BaseOperator:
    """The task whose list the runs of a pool are mapped over."""
    if not are_many:
        return plan
    items = OdhItemsOperator(
        task_id=f"items_{pool.removeprefix('odh_host_')}",
        plan_task=plan.task_id,
        items_pool=pool,
        doc_md=f"The items for the pool {pool}.",
    )
    plan >> items
    return items


def _load_doc(group: Group) -> str:
    shown = [
        f"- [{one.title}]({one.page}): {', '.join(one.tables)}"
        if one.page
        else f"- {one.title}: {', '.join(one.tables)}"
        for one in group.datasets[:50]
    ]
    more = [f"- … and {len(group.datasets) - 50} more"] if len(group.datasets) > 50 else []
    return "\n".join([f"Loads {len(group.datasets)} datasets of {group.source}.", "", *shown, *more])
