"""coco: JSON files with ``images``, ``annotations`` and ``categories``. A segmentation is polygons; masks in runs are refused.

Several polygons of one annotation become as many regions that share an ``instance``; its box stands with the first.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from libs.common.errors import PlatformError, Reason
from services.dataset.engine.region_formats import Known, Region, RegionFormat, Said, Size
from services.dataset.engine.regions import BOX, POLYGON
from services.dataset.engine.rows import Fault

LABEL, INSTANCE = "label", "instance"
_NEEDED = ("images", "annotations", "categories")


class Coco(Known):
    def __init__(self) -> None:
        self._said: dict[str, list[Mapping[str, Any]]] = {}
        self._labels: dict[str, Mapping[Any, str]] = {}
        self._sizes: dict[str, Size | None] = {}

    @property
    def names(self) -> list[str]:  # type: ignore[override]
        return list(self._said)

    def add(self, file: str, data: bytes) -> None:
        values = _parsed(file, data)
        try:
            labels = {each["id"]: _text(each["name"]) for each in values["categories"]}
            by_image: dict[Any, list[Mapping[str, Any]]] = defaultdict(list)
            for each in values["annotations"]:
                by_image[each["image_id"]].append({**each, LABEL: labels[each["category_id"]]})
            names = {each["id"]: each for each in values["images"]}
            stray = next((id for id in by_image if id not in names), None)
            if stray is not None or len(names) != len(values["images"]):
                raise ValueError("image_id")
            for id, image in names.items():
                self._image(_text(image["file_name"]), image, by_image.get(id, []))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise _wrong(file, "ids that meet, names and numbers of COCO", f"{type(error).__name__}: {error}"[:100]) from None

    def _image(self, name: str, image: Mapping[str, Any], said: list[Mapping[str, Any]]) -> None:
        if name in self._said:
            raise ValueError(f"two images are called {name[:60]}")
        self._said[name] = said
        size = (image.get("width"), image.get("height"))
        self._sizes[name] = (size[0], size[1]) if isinstance(size[0], int) and isinstance(size[1], int) else None

    def regions(self, name: str, size: Size) -> list[Region] | Fault:
        said = self._sizes[name]
        if said is not None and said != size:
            return Fault(Reason.ROW_INVALID, "the size that the annotations say", f"{size[0]} x {size[1]}, not {said[0]} x {said[1]}")
        try:
            return list(regions_in(self._said[name]))
        except (KeyError, TypeError, ValueError) as error:
            return Fault(Reason.ROW_INVALID, "a bbox of 4 numbers, a segmentation of polygons", f"{error}"[:100])


def regions_in(said: Iterable[Mapping[str, Any]]) -> Iterator[Region]:
    for place, each in enumerate(said):
        label = {LABEL: each[LABEL]}
        box = {BOX: _numbers(each["bbox"], 4)} if each.get("bbox") else {}
        parts = each.get("segmentation") or []
        if not isinstance(parts, list):
            raise ValueError("a mask in runs (RLE)")
        polygons = [_polygon(part) for part in parts]
        shared = {INSTANCE: place} if len(polygons) > 1 else {}
        if not polygons and not box:
            raise ValueError("neither bbox nor segmentation")
        yield {**label, **box, **({POLYGON: polygons[0]} if polygons else {}), **shared}
        yield from ({**label, POLYGON: polygon, **shared} for polygon in polygons[1:])


def _polygon(part: Any) -> list[list[float]]:
    flat = _numbers(part, None)
    if len(flat) < 6 or len(flat) % 2:
        raise ValueError("a polygon of fewer than 3 corners")
    return [[x, y] for x, y in zip(flat[::2], flat[1::2], strict=True)]


def _numbers(value: Any, count: int | None) -> list[float]:
    if not isinstance(value, list) or not all(type(each) in (int, float) and math.isfinite(each) for each in value):
        raise ValueError("no list of numbers")
    if count is not None and len(value) != count:
        raise ValueError(f"{len(value)} numbers, not {count}")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError("no name")
    return value


def _parsed(file: str, data: bytes) -> Mapping[str, Any]:
    try:
        values = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise _wrong(file, "one JSON object", type(error).__name__) from None
    if not isinstance(values, Mapping) or not all(isinstance(values.get(name), list) for name in _NEEDED):
        raise _wrong(file, "an object with the lists " + ", ".join(_NEEDED), "something else")
    return values


def _wrong(file: str, limit: str, why: str) -> PlatformError:
    return PlatformError(422, Reason.ROW_INVALID, field="regions", limit=limit, file=file, row=1, why=why)


def read(said: Said) -> Coco:
    found = Coco()
    for file in sorted(said):
        found.add(file, said[file])
    return found


KIND = RegionFormat(name="coco", extensions=("json",), read=read, place=1)
