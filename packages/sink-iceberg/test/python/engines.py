"""Other engines on our tables: one JSON request a line on standard input, one JSON answer a line on standard output."""
import json
import sys

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from pyiceberg.catalog import load_catalog
from pyiceberg.types import DateType, DecimalType, DoubleType, IntegerType, LongType, StringType, TimestampType

import duckdb_extension_avro
import duckdb_extension_httpfs
import duckdb_extension_iceberg


def extension(module, name):
    from pathlib import Path
    return str(next(Path(module.__file__).parent.glob(f"extensions/*/{name}.duckdb_extension")))


EXTENSIONS = [
    extension(duckdb_extension_avro, "avro"),
    extension(duckdb_extension_httpfs, "httpfs"),
    extension(duckdb_extension_iceberg, "iceberg"),
]
TYPES = {
    "string": StringType(), "int": IntegerType(), "long": LongType(), "double": DoubleType(), "date": DateType(),
    "timestamp": TimestampType(), "decimal(38,2)": DecimalType(38, 2),
}
catalogs = {}


def table_of(request):
    key = json.dumps(request["catalog"], sort_keys=True)
    if key not in catalogs:
        catalogs[key] = load_catalog(**request["catalog"])
    return catalogs[key].load_table(request["table"])


def scan(request):
    arguments = {}
    if "filter" in request:
        arguments["row_filter"] = request["filter"]
    if "snapshot" in request:
        arguments["snapshot_id"] = int(request["snapshot"])
    return table_of(request).scan(**arguments)


def save(arrow, path):
    pq.write_table(arrow, path)
    return arrow.num_rows


def pyiceberg_scan(request):
    return {"rows": save(scan(request).to_arrow(), request["out"])}


def pyiceberg_files(request):
    return {"files": len(list(scan(request).plan_files()))}


def duckdb_connection(request):
    connection = duckdb.connect(config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"})
    for path in EXTENSIONS:
        connection.execute(f"load '{path}'")
    connection.execute("set timezone = 'UTC'")
    for statement in request.get("before", []):
        connection.execute(statement)
    return connection


def duckdb_scan(request):
    connection = duckdb_connection(request)
    at = f", snapshot_from_id => {request['snapshot']}::ubigint" if "snapshot" in request else ""
    source = request.get("from", f"iceberg_scan('{request.get('metadata')}'{at})")
    where = f" where {request['filter']}" if "filter" in request else ""
    connection.execute(f"copy (select * from {source}{where}) to '{request['out']}' (format parquet)")
    return {"rows": connection.execute(f"select count(*) from '{request['out']}'").fetchone()[0]}


def duckdb_run(request):
    duckdb_connection(request)
    return {}


def duckdb_write(request):
    duckdb_connection(request).execute(f"copy ({request['sql']}) to '{request['out']}' (format parquet)")
    return {}


def pyiceberg_describe(request):
    table = table_of(request)
    return {
        "columns": [[field.name, str(field.field_type), field.field_id] for field in table.schema().fields],
        "snapshots": [
            {
                "id": str(one.snapshot_id),
                "operation": one.summary.operation.value,
                "summary": one.summary.additional_properties,
            }
            for one in table.metadata.snapshots
        ],
        "metadata": table.metadata_location,
        "properties": dict(table.properties),
    }


def pyiceberg_append(request):
    table = table_of(request)
    rows = pq.read_table(request["rows"])
    schema = table.schema().as_arrow()
    columns = [rows[name].cast(schema.field(name).type) if name in rows.column_names else pa.nulls(rows.num_rows, schema.field(name).type) for name in schema.names]
    table.append(pa.Table.from_arrays(columns, schema=schema), snapshot_properties={"written-by": "pyiceberg"})
    return {"snapshot": str(table.current_snapshot().snapshot_id)}


def pyiceberg_add_files(request):
    table_of(request).add_files([request["path"]])
    return {}


def pyiceberg_delete(request):
    table = table_of(request)
    table.delete(request["filter"])
    return {}


def pyiceberg_evolve(request):
    table = table_of(request)
    with table.update_schema() as update:
        for change in request["changes"]:
            if change["change"] == "add":
                update.add_column(change["name"], TYPES[change["type"]])
            elif change["change"] == "rename":
                update.rename_column(change["name"], change["to"])
            elif change["change"] == "drop":
                update.delete_column(change["name"])
            elif change["change"] == "widen":
                update.update_column(change["name"], TYPES[change["type"]])
            elif change["change"] == "first":
                update.move_first(change["name"])
    return {}


def pyiceberg_expire(request):
    table = table_of(request)
    table.maintenance.expire_snapshots().by_ids([int(one) for one in request["snapshots"]]).commit()
    return {}


def pyiceberg_bounds(request):
    """Bounds of each file of the current snapshot, as pyiceberg reads them from the manifests."""
    table = table_of(request)
    names = {field.field_id: field.name for field in table.schema().fields}
    answer = []
    for task in table.scan().plan_files():
        answer.append({
            "path": task.file.file_path,
            "rows": task.file.record_count,
            "lower": {names[key]: value.hex() for key, value in (task.file.lower_bounds or {}).items() if key in names},
            "upper": {names[key]: value.hex() for key, value in (task.file.upper_bounds or {}).items() if key in names},
            "nulls": {names[key]: value for key, value in (task.file.null_value_counts or {}).items() if key in names},
        })
    return {"files": answer}


HANDLERS = {
    handler.__name__: handler
    for handler in (
        pyiceberg_scan, pyiceberg_files, duckdb_scan, duckdb_run, duckdb_write, pyiceberg_describe, pyiceberg_append, pyiceberg_add_files, pyiceberg_delete,
        pyiceberg_evolve, pyiceberg_expire, pyiceberg_bounds,
    )
}

for line in sys.stdin:
    asked = json.loads(line)
    try:
        reply = {"ok": HANDLERS[asked["do"]](asked)}
    except Exception as error:  # the test shows it
        reply = {"error": f"{type(error).__name__}: {error}"[:2000]}
    print(json.dumps(reply), flush=True)
