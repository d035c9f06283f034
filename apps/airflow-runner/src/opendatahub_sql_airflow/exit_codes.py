"""What the exit code of `odh` means for a task."""

from __future__ import annotations

from enum import Enum


class Outcome(Enum):
    """What becomes of the task."""

    DONE = "done"
    SKIPPED = "skipped"
    RETRY = "retry"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNCHANGED = 99
TRANSIENT = 75
# Usage, data refused, a bug, configuration; the last two are the shell's words for a program that cannot be started.
_FINAL = {64, 65, 70, 78, 126, 127}
# 128 + SIGINT, SIGKILL, SIGTERM; odh itself ends an interrupted run with 130.
_SIGNALS = {130, 137, 143}


def outcome(code: int) -> Outcome:
    """The outcome of an exit code; negative codes are signals, as `subprocess` gives them. Unknown codes may pass."""
    if code == 0:
        return Outcome.DONE
    if code == UNCHANGED:
        return Outcome.SKIPPED
    if code in _FINAL:
        return Outcome.FAILED
    if code < 0 or code in _SIGNALS:
        return Outcome.CANCELLED
    return Outcome.RETRY
