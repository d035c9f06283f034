"""`python dlt_scd2.py FOLDER DATABASE FILE…`: dlt's scd2 without a key, by its documented way for Arrow tables. State n is valid from day n of January 2026."""

import os
import sys

folder, database, *files = sys.argv[1:]
os.environ.update(RUNTIME__DLTHUB_TELEMETRY="false", DLT_DATA_DIR=folder, RUNTIME__LOG_LEVEL="ERROR")

import dlt  # noqa: E402
import pyarrow.parquet as parquet  # noqa: E402
from dlt.sources.helpers.transform import add_row_hash_to_table  # noqa: E402

pipeline = dlt.pipeline("peers", pipelines_dir=folder, destination=dlt.destinations.duckdb(database), dataset_name="s")
for day, file in enumerate(files, 1):
    boundary = f"2026-01-{day:02d}T00:00:00Z"

    @dlt.resource(
        name="t",
        write_disposition={
            "disposition": "merge",
            "strategy": "scd2",
            "row_version_column_name": "row_hash",
            "boundary_timestamp": boundary,
        },
    )
    def state():
        yield parquet.read_table(file)

    pipeline.run(state().add_map(add_row_hash_to_table("row_hash")))
