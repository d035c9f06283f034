"""fakesnow with the tables of a folder of Parquet files (SCHEMA.TABLE.parquet) in its database ODH: `fakesnow_server.py FOLDER` prints its port and serves until its standard input ends."""

import importlib
import pathlib
import sys

import fakesnow

# The module of the same name takes the place of the function once it is imported.
serve = fakesnow.server
server = importlib.import_module("fakesnow.server")
connection = server.shared_fs.connect("ODH", "MAIN")
duck = server.shared_fs.duck_conn
for file in sorted(pathlib.Path(sys.argv[1]).glob("*.parquet")):
    schema, table = file.stem.split(".")
    duck.execute(f'create schema if not exists ODH."{schema.upper()}"')
    # As Snowflake stores names that are written without quotes.
    columns = [name for name, *_ in duck.execute(f"describe from read_parquet('{file}')").fetchall()]
    selected = ", ".join(f'"{name}" as "{name.upper()}"' for name in columns)
    duck.execute(f'create table ODH."{schema.upper()}"."{table.upper()}" as select {selected} from read_parquet(\'{file}\')')
with serve() as settings:
    print(settings["port"], flush=True)
    sys.stdin.read()
