"""Where alerts go. Addresses and secrets are in Airflow connections, never in a Dag file.

Each is an Airflow notifier too: as an `on_failure_callback` it tells of the task or Dag run that failed.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import urllib.request
from collections.abc import Sequence
from html import escape
from typing import Any

from airflow.sdk import BaseHook, BaseNotifier

from opendatahub_sql_airflow.alerts.alert import Alert, Language
from opendatahub_sql_airflow.alerts.problems import Kind, Problem

_TIMEOUT_SECONDS = 10


class OdhNotifier(BaseNotifier):
    """A place for alerts. `language`: `fr` or `en`."""

    def __init__(self, *, conn_id: str, language: Language = "fr") -> None:
        super().__init__()
        self.conn_id = conn_id
        self.language = language

    def notify(self, context: Any) -> None:
        """Tells the alert of the context, or that its run failed."""
        self.send(context.get("odh_alert") or failed_run(context))

    def send(self, alert: Alert) -> None:
        """Brings the alert there; raises when it cannot."""
        raise NotImplementedError


class SlackAlert(OdhNotifier):
    """An incoming webhook of Slack, or of what speaks like it; `conn_id`: a connection of type Slack Incoming Webhook."""

    def send(self, alert: Alert) -> None:
        """One message."""
        from airflow.providers.slack.hooks.slack_webhook import SlackWebhookHook

        title = alert.title(self.language)
        hook = SlackWebhookHook(slack_webhook_conn_id=self.conn_id, timeout=_TIMEOUT_SECONDS)
        hook.send(text=f"*{title}*\n{alert.text(self.language)}")


class MailAlert(OdhNotifier):
    """A mail; `conn_id`: a connection of type SMTP."""

    def __init__(
        self, *, to: Sequence[str], sender: str, conn_id: str = "smtp_default", language: Language = "fr"
    ) -> None:
        super().__init__(conn_id=conn_id, language=language)
        self.to = list(to)
        self.sender = sender

    def send(self, alert: Alert) -> None:
        """One mail to all."""
        from airflow.providers.smtp.hooks.smtp import SmtpHook

        body = escape(alert.text(self.language)).replace("\n", "<br>\n")
        with SmtpHook(smtp_conn_id=self.conn_id) as hook:
            hook.send_email_smtp(
                to=self.to, from_email=self.sender, subject=alert.title(self.language), html_content=f"<p>{body}</p>"
            )


class WebhookAlert(OdhNotifier):
    """JSON to any address; `conn_id`: a connection of type HTTP, its host the whole address.

    With a password the body is signed: header `X-Odh-Signature: sha256=<HMAC of the body, hex>`.
    """

    def send(self, alert: Alert) -> None:
        """One POST."""
        connection = BaseHook.get_connection(self.conn_id)
        body = json.dumps(
            {**alert.as_json(), "title": alert.title(self.language), "text": alert.text(self.language)},
            ensure_ascii=False,
        ).encode()
        headers = {"Content-Type": "application/json"}
        if connection.password:
            digest = hmac.new(connection.password.encode(), body, hashlib.sha256).hexdigest()
            headers["X-Odh-Signature"] = f"sha256={digest}"
        address = _address(connection)
        with urllib.request.urlopen(
            urllib.request.Request(address, data=body, headers=headers, method="POST"), timeout=_TIMEOUT_SECONDS
        ):
            return


def _address(connection: Any) -> str:
    host = str(connection.host or "")
    if host.startswith(("http://", "https://")):
        return host
    port = f":{connection.port}" if connection.port else ""
    path = f"/{connection.schema}" if connection.schema and connection.schema not in ("http", "https") else ""
    return f"{'https' if connection.schema == 'https' else 'http'}://{host}{port}{path}"


def failed_run(context: Any) -> Alert:
    """The alert of a failed task or Dag run."""
    ti = context.get("ti")
    run = context.get("dag_run")
    dag_id = str(
        getattr(ti, "dag_id", None) or getattr(run, "dag_id", None) or getattr(context.get("dag"), "dag_id", "?")
    )
    error = context.get("exception") or context.get("reason") or "failed"
    subject = str(getattr(ti, "task_id", None) or dag_id)
    return Alert(
        dag_id=dag_id,
        run_id=str(getattr(run, "run_id", "") or context.get("run_id", "")),
        url=str(getattr(ti, "log_url", "") or ""),
        problems=(Problem(Kind.FAILURE.value, subject, str(error)),),
    )
