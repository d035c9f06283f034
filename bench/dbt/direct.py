"""Runs statements of a file in one transaction, with the settings of the dbt profile: `direct.py DATABASE SQL`."""

import pathlib
import sys

import duckdb

database, statements = sys.argv[1:]
connection = duckdb.connect(database, config={"threads": 2, "memory_limit": "1GB"})
connection.begin()
for statement in pathlib.Path(statements).read_text().split(";\n"):
    connection.execute(statement)
connection.commit()
