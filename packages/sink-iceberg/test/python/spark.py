"""Spark on the tables of a folder: one JSON request a line on standard input, one JSON answer a line on standard output."""
import json
import os
import sys

from pyspark.sql import SparkSession

folder, jars = sys.argv[1], sys.argv[2]
settings = {
    "spark.jars": jars,
    "spark.driver.memory": "1g",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.warehouse.dir": os.path.join(folder, "spark-warehouse"),
    "spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
    "spark.sql.catalog.odh": "org.apache.iceberg.spark.SparkCatalog",
    "spark.sql.catalog.odh.catalog-impl": "org.apache.iceberg.jdbc.JdbcCatalog",
    "spark.sql.catalog.odh.uri": f"jdbc:sqlite:{folder}/catalog.db",
    "spark.sql.catalog.odh.warehouse": f"file://{folder}",
    "spark.sql.catalog.odh.jdbc.schema-version": "V1",
    "spark.sql.catalog.odh.jdbc.init-catalog-tables": "false",
    "spark.sql.catalog.odh.cache-enabled": "false",
}
builder = SparkSession.builder.master("local[2]")
for name, value in settings.items():
    builder = builder.config(name, value)
spark = builder.getOrCreate()
spark.sparkContext.setLogLevel("OFF")
print(json.dumps({"ok": spark.version}), flush=True)

for line in sys.stdin:
    asked = json.loads(line)
    try:
        frame = spark.sql(asked["sql"])
        if "out" in asked:
            frame.coalesce(1).write.mode("overwrite").parquet(asked["out"])
            reply = {"ok": {}}
        else:
            reply = {"ok": {"rows": [[None if value is None else str(value) for value in row] for row in frame.collect()]}}
    except Exception as error:  # the test shows it
        reply = {"error": f"{type(error).__name__}: {error}"[:2000]}
    print(json.dumps(reply), flush=True)
spark.stop()
