"""Tables of a warehouse as Parquet, one file each, named SCHEMA.TABLE.parquet: `export_tables.py WAREHOUSE FOLDER`. Types are those that Snowflake has too."""

import sys

import duckdb

warehouse, folder = sys.argv[1:]
connection = duckdb.connect(warehouse, read_only=True)
columns = connection.sql(
    """select schema_name, table_name, column_name, data_type from duckdb_columns()
       where schema_name in ('bronze', 'history') and table_name not like '%\\_latest' escape '\\' or schema_name = 'odh' and table_name in ('loads', 'load_tables')
       order by all"""
).fetchall()
tables = {}
for schema, table, column, kind in columns:
    cast = "varchar" if kind == "UUID" else kind
    tables.setdefault((schema, table), []).append(f'"{column}"::{cast} as "{column}"')
for (schema, table), selected in tables.items():
    connection.sql(f"copy (select {', '.join(selected)} from {schema}.\"{table}\") to '{folder}/{schema}.{table}.parquet'")
