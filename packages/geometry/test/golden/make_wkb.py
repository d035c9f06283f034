"""Geometries as shapely writes them, turned by the right-hand rule. pip install shapely==2.2.0; python3 make_wkb.py"""
import json
import pathlib

import shapely
from shapely.geometry import shape

SQUARE = [[0, 0], [0, 4], [4, 4], [4, 0], [0, 0]]
HOLE = [[1, 1], [2, 1], [2, 2], [1, 2], [1, 1]]
GEOMETRIES = [
    {"type": "Point", "coordinates": [2.35, 48.85]},
    {"type": "Point", "coordinates": [2.35, 48.85, 35.5]},
    {"type": "MultiPoint", "coordinates": [[0, 1], [2, 3]]},
    {"type": "LineString", "coordinates": [[0, 1, 5], [2, 3, 6]]},
    {"type": "MultiLineString", "coordinates": [[[0, 1], [2, 3]], [[4, 5], [6, 7], [8, 9]]]},
    {"type": "Polygon", "coordinates": [SQUARE, HOLE]},
    {"type": "MultiPolygon", "coordinates": [[SQUARE, HOLE], [[[x + 10, y] for x, y in SQUARE]]]},
    {"type": "MultiPolygon", "coordinates": [[[[x, y, x + y] for x, y in SQUARE]]]},
    {"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [1, 2]}, {"type": "Polygon", "coordinates": [SQUARE]}]},
]
rows = []
for geometry in GEOMETRIES:
    turned = shapely.orient_polygons(shape(geometry))
    rows.append({"geometry": geometry, "wkb": shapely.to_wkb(turned, hex=True, byte_order=1, flavor="iso")})
text = ",\n".join(json.dumps(row) for row in rows)
pathlib.Path(__file__).with_name("wkb.json").write_text(f'{{"madeBy": "shapely {shapely.__version__}", "rows": [\n{text}\n]}}\n')
