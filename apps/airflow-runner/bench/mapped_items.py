"""`python bench/mapped_items.py [N]`: what Airflow itself costs for each mapped item, in CPU and memory.

The stand-in of odh plans N items and does nothing in each of them, so all that is measured is Airflow and the operator.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

APP = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(APP / "tests" / "live"))
sys.path.insert(0, str(APP / "src"))

from instance import Instance, Postgres  # noqa: E402

STAND_IN = """#!/bin/sh
# odh plan|run … --result FILE …
while [ $# -gt 0 ]; do
  case "$1" in
    plan) plan=1 ;;
    --result) file="$2" ;;
  esac
  shift
done
if [ -n "$plan" ]; then cp "$(dirname "$0")/plan.json" "$file"; else
  printf '{"schemaVersion":1,"status":"loaded","source":"s","resources":[],"warnings":[]}' > "$file"
fi
"""
TICK = os.sysconf("SC_CLK_TCK")


def processes(instance: Instance) -> list[int]:
    """All processes of the instance: its groups, and those that a task runner started."""
    groups = {process.pid for process in instance._processes}
    found = []
    for one in Path("/proc").iterdir():
        if one.name.isdigit():
            try:
                fields = (one / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if int(fields[2]) in groups:
                found.append(int(one.name))
    return found


def cpu_seconds(instance: Instance) -> float:
    """User and system, of the processes and of the children they waited for."""
    total = 0
    for process in instance._processes:
        fields = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        total += sum(int(one) for one in fields[11:15])
    for pid in set(processes(instance)) - {process.pid for process in instance._processes}:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        total += sum(int(one) for one in fields[11:15])
    return total / TICK


def pss_megabytes(instance: Instance) -> float:
    """Proportional set size of all processes."""
    total = 0
    for pid in processes(instance):
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def main(items: int) -> None:
    """Prints one JSON line."""
    folder = Path(tempfile.mkdtemp(prefix="odh-bench-"))
    folder.chmod(0o755)
    program = folder / "odh"
    program.write_text(STAND_IN)
    program.chmod(0o755)
    item = {"schemaVersion": 1, "source": "s", "resources": [{"padding": "x" * 3_000}]}
    plan = {
        "schemaVersion": 1,
        "items": [item] * items,
        "batches": [{"host": "h", "label": f"item {n}"} for n in range(items)],
        "gone": [],
        "failed": [],
    }
    (folder / "plan.json").write_text(json.dumps(plan))
    dataset = {"id": "1", "slug": "d", "title": "D", "resources": items, "tables": ["d"]}
    group = {"name": "bench", "source": "s", "hosts": ["h"], "datasets": [dataset]}
    manifest = {"schemaVersion": 1, "sinks": [{"id": "duckdb", "oneProcess": True}], "groups": [group]}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / "pools.json").write_text(
        json.dumps({"odh_sink_duckdb": {"slots": 2, "description": "", "include_deferred": False}})
    )
    programs = Postgres.find()
    postgres = None if programs is None else Postgres(programs, folder / "postgres")
    instance = Instance(
        folder,
        APP / "dags",
        {
            "PYTHONPATH": str(APP / "src"),
            "ODH_MANIFEST": str(folder / "manifest.json"),
            "ODH_CONFIG": str(folder / "odh.config.ts"),
            "ODH_COMMAND": str(program),
            "ODH_SCHEDULE": "",
            "AIRFLOW__OPENLINEAGE__DISABLED": "True",
        },
        postgres,
    )
    try:
        instance.airflow("db", "migrate")
        instance.airflow("pools", "import", str(folder / "pools.json"))
        instance.start()
        time.sleep(5)
        idle_memory, idle_cpu, idle_at = pss_megabytes(instance), cpu_seconds(instance), time.monotonic()
        time.sleep(20)
        idle_rate = (cpu_seconds(instance) - idle_cpu) / (time.monotonic() - idle_at)
        before, started = cpu_seconds(instance), time.monotonic()
        run = instance.trigger("odh_bench")
        peak = 0.0
        while (state := instance.state("odh_bench", run)) not in ("success", "failed"):
            peak = max(peak, pss_megabytes(instance))
            time.sleep(1)
        wall = time.monotonic() - started
        spent = cpu_seconds(instance) - before - idle_rate * wall
        load = os.getloadavg()
        print(
            json.dumps(
                {
                    "database": "SQLite" if postgres is None else "PostgreSQL",
                    "items": items,
                    "state": state,
                    "cpu seconds an item": round(spent / items, 2),
                    "wall seconds an item, two at once": round(wall / items, 2),
                    "MB idle": round(idle_memory),
                    "MB at most": round(peak),
                    "load": [round(one, 1) for one in load],
                }
            )
        )
    finally:
        instance.close()
        if postgres is not None:
            postgres.close()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
