"""Makes catalogue/web/outlines.csv, the outlines that the map of Europe draws.

Run once, with Node's npm at hand; the catalogue itself needs neither:

    npm pack world-atlas@2.0.2 && tar xf world-atlas-2.0.2.tgz && pip install pycountry
    python docs/make_outlines.py package/countries-50m.json > catalogue/web/outlines.csv

The coordinates are those of Natural Earth, in Lambert's equal-area projection of the
European Union (EPSG:3035), simplified border by border so that neighbours still meet.
"""

from __future__ import annotations

import csv
import json
import math
import sys
from collections.abc import Iterable, Sequence
from itertools import pairwise

import pycountry

Point = tuple[float, float]
#: The frame in metres east and north, and what one unit of the drawing stands for.
WEST, EAST, SOUTH, NORTH, UNIT = 2_560_000, 6_560_000, 1_340_000, 5_460_000, 4_000
WIDTH, HEIGHT = (EAST - WEST) / UNIT, (NORTH - SOUTH) / UNIT
#: Corners that span less than this many square units go; so do islands below the second.
CORNER, ISLAND = 5.0, 34.0
#: Countries smaller than this get a round mark as well.
SMALL = 620.0
#: Natural Earth draws who is in control; the catalogue follows the member states of the
#: United Nations: these pieces belong to the other country.
PIECES = {"N. Cyprus": ((33.5, 35.3), "CYP"), "Russia": ((34.2, 45.2), "UKR")}
HEADER = """\
# Outlines of the countries on the map of Europe: made by docs/make_outlines.py, not by hand.
# Source: Natural Earth 4.1.0, 1:50m (www.naturalearthdata.com), through npm world-atlas 2.0.2.
# Licence: public domain.  Projection: EPSG:3035; one unit is 4 km.
"""


def main(path: str) -> None:
    """Write the file: a line a country."""
    with open(path, encoding="utf-8") as file:
        world = json.load(file)
    arcs = [simplified([projected(p) for p in arc]) for arc in decoded(world)]
    polygons = by_country(world, decoded(world))
    print(HEADER, end="")
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(("code", "x", "y", "small", "path"))
    for code in sorted(polygons):
        rings = [clipped(ring_of(ring, arcs)) for polygon in polygons[code] for ring in polygon]
        rings = [ring for ring in rings if len(ring) > 2]
        if not rings:
            continue
        largest = max(rings, key=area)
        size = sum(map(area, rings))
        x, y = middle(largest)
        if not 10 < y < HEIGHT - 10:
            continue  # a tip of Greenland, where no number would fit
        kept = [ring for ring in rings if ring is largest or area(ring) >= ISLAND]
        small = "yes" if size < SMALL else ""
        out.writerow((code, round(x), round(y), small, "".join(map(drawn, kept))))


# reading TopoJSON ---------------------------------------------------------------------


def decoded(world: dict) -> list[list[Point]]:
    """The borders in degrees: the file holds steps on a grid."""
    (sx, sy), (tx, ty) = world["transform"]["scale"], world["transform"]["translate"]
    found = []
    for arc in world["arcs"]:
        x = y = 0
        line = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            line.append((x * sx + tx, y * sy + ty))
        found.append(line)
    return found


def by_country(world: dict, arcs: list[list[Point]]) -> dict[str, list[list[list[int]]]]:
    """The polygons of each country as numbers of borders, pieces put where they belong."""
    found: dict[str, list[list[list[int]]]] = {}
    moved: list[tuple[str, list[list[int]]]] = []
    for one in world["objects"]["countries"]["geometries"]:
        polygons = [one["arcs"]] if one["type"] == "Polygon" else one["arcs"]
        place, owner = PIECES.get(one["properties"]["name"], (None, ""))
        for polygon in polygons:
            if place and inside(place, ring_of(polygon[0], arcs)):
                moved.append((owner, polygon))
            elif code := code_of(one):
                found.setdefault(code, []).append(polygon)
    for owner, piece in moved:
        found[owner] = joined(found[owner], piece)
    return found


def code_of(country: dict) -> str:
    """The code of a country in the table of the European Union; empty if it has none."""
    if country["properties"]["name"] == "Kosovo":
        return "XKX"
    known = pycountry.countries.get(numeric=str(country.get("id", "")).zfill(3))
    return known.alpha_3 if known else ""


def joined(polygons: list[list[list[int]]], piece: list[list[int]]) -> list[list[list[int]]]:
    """Polygons with one more piece: a border between the two goes, the rest is one line."""
    borders = {~arc for arc in piece[0]}
    near = next((p for p in polygons if borders & set(p[0])), None)
    if near is None:
        return [*polygons, piece]
    common = borders & set(near[0])
    start = next(i for i, arc in enumerate(near[0]) if arc in common)
    outside = [arc for arc in near[0][start:] + near[0][:start] if arc not in common]
    entry = next(i for i, arc in enumerate(piece[0]) if ~arc in common)
    others = [arc for arc in piece[0][entry:] + piece[0][:entry] if ~arc not in common]
    return [*(p for p in polygons if p is not near), [outside + others, *near[1:]]]


