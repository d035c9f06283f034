"""Tells the problems of a run to all notifiers, once."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import Variable

from opendatahub_sql_airflow.alerts.alert import Alert, Memory, distinct, worth_telling
from opendatahub_sql_airflow.alerts.notifiers import OdhNotifier
from opendatahub_sql_airflow.alerts.problems import Problem

REMIND_AFTER = timedelta(days=1)


def tell(
    problems: Iterable[Problem],
    context: Any,
    notifiers: Sequence[OdhNotifier],
    remind_after: timedelta,
    log: logging.Logger,
) -> tuple[Problem, ...]:
    """Logs all; notifies when something is new, gone, or lasts. What was told is kept in a Variable for each Dag.

    A notifier that fails is logged and changes no state of a task.
    """
    found = distinct(problems)
    for one in found:
        log.error("%s: %s: %s", one.kind, one.subject, one.detail)
    ti = context["ti"]
    name = f"odh_told_{ti.dag_id}"
    memory = Memory.from_json(json.loads(Variable.get(name, default="null") or "null"))
    is_news, memory = worth_telling(found, memory, datetime.now(UTC), remind_after)
    if not is_news:
        log.info("nothing to tell that was not told before")
        return found
    alert = Alert(ti.dag_id, str(context["run_id"]), str(getattr(ti, "log_url", "") or ""), found)
    for notifier in notifiers:
        try:
            notifier.notify({**context, "odh_alert": alert})
        except Exception:
            log.exception("%s could not tell", type(notifier).__name__)
    Variable.set(name, json.dumps(memory.as_json()))
    return found
