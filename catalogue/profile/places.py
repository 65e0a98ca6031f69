"""Geometries in well-known text (OGC 06-103r4), longitude first, as DCAT-AP writes them."""

from __future__ import annotations

import re

WKT_LITERAL = "http://www.opengis.net/ont/geosparql#wktLiteral"

_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_PAIR = rf"\s*{_NUMBER}\s+{_NUMBER}\s*"
_RING = rf"\s*\({_PAIR}(?:,{_PAIR})*\)\s*"
_FORM = re.compile(
    rf"(?:<[^<>\s]+>\s*)?(?:POINT\s*\({_PAIR}\)"
    rf"|(?:LINESTRING|MULTIPOINT)\s*\({_PAIR}(?:,{_PAIR})*\)"
    rf"|POLYGON\s*\({_RING}(?:,{_RING})*\)"
    rf"|MULTIPOLYGON\s*\(\s*\({_RING}(?:,{_RING})*\)\s*(?:,\s*\({_RING}(?:,{_RING})*\)\s*)*\))\s*\Z",
    re.I,
)
_COORDINATES = re.compile(rf"({_NUMBER})\s+({_NUMBER})")
_POLYGON_RING = re.compile(r"\(([^()]+)\)")
_LONGEST = 100_000


def fault_of_geometry(value: str) -> str:
    """What is wrong with a geometry; empty if nothing is."""
    if len(value) > _LONGEST:
        return f"is longer than {_LONGEST} characters; simplify the outline"
    if not _FORM.match(value):
        return "is not well-known text such as POINT(4.35 50.85) or POLYGON((…))"
    if "<" not in value:  # no other reference system named: longitude and latitude
        for longitude, latitude in _COORDINATES.findall(value):
            if abs(float(longitude)) > 180 or abs(float(latitude)) > 90:
                return f"has the point {longitude} {latitude}; longitude comes first, then latitude"
    if "POLYGON" in value.upper():
        for ring in _POLYGON_RING.findall(value):
            points = [tuple(map(float, pair)) for pair in _COORDINATES.findall(ring)]
            if len(points) < 4 or points[0] != points[-1]:
                return "has a ring that does not end where it begins"
    return ""
