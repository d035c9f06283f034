"""`python3 multiset_diff.py A.csv.gz B.csv.gz`: what two files do not share, as multisets of rows, by the standard library alone. JSON: removed and added rows."""

import collections
import csv
import gzip
import json
import re
import sys


def rows(path: str) -> collections.Counter:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        lines = (line for line in re.split(r"[\r\n]+", file.read()) if line)
        reader = csv.reader(lines, delimiter=";")
        next(reader)
        day = re.compile(r"^(\d\d)/(\d\d)/(\d{4})$")
        return collections.Counter(tuple(day.sub(r"\3-\2-\1", cell) for cell in row) for row in reader)


before, after = rows(sys.argv[1]), rows(sys.argv[2])
json.dump({"removed": sorted((before - after).elements()), "added": sorted((after - before).elements())}, sys.stdout)
