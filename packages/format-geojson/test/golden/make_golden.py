"""
What GDAL, shapely and PROJ read in the corpus, one JSON a file: pip install pyogrio==0.13.0 geopandas==1.2.0 pyproj==3.7.2; python3 make_golden.py
`wkb`: SHA-256 of ISO well-known binary, rings turned by the right-hand rule, of files in degrees; `bbox` in degrees of WGS 84 for all.
"""
import hashlib
import json
import pathlib

import geopandas
import pyproj
import shapely

HERE = pathlib.Path(__file__).parent
CORPUS = HERE.parents[3] / "fixtures" / "corpus"
FILES = {"departements": "geojson-departements/departements-version-simplifiee.geojson", "districts": "geojson-lambert93/districts.geojson"}

for name, path in FILES.items():
    frame = geopandas.read_file(CORPUS / path, engine="pyogrio")
    epsg = frame.crs.to_epsg()
    to_degrees = pyproj.Transformer.from_crs(frame.crs, "OGC:CRS84", always_xy=True)
    rows = []
    for record in frame.to_dict("records"):
        geometry = record.pop("geometry")
        degrees = geometry if epsg == 4326 else shapely.transform(geometry, to_degrees.transform, interleaved=False)
        turned = shapely.orient_polygons(degrees)
        row = {"properties": {key: str(value) for key, value in record.items()}, "type": geometry.geom_type}
        row["positions"] = int(shapely.get_num_coordinates(geometry))
        row["bbox"] = list(degrees.bounds)
        if epsg == 4326:
            row["wkb"] = hashlib.sha256(shapely.to_wkb(turned, byte_order=1, flavor="iso")).hexdigest()
        else:
            row["coordinateSums"] = [float(axis.sum()) for axis in shapely.get_coordinates(degrees).T]
        rows.append(row)
    text = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    (HERE / f"{name}.json").write_text(f'{{"file": "{path}", "epsg": {epsg}, "rows": [\n{text}\n]}}\n')