def ring_of(ring: Sequence[int], arcs: list[list[Point]]) -> list[Point]:
    """The points of a ring; a border named by its complement is walked backwards."""
    found: list[Point] = []
    for arc in ring:
        found += (arcs[arc] if arc >= 0 else arcs[~arc][::-1])[:-1]
    return found


# geometry -----------------------------------------------------------------------------


def projected(point: Point) -> Point:
    """Degrees on the drawing: Lambert's azimuthal equal-area projection about 52° N 10° E."""
    longitude, latitude = math.radians(point[0] - 10), math.radians(point[1])
    centre = math.radians(52)
    near = 1 + math.sin(centre) * math.sin(latitude)
    near += math.cos(centre) * math.cos(latitude) * math.cos(longitude)
    k = 6_371_007 * math.sqrt(2 / max(near, 1e-9))
    east = k * math.cos(latitude) * math.sin(longitude)
    north = k * (
        math.cos(centre) * math.sin(latitude)
        - math.sin(centre) * math.cos(latitude) * math.cos(longitude)
    )
    return (4_321_000 + east - WEST) / UNIT, (NORTH - 3_210_000 - north) / UNIT


def simplified(line: list[Point]) -> list[Point]:
    """A border without the corners that span least (Visvalingam); its ends stay."""
    line = list(line)
    least = 5 if line[0] == line[-1] else 2
    while len(line) > least:
        spans = [area(line[i - 1 : i + 2]) for i in range(1, len(line) - 1)]
        smallest = min(range(len(spans)), key=spans.__getitem__)
        if spans[smallest] >= CORNER:
            break
        del line[smallest + 1]
    return line


def clipped(ring: list[Point]) -> list[Point]:
    """The part of a ring in the frame, with a margin that hides the cut."""
    for axis, limit, sign in ((0, -9, 1), (0, WIDTH + 9, -1), (1, -9, 1), (1, HEIGHT + 9, -1)):
        cut: list[Point] = []
        for a, b in zip(ring[-1:] + ring[:-1], ring, strict=True):
            within = [sign * (p[axis] - limit) >= 0 for p in (a, b)]
            if within[0] != within[1]:
                t = (limit - a[axis]) / (b[axis] - a[axis])
                cut.append((a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])))
            if within[1]:
                cut.append(b)
        ring = cut
    return ring


def area(ring: Sequence[Point]) -> float:
    """How large a ring is, in square units."""
    pairs = zip(ring, [*ring[1:], ring[0]], strict=True)
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs)) / 2


def inside(point: Point, ring: Sequence[Point]) -> bool:
    """Whether a point lies in a ring."""
    x, y = point
    found = False
    for (ax, ay), (bx, by) in zip(ring, [*ring[1:], ring[0]], strict=True):
        if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
            found = not found
    return found


def middle(ring: Sequence[Point]) -> Point:
    """Where a label has most room: the point inside that is furthest from the border."""
    xs, ys = [p[0] for p in ring], [p[1] for p in ring]
    best, most = (sum(xs) / len(xs), sum(ys) / len(ys)), -1.0
    for i in range(1, 40):
        for j in range(1, 40):
            x = min(xs) + (max(xs) - min(xs)) * i / 40
            y = min(ys) + (max(ys) - min(ys)) * j / 40
            # A number is wider than high, so room above and below counts for more.
            room = min(math.hypot(x - px, 1.4 * (y - py)) for px, py in along(ring))
            if room > most and inside((x, y), ring) and 0 < x < WIDTH and 0 < y < HEIGHT:
                best, most = (x, y), room
    return best


def along(ring: Sequence[Point]) -> Iterable[Point]:
    """Points on the border of a ring, close to each other."""
    for (ax, ay), (bx, by) in zip(ring, [*ring[1:], ring[0]], strict=True):
        for t in (0, 0.25, 0.5, 0.75):
            yield ax + t * (bx - ax), ay + t * (by - ay)


def drawn(ring: Sequence[Point]) -> str:
    """A ring as a path of whole units, each step from the point before."""
    points = [(round(x), round(y)) for x, y in ring]
    steps = [f"{b[0] - a[0]} {b[1] - a[1]}" for a, b in pairwise(points) if a != b]
    if len(steps) < 2:
        return ""
    return f"M{points[0][0]} {points[0][1]}l{' '.join(steps)}z".replace(" -", "-")


if __name__ == "__main__":
    main(sys.argv[1])
