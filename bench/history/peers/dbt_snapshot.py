"""
`python dbt_snapshot.py FOLDER DATABASE FILE…`: a dbt snapshot whose key is a hash of all columns, as dbt asks of tables without one; rows that go are
invalidated. One process for all states. Prints, as JSON, an instant after each state, by which it is asked as it was.
"""

import json
import os
import sys
from datetime import datetime, timezone
from pathlib import Path

SNAPSHOT = """{% snapshot t %}
{{ config(target_schema='s', unique_key='row_key', strategy='check', check_cols='all', hard_deletes='invalidate') }}
select md5(x::varchar) as row_key, x.* from read_parquet('{{ var("file") }}') x
{% endsnapshot %}
"""


def write_project(folder: str, database: str) -> None:
    project = Path(folder)
    (project / "snapshots").mkdir(parents=True, exist_ok=True)
    (project / "dbt_project.yml").write_text(
        "name: peers\nversion: '1.0'\nprofile: peers\nflags: {send_anonymous_usage_stats: false}\n"
    )
    (project / "profiles.yml").write_text(
        f"peers: {{target: dev, outputs: {{dev: {{type: duckdb, path: '{database}', threads: 2}}}}}}\n"
    )
    (project / "snapshots" / "t.sql").write_text(SNAPSHOT)


def take_snapshots(folder: str, files: list[str]) -> list[str]:
    from dbt.cli.main import dbtRunner

    os.environ.update(DBT_LOG_PATH=f"{folder}/logs", DBT_TARGET_PATH=f"{folder}/target")
    runner = dbtRunner()
    instants = []
    for file in files:
        options = ["--quiet", "--project-dir", folder, "--profiles-dir", folder, "--vars", json.dumps({"file": file})]
        result = runner.invoke(["snapshot", *options])
        if not result.success:
            sys.exit(f"dbt failed on {file}: {result.exception}")
        instants.append(datetime.now(timezone.utc).replace(tzinfo=None).isoformat(sep=" "))
    return instants


# dbt starts processes that import this file again.
if __name__ == "__main__":
    folder, database, *files = sys.argv[1:]
    write_project(folder, database)
    print(json.dumps(take_snapshots(folder, files)))
