"""Processes of odh, and what started them, found in /proc."""

from __future__ import annotations

from pathlib import Path


def command_of(pid: int) -> list[str]:
    """Its words; empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except OSError:
        return []


def parent_of(pid: int) -> int:
    """The process that started it."""
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])


def running_odh(folder: Path, command: str = "run") -> list[int]:
    """Processes `odh COMMAND` of the hub in `folder`."""
    config = str(folder / "odh.config.ts")
    pids = [int(one.name) for one in Path("/proc").iterdir() if one.name.isdigit()]
    return [
        pid
        for pid in pids
        if (words := command_of(pid)) and command in words and config in words and "node" in words[0]
    ]
