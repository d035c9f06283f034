"""What is told, in which words, how often, and where."""

from __future__ import annotations

import email
import hashlib
import hmac
import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.header import decode_header, make_header
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

import fake
from opendatahub_sql_airflow.alerts.alert import Alert, Memory, distinct, worth_telling
from opendatahub_sql_airflow.alerts.notifiers import MailAlert, SlackAlert, WebhookAlert
from opendatahub_sql_airflow.alerts.problems import Problem, changed_tables, has_changed, of_result, of_status

TABLE = {
    "name": "communes",
    "rows": 100,
    "rejects": 0,
    "columns": 3,
    "schemaChange": "none",
    "destinations": ["duckdb"],
}
RESOURCE = {"resource": "r1", "title": "a.csv", "dataset": "cog", "status": "loaded", "tables": [TABLE], "warnings": []}
PROBLEMS = (Problem("failure", "cog: a.csv", "503"), Problem("late", "gares: g.csv", "3.0 d"))
ALERT = Alert("odh_datagouv", "run1", "http://airflow/run1", PROBLEMS)


def kinds(resource: dict[str, Any]) -> list[str]:
    return [one.kind for one in of_result({"resources": [{**RESOURCE, **resource}]}, 0.01)]


def test_each_kind_of_problem_is_found_in_a_result() -> None:
    assert kinds({}) == []
    assert kinds({"status": "failed", "failure": {"reason": "Transient", "message": "503"}}) == ["failure"]
    assert kinds({"status": "rejected", "failure": {"reason": "DataQuality", "message": "HTML"}}) == ["quarantine"]
    assert kinds({"tables": [{**TABLE, "schemaChange": "evolve"}]}) == ["schema_change"]
    assert kinds({"tables": [{**TABLE, "schemaChange": "create"}]}) == []
    assert kinds({"tables": [{**TABLE, "rejects": 1}]}) == []
    assert kinds({"tables": [{**TABLE, "rejects": 2}]}) == ["rejects"]
    status = {"datasetSlug": "gares", "title": "g.csv", "freshness": {"state": "late", "age": 259_200_000}}
    assert list(of_status([status, {**status, "freshness": {"state": "fresh"}}])) == [
        Problem("late", "gares: g.csv", "3.0 d")
    ]


def test_what_changed_is_what_was_loaded_or_may_have_been() -> None:
    loaded = {"status": "loaded", "resources": [RESOURCE], "attempt": 1}
    unchanged = {"status": "unchanged", "resources": [{**RESOURCE, "status": "unchanged", "tables": []}], "attempt": 1}
    assert changed_tables([loaded, unchanged]) == {"communes": {"rows": 100, "rejects": 0}}
    assert has_changed([unchanged, loaded])
    assert not has_changed([unchanged, {"status": "failed"}])
    assert has_changed([{**unchanged, "attempt": 2}])


def test_texts_are_french_or_english_and_grouped() -> None:
    assert ALERT.title("fr") == "odh_datagouv : 2 problème(s)"
    assert ALERT.text("fr").split("\n") == [
        "Échecs (1)",
        "• cog: a.csv: 503",
        "Données en retard (1)",
        "• gares: g.csv: 3.0 d",
        "Exécution: http://airflow/run1",
    ]
    assert ALERT.text("en").startswith("Failures (1)\n")
    many = Alert("d", "r", "", tuple(Problem("failure", f"{n:03}", "x" * 5_000) for n in range(500)))
    assert "… and 490 more" in many.text("en")
    assert len(many.text("en")) < 4_000
    assert Alert("d", "r", "", ()).title("fr") == "d : tout est rentré dans l'ordre"


def test_a_lasting_problem_is_told_once_then_reminded_then_its_end() -> None:
    now, day, nothing = datetime(2026, 1, 1, tzinfo=UTC), timedelta(days=1), Memory(frozenset(), "")
    told, memory = worth_telling(PROBLEMS, nothing, now, day)
    assert told
    again = tuple(Problem(one.kind, one.subject, "another detail") for one in PROBLEMS)
    for hour in range(1, 24):
        told, memory = worth_telling(again, memory, now + timedelta(hours=hour), day)
        assert not told
    fewer, memory_of_fewer = worth_telling(PROBLEMS[:1], memory, now + timedelta(hours=2), day)
    assert not fewer
    assert worth_telling(PROBLEMS, memory_of_fewer, now + timedelta(hours=3), day)[0], "it came back"
    assert worth_telling(PROBLEMS, memory, now + day, day)[0]
    told, memory = worth_telling((), memory, now, day)
    assert told
    assert not worth_telling((), memory, now, day)[0]
    assert Memory.from_json(json.loads(json.dumps(memory.as_json()))) == memory
    assert distinct([*PROBLEMS, *again]) == distinct([*PROBLEMS, *again])
    assert len(distinct([*PROBLEMS, *again])) == 2


