"""NDJSON log lines of `odh` as lines of the task's log."""

from __future__ import annotations

import json
import logging

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warn": logging.WARNING, "error": logging.ERROR}


def parse_line(line: str) -> tuple[int, str]:
    """Level and text of a line; what is not a log line of odh (a stack of Node, say) is kept as it is."""
    try:
        entry = json.loads(line)
    except ValueError:
        return logging.INFO, line
    if not isinstance(entry, dict) or "message" not in entry:
        return logging.INFO, line
    more = {key: value for key, value in entry.items() if key not in {"at", "level", "message"} and value is not None}
    fields = " ".join(f"{key}={_short(value)}" for key, value in more.items())
    text = str(entry["message"])
    return _LEVELS.get(str(entry.get("level")), logging.INFO), f"{text} ({fields})" if fields else text


def _short(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
