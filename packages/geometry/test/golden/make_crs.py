"""Points of every coordinate system of our table, made longitude and latitude by PROJ. pip install pyproj==3.7.2; python3 make_crs.py"""
import json
import pathlib

import pyproj

LAMBERT_93 = [(652469.02, 6862035.26), (1207632.0, 6085345.0), (99217.1, 6049646.3), (700000.0, 6600000.0)]
UTM = [(500000.0, 1600000.0), (655123.45, 1785432.1)]
SOUTH = [(345678.9, 7667890.1), (512345.6, 8580000.0)]
POINTS = {
    **{code: LAMBERT_93 for code in (2154, 9793, 9794)},
    **{first + zone: [(1700000.0, (zone + 1) * 1e6 + 200000.0), (1652345.6, (zone + 1) * 1e6 + 254321.0)] for first in (3942, 9822, 9842) for zone in range(9)},
    27561: [(600000.0, 128000.0)], 27562: [(600000.0, 200000.0)], 27563: [(848123.4, 117000.0)], 27564: [(551234.5, 185861.4)],
    27571: [(600000.0, 1128000.0)], 27572: [(600000.0, 2200000.0), (965432.1, 1832109.8), (130000.0, 2400000.0)],
    27573: [(848123.4, 3117000.0)], 27574: [(551234.5, 4185861.4)], 27582: [(600000.0, 2200000.0)],
    5490: UTM, 4559: UTM, 2972: [(345678.9, 545678.9)], 4467: [(555555.5, 5185000.0)],
    2975: SOUTH, 4471: SOUTH, 3296: SOUTH, 3297: SOUTH, 3163: [(447000.0, 214000.0), (300000.0, 400000.0)],
    3035: [(3760000.0, 2890000.0)], 3857: [(261600.0, 6250000.0), (-6850000.0, 1650000.0)], 3395: [(261600.0, 6220000.0)],
    25831: [(448251.8, 5411932.7)], 32630: [(600000.0, 5300000.0)], 32738: SOUTH,
    4326: [(2.35, 48.85)], 4171: [(2.35, 48.85)], 4258: [(2.35, 48.85)],
}

rows = []
for code, points in sorted(POINTS.items()):
    transformer = pyproj.Transformer.from_crs(f"EPSG:{code}", "OGC:CRS84", always_xy=True, allow_ballpark=True)
    for x, y in points:
        longitude, latitude = transformer.transform(x, y)
        rows.append({"epsg": code, "x": x, "y": y, "longitude": longitude, "latitude": latitude})

made_by = f"pyproj {pyproj.__version__}, PROJ {pyproj.proj_version_str}, without grids"
text = ",\n".join(json.dumps(row) for row in rows)
pathlib.Path(__file__).with_name("crs.json").write_text(f'{{"madeBy": "{made_by}", "points": [\n{text}\n]}}\n')
