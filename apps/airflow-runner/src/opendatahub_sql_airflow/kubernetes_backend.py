"""`odh` in a pod of its own: same arguments, result file where the sidecar of Airflow reads it."""

from __future__ import annotations

import logging
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from airflow.providers.cncf.kubernetes.backcompat.backwards_compat_converters import convert_env_vars
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.sdk.exceptions import AirflowException

from opendatahub_sql_airflow.backend import Finished

RESULT_FILE = "/airflow/xcom/return.json"
# The sidecar waits for the file for ever: what dies before odh can write it (no memory, no such program) leaves an empty one.
_SCRIPT = 'mkdir -p "$(dirname {file})"; {command} "$@"; code=$?; [ -s {file} ] || printf "{{}}" > {file}; exit $code'
# Linux takes no longer argument; `odh plan` keeps items below.
MAX_ITEM_BYTES = 128 * 1024 - 1


class OdhPod(KubernetesPodOperator):
    """A pod whose result is known when it failed too."""

    odh_result: Mapping[str, Any]

    def cleanup(self, pod: Any, remote_pod: Any, xcom_result: Any = None, context: Any = None) -> None:
        """Keeps the result; the operator around this pod pushes it."""
        self.odh_result = xcom_result if isinstance(xcom_result, dict) else {}
        super().cleanup(pod, remote_pod, xcom_result, context)


def exit_code(pod: Any, container: str) -> int | None:
    """The exit code of a container of a finished pod, `None` when the pod never ran it."""
    statuses = (pod.status.container_statuses if pod is not None and pod.status is not None else None) or []
    for status in statuses:
        if status.name == container and status.state is not None and status.state.terminated is not None:
            return int(status.state.terminated.exit_code)
    return None


class KubernetesBackend:
    """Runs odh in a pod. `pod` are options of `KubernetesPodOperator`: image, namespace, resources, secrets, volumes."""

    def __init__(self, task_id: str, command: Sequence[str], pod: Mapping[str, Any]) -> None:
        self.task_id = task_id
        self.command = list(command)
        self.pod = dict(pod)
        self._running: OdhPod | None = None

    def run(
        self, arguments: Sequence[str], item: str | None, env: Mapping[str, str], context: Any, log: logging.Logger
    ) -> Finished:
        """Runs to the end of the pod. A runner that was killed finds its pod again: there is no second one."""
        if item is not None and len(item.encode()) > MAX_ITEM_BYTES:
            raise AirflowException(f"the work item has {len(item.encode())} bytes, a pod takes {MAX_ITEM_BYTES}")
        running = self._make(arguments, item, env)
        self._running = running
        try:
            result = running.execute(context)
            return Finished(0, result if isinstance(result, dict) else {})
        except AirflowException:
            code = exit_code(running.remote_pod, running.base_container_name)
            if not code:
                raise
            log.info("the pod ended with %s", code)
            return Finished(code, getattr(running, "odh_result", {}))

    def kill(self) -> None:
        """Deletes the pod."""
        if self._running is not None:
            self._running.on_kill()

    def _make(self, arguments: Sequence[str], item: str | None, env: Mapping[str, str]) -> OdhPod:
        script = _SCRIPT.format(file=RESULT_FILE, command=shlex.join(self.command))
        words = [*arguments, "--json", "--result", RESULT_FILE, *([] if item is None else [item])]
        options = {"name": f"odh-{self.task_id}", "reattach_on_restart": True, "get_logs": True, **self.pod}
        return OdhPod(
            **{
                **options,
                "task_id": f"{self.task_id}_pod",
                "cmds": ["sh", "-c", script, "odh"],
                "arguments": words,
                "env_vars": convert_env_vars(dict(env)) + convert_env_vars(options.get("env_vars") or []),
                "do_xcom_push": True,
            }
        )
