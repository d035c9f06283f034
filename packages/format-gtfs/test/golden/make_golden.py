"""Reads gtfs.zip with Python's zipfile and csv: `python3 make_golden.py > gtfs.json`."""
import csv, io, json, pathlib, sys, zipfile

path = pathlib.Path(__file__).parents[4] / "fixtures/corpus/gtfs-frioul-bom-md5/gtfs.zip"
tables = {}
with zipfile.ZipFile(path) as archive:
    for name in archive.namelist():
        if name.endswith(".txt"):
            text = archive.read(name).decode("utf-8-sig")
            header, *rows = csv.reader(io.StringIO(text, newline=""))
            tables[name.removesuffix(".txt")] = {"columns": header, "rows": rows}
json.dump(tables, sys.stdout, ensure_ascii=False)
