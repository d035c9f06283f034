"""`python append.py FOLDER PARQUET`: pyiceberg appends a Parquet file's rows to a new table in a folder with SQLite."""
import sys

import pyarrow.parquet as pq
from pyiceberg.catalog import load_catalog

folder, path = sys.argv[1:]
catalog = load_catalog("py", type="sql", uri=f"sqlite:///{folder}/catalog.db", warehouse=f"file://{folder}")
catalog.create_namespace_if_not_exists("bronze")
rows = pq.read_table(path)
catalog.create_table("bronze.t", schema=rows.schema).append(rows)
