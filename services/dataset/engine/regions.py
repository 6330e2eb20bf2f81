"""Regions of a picture, and what becomes of them when it is turned, scaled or cut.

A record names them as ``regions``: each with ``box`` ([x, y, width, height]), with ``polygon`` ([[x, y], …]), or both, and whatever else is
said of it, such as ``label``. In pixels from the upper left corner; the first pixel reaches from 0 to 1.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from libs.common.errors import PlatformError, Reason
from libs.data.records import Record

REGIONS, BOX, POLYGON = "regions", "box", "polygon"
_DIGITS = 3  # of a pixel
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Affine:
    """(x, y) -> (a x + b y + c, d x + e y + f)."""

    a: float
    b: float
    c: float
    d: float
    e: float
    f: float

    def at(self, point: Point) -> Point:
        x, y = point
        return self.a * x + self.b * y + self.c, self.d * x + self.e * y + self.f

    def back(self) -> tuple[float, float, float, float, float, float]:
        """The six numbers of the way back."""
        whole = self.a * self.e - self.b * self.d
        a, b, d, e = self.e / whole, -self.b / whole, -self.d / whole, self.a / whole
        return a, b, -a * self.c - b * self.f, d, e, -d * self.c - e * self.f


def turned(degrees: float, width: int, height: int, new_width: int, new_height: int) -> Affine:
    """Clockwise about the middle, which becomes the middle of the new picture."""
    sine, cosine = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
    return Affine(
        cosine,
        -sine,
        new_width / 2 - cosine * width / 2 + sine * height / 2,
        sine,
        cosine,
        new_height / 2 - sine * width / 2 - cosine * height / 2,
    )


def moved(record: Record, way: Affine, size: tuple[int, int], least: float) -> list[dict[str, Any]]:
    """The regions of a record in the new picture of ``size``. One of which less than ``least`` of its area can be seen is left out.

    Raises ROW_INVALID for what is no region.
    """
    found = (_moved(region, record, way, size, least) for region in _listed(record))
    return [region for region in found if region is not None]


def checked(record: Record) -> list[Mapping[str, Any]]:
    """The regions of a record, none where it names none. Raises ROW_INVALID for what is no region."""
    if record.get(REGIONS) is None:
        return []
    regions = _listed(record)
    for region in regions:
        _corners(region, record)
        if BOX in region and not _numbers(region[BOX], 4):
            raise _wrong(record)
    return regions


def _listed(record: Record) -> list[Any]:
    regions = record.get(REGIONS)
    if not isinstance(regions, list):
        raise _wrong(record)
    return regions


def _moved(region: Any, record: Record, way: Affine, size: tuple[int, int], least: float) -> dict[str, Any] | None:
    corners = _corners(region, record)
    there = [way.at(corner) for corner in corners]
    seen, whole = clipped(there, size), area(there)
    if not seen or whole <= 0 or area(seen) < least * whole:
        return None
    shape = {POLYGON: [[_rounded(x), _rounded(y)] for x, y in seen]} if POLYGON in region else {}
    return {**region, **shape, **({BOX: _box(seen)} if BOX in region else {})}


def _corners(region: Any, record: Record) -> list[Point]:
    """Of the polygon, which says more, or else of the box."""
    if isinstance(region, Mapping) and POLYGON in region:
        points = region[POLYGON]
        if isinstance(points, list) and len(points) >= 3 and all(_numbers(point, 2) for point in points):
            return [(point[0], point[1]) for point in points]
    elif isinstance(region, Mapping) and _numbers(region.get(BOX), 4):
        x, y, width, height = region[BOX]
        return [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
    raise _wrong(record)


def _numbers(value: Any, count: int) -> bool:
    return isinstance(value, list) and len(value) == count and all(type(each) in (int, float) for each in value)


def _wrong(record: Record) -> PlatformError:
    limit = "a list of regions, each with box [x, y, width, height] or polygon [[x, y], …]"
    return PlatformError(422, Reason.ROW_INVALID, field=REGIONS, limit=limit, file=str(record.get("source", "")), row=record["id"])


def clipped(polygon: Sequence[Point], size: tuple[int, int]) -> list[Point]:
    """What of a polygon lies in the picture (Sutherland and Hodgman: side by side)."""
    points = list(polygon)
    for axis, most in enumerate(size):
        points = _side(points, axis, 0.0, 1)
        points = _side(points, axis, float(most), -1)
    return points


def _side(points: Sequence[Point], axis: int, bound: float, sign: int) -> list[Point]:
    """What lies on the inner side of one border."""
    found: list[Point] = []
    for before, here in zip([*points[-1:], *points[:-1]], points, strict=True):
        was, now = sign * (before[axis] - bound), sign * (here[axis] - bound)
        if (was < 0) != (now < 0):
            share = was / (was - now)
            found.append((before[0] + share * (here[0] - before[0]), before[1] + share * (here[1] - before[1])))
        if now >= 0:
            found.append(here)
    return found


def area(polygon: Sequence[Point]) -> float:
    pairs = zip(polygon, [*polygon[1:], *polygon[:1]], strict=True)
    return abs(sum(x * after - y * beyond for (x, y), (beyond, after) in pairs)) / 2


def _box(points: Sequence[Point]) -> list[float]:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return [_rounded(min(xs)), _rounded(min(ys)), _rounded(max(xs) - min(xs)), _rounded(max(ys) - min(ys))]


def _rounded(value: float) -> float:
    return round(value, _DIGITS) + 0.0  # no -0.0
