"""Places as other systems write them, in well-known text: GeoJSON, and boxes of four numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def well_known(value: Any) -> str:
    """The well-known text of GeoJSON, of ``west,south,east,north`` or of such text itself."""
    if isinstance(value, str):
        text = value.strip()
        if text[:1] != "{":
            return _box(text) or text
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return text
    if not isinstance(value, Mapping):
        return str(value)
    try:
        return _of_geometry(str(value.get("type", "")), value.get("coordinates"))
    except (TypeError, ValueError, IndexError):
        return json.dumps(value)[:200]


def box(west: float, south: float, east: float, north: float) -> str:
    """A rectangle: its corners against the clock, the first one again at the end."""
    corners = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    return f"POLYGON({_ring(corners)})"


def _box(text: str) -> str:
    numbers = text.split(",")
    try:
        return box(*(float(number) for number in numbers)) if len(numbers) == 4 else ""
    except ValueError:
        return ""


def _of_geometry(kind: str, coordinates: Any) -> str:
    if kind == "Point":
        return f"POINT({_pair(coordinates)})"
    if kind == "Polygon":
        return f"POLYGON({','.join(_ring(one) for one in coordinates)})"
    if kind == "MultiPolygon":
        outlines = ("(" + ",".join(_ring(ring) for ring in one) + ")" for one in coordinates)
        return f"MULTIPOLYGON({','.join(outlines)})"
    raise ValueError(kind)


def _ring(points: Any) -> str:
    return "(" + ", ".join(_pair(point) for point in points) + ")"


def _pair(point: Any) -> str:
    return f"{_number(point[0])} {_number(point[1])}"


def _number(value: Any) -> str:
    return f"{float(value):.7f}".rstrip("0").rstrip(".") or "0"
