"""Where `odh` runs: the same arguments and the same result file, in a process here or in a pod."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class Finished:
    """How `odh` ended. `result` is the JSON of its result file, empty when a kill left none."""

    code: int
    result: Mapping[str, Any]


class Backend(Protocol):
    """Runs one command to its end."""

    def run(
        self, arguments: Sequence[str], item: str | None, env: Mapping[str, str], context: Any, log: logging.Logger
    ) -> Finished:
        """Runs `odh ARGUMENTS`, with the work item (JSON text) after them when there is one."""

    def kill(self) -> None:
        """Ends what runs, now or soon; called from a signal handler."""
