"""All Dags of the reference deployment. What differs from one place to the next is in environment variables: see the README."""

from __future__ import annotations

import os
import shlex
from datetime import timedelta

from opendatahub_sql_airflow.alerts.alert import Language
from opendatahub_sql_airflow.alerts.notifiers import MailAlert, OdhNotifier, SlackAlert, WebhookAlert
from opendatahub_sql_airflow.factory import Deployment, dags
from opendatahub_sql_airflow.manifest import load_manifest

_env = os.environ
_language: Language = "en" if _env.get("ODH_ALERT_LANGUAGE") == "en" else "fr"
_notifiers: list[OdhNotifier] = []
if conn_id := _env.get("ODH_ALERT_SLACK"):
    _notifiers.append(SlackAlert(conn_id=conn_id, language=_language))
if conn_id := _env.get("ODH_ALERT_WEBHOOK"):
    _notifiers.append(WebhookAlert(conn_id=conn_id, language=_language))
if to := _env.get("ODH_ALERT_MAIL_TO"):
    _notifiers.append(
        MailAlert(to=to.split(","), sender=_env.get("ODH_ALERT_MAIL_FROM", "airflow@localhost"), language=_language)
    )

_schedule = _env.get("ODH_SCHEDULE", "0 4 * * *") or None
_manifest = _env.get("ODH_MANIFEST", "manifest.json")
globals().update(
    dags(
        load_manifest(_manifest),
        Deployment(
            config=_env.get("ODH_CONFIG", "odh.config.ts"),
            manifest_file=_manifest,
            odh=shlex.split(_env.get("ODH_COMMAND", "odh")),
            dbt=shlex.split(_env.get("ODH_DBT", "dbt")),
            dbt_project=_env.get("ODH_DBT_PROJECT"),
            owner=_env.get("ODH_OWNER", "data"),
            schedule=_schedule,
            schedules={} if _schedule else {"freshness": None, "maintenance": None},
            retries=int(_env.get("ODH_RETRIES", "3")),
            retry_delay=timedelta(seconds=float(_env.get("ODH_RETRY_SECONDS", "120"))),
            notifiers=_notifiers,
        ),
    )
)