@contextmanager
def http_server() -> Iterator[tuple[int, list[tuple[str, Any, bytes]]]]:
    got: list[tuple[str, Any, bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append((self.path, self.headers, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: Any) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1], got
        server.shutdown()


def connection(monkeypatch: pytest.MonkeyPatch, name: str, **fields: Any) -> None:
    monkeypatch.setenv(f"AIRFLOW_CONN_{name.upper()}", json.dumps(fields))


def test_slack_gets_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    with http_server() as (port, got):
        connection(
            monkeypatch,
            "slack",
            conn_type="slackwebhook",
            host=f"http://127.0.0.1:{port}/services",
            password="T/B/secret",
        )
        SlackAlert(conn_id="slack", language="fr").notify({**fake.context(), "odh_alert": ALERT})
    [(path, _, body)] = got
    assert path == "/services/T/B/secret"
    assert json.loads(body)["text"].startswith("*odh_datagouv : 2 problème(s)*\nÉchecs (1)")


def test_a_webhook_gets_signed_json(monkeypatch: pytest.MonkeyPatch) -> None:
    with http_server() as (port, got):
        connection(monkeypatch, "hook", conn_type="http", host=f"http://127.0.0.1:{port}/alerts", password="shared")
        WebhookAlert(conn_id="hook", language="en").notify({**fake.context(), "odh_alert": ALERT})
    [(path, headers, body)] = got
    assert path == "/alerts"
    assert headers["X-Odh-Signature"] == "sha256=" + hmac.new(b"shared", body, hashlib.sha256).hexdigest()
    told = json.loads(body)
    assert [one["kind"] for one in told["problems"]] == ["failure", "late"]
    assert told["title"] == "odh_datagouv: 2 problem(s)"


class MailServer(socketserver.StreamRequestHandler):
    """Takes mails as SMTP has it, enough for one."""

    got: list[bytes]

    def handle(self) -> None:
        self.wfile.write(b"220 ready\r\n")
        data: list[bytes] | None = None
        for line in self.rfile:
            if data is not None:
                if line == b".\r\n":
                    MailServer.got.append(b"".join(data))
                    data = None
                    self.wfile.write(b"250 kept\r\n")
                else:
                    data.append(line)
            elif line.upper().startswith(b"DATA"):
                data = []
                self.wfile.write(b"354 go on\r\n")
            elif line.upper().startswith(b"QUIT"):
                self.wfile.write(b"221 bye\r\n")
                return
            else:
                self.wfile.write(b"250 fine\r\n")


def test_a_mail_goes_to_all(monkeypatch: pytest.MonkeyPatch) -> None:
    MailServer.got = []
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), MailServer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        connection(
            monkeypatch,
            "mail",
            conn_type="smtp",
            host="127.0.0.1",
            port=server.server_address[1],
            extra={"disable_ssl": True, "disable_tls": True},
        )
        MailAlert(to=["a@example.org", "b@example.org"], sender="odh@example.org", conn_id="mail").notify(
            {**fake.context(), "odh_alert": ALERT}
        )
        server.shutdown()
    [raw] = MailServer.got
    message = email.message_from_bytes(raw)
    assert str(make_header(decode_header(message["Subject"]))) == "odh_datagouv : 2 problème(s)"
    assert "a@example.org" in message["To"]
    assert "b@example.org" in message["To"]
    part = next(one for one in message.walk() if one.get_content_type() == "text/html")
    assert "Échecs (1)<br>" in part.get_payload(decode=True).decode()


def test_a_failed_dag_run_is_told_without_an_alert_at_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    with http_server() as (port, got):
        connection(monkeypatch, "hook", conn_type="http", host=f"http://127.0.0.1:{port}/")
        WebhookAlert(conn_id="hook", language="fr").notify(
            {**fake.context(), "exception": ValueError("dbt ended with 1")}
        )
    [(_, headers, body)] = got
    assert headers["X-Odh-Signature"] is None
    assert json.loads(body)["problems"] == [{"kind": "failure", "subject": "t", "detail": "dbt ended with 1"}]
