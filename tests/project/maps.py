"""Small maps as files, for the commands that divide them."""

import json


def written(path, features):
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def a_place(lon, lat=34.6, households=100, **said):
    return {
        "type": "Feature",
        "properties": {"households": households, **said},
        "geometry": {"type": "Point", "coordinates": [lon, lat]},
    }


def a_line(*spots, **said):
    return {
        "type": "Feature",
        "properties": said,
        "geometry": {"type": "LineString", "coordinates": [list(spot) for spot in spots]},
    }


def said_of(path, kind):
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    return [each["properties"] for each in features if each["properties"]["kind"] == kind]


def grids_of(path):
    return {each["name"]: each["households"] for each in said_of(path, "grid")}
