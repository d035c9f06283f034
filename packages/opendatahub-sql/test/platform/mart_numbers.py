"""Ten numbers of the marts, from the files as received, with Python's standard library alone: `mart_numbers.py CORPUS` prints them as JSON."""

import csv
import gzip
import io
import json
import pathlib
import sys
import zipfile
from decimal import Decimal
from xml.etree import ElementTree

corpus = pathlib.Path(sys.argv[1])


def rows(text, delimiter=","):
    return list(csv.DictReader(io.StringIO(text), delimiter=delimiter))


communes = rows((corpus / "insee-cog-communes-2026/communes.csv").read_text("utf-8-sig"))
with gzip.open(next((corpus / "ssmsi-delinquance-csv-gz").glob("*.csv.gz"))) as file:
    offences = rows(file.read().decode("utf-8-sig"), ";")
day = gzip.decompress((corpus / "history-covid-hospit/2020-06-30.csv.gz").read_bytes())
hospital = rows(day.decode("utf-8-sig"), ";")
with zipfile.ZipFile(next((corpus / "prix-carburants-zip-xml-latin1").glob("*.zip"))) as archive:
    stations = ElementTree.fromstring(archive.read(archive.namelist()[0]))
prices = [price for station in stations for price in station.findall("prix")]
sp98 = [Decimal(price.get("valeur")) for price in prices if price.get("nom") == "SP98"]
head, *lines = csv.reader(io.StringIO((corpus / "baac-lieux-2019/lieux-2019.csv").read_text("utf-8-sig")))
# 26 lines of this file are quoted as a whole, their quotes doubled once more.
places = [dict(zip(head, next(csv.reader(line)) if len(line) == 1 else line)) for line in lines]

print(
    json.dumps(
        {
            "communes": sum(row["TYPECOM"] == "COM" for row in communes),
            "communes of Corsica": sum(row["TYPECOM"] == "COM" and row["DEP"] in ("2A", "2B") for row in communes),
            "in hospital on 15 June": sum(
                int(row["hosp"]) for row in hospital if row["sexe"] == "0" and row["jour"] == "2020-06-15"
            ),
            "deaths by 15 June in Paris": sum(
                int(row["dc"]) for row in hospital if row["sexe"] == "0" and row["jour"] == "2020-06-15" and row["dep"] == "75"
            ),
            "burglaries of 2022": sum(
                int(row["faits"]) for row in offences if row["annee"] == "22" and row["classe"] == "Cambriolages de logement"
            ),
            "offences of all years": sum(int(row["faits"]) for row in offences),
            "stations": len(stations),
            "prices": len(prices),
            "sum of SP98": str(sum(sp98)),
            "places of accidents on communal roads": sum(row["catr"] == "4" for row in places),
        }
    )
)
