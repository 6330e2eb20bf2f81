"""coco: a zip of pictures and ``annotations.json``: boxes, polygons, and categories in the order of their names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any, BinaryIO

from services.dataset.engine.exports import ExportFormat, Version, Written
from services.dataset.engine.exports._zipped import Held, Zip, comes_back, held, label_of, labels, written
from services.dataset.engine.region_formats.coco import INSTANCE, LABEL, regions_in
from services.dataset.engine.regions import BOX, POLYGON, area, checked

FILE = "annotations.json"
Fields = Mapping[str, Any]


def write(version: Version, out: BinaryIO) -> Written:
    count = same = 0
    with Zip(version, out) as archive:
        categories = {label: number for number, label in enumerate(labels(version), start=1)}
        for each in held(version, ("image",)):
            archive.blob(each.name, each.blob)
            count += 1
            back = regions_in([{**said, LABEL: label_of(first)} for first, said in _annotations(each)])
            same += comes_back(each, list(back))
        archive.text(FILE, _document(version, categories))
    return Written(count, same)


def _document(version: Version, categories: dict[str, int]) -> Iterator[str]:
    yield '{"images":['
    yield from _listed(_image(number, each) for number, each in enumerate(held(version, ("image",)), start=1))
    yield '],"annotations":['
    yield from _listed(_numbered(version, categories))
    yield '],"categories":['
    yield from _listed({"id": number, "name": label} for label, number in categories.items())
    yield "]}\n"


def _listed(values: Iterator[Fields]) -> Iterator[str]:
    for place, value in enumerate(values):
        yield ("," if place else "") + written(value)


def _image(number: int, each: Held) -> Fields:
    width, height = each.size
    return {"id": number, "file_name": each.name, "width": width, "height": height}


def _numbered(version: Version, categories: dict[str, int]) -> Iterator[Fields]:
    number = 0
    for image, each in enumerate(held(version, ("image",)), start=1):
        for first, said in _annotations(each):
            number += 1
            yield {"id": number, "image_id": image, "category_id": categories[label_of(first)], **said}


def _annotations(each: Held) -> Iterator[tuple[Fields, Fields]]:
    """The first region of each instance, and what is written of all of it."""
    numbered = enumerate(checked(each.record))
    for _, parts in groupby(numbered, lambda pair: (pair[1].get(INSTANCE), label_of(pair[1])) if INSTANCE in pair[1] else pair[0]):
        regions = [region for _, region in parts]
        yield regions[0], _annotation(regions)


def _annotation(regions: list[Fields]) -> Fields:
    polygons = [region[POLYGON] for region in regions if POLYGON in region]
    box = regions[0].get(BOX) or _around([point for polygon in polygons for point in polygon])
    size = sum(area([(x, y) for x, y in polygon]) for polygon in polygons) if polygons else box[2] * box[3]
    flat = [[number for point in polygon for number in point] for polygon in polygons]
    return {"bbox": box, "segmentation": flat, "area": round(size, 3), "iscrowd": 0}


def _around(points: list[list[float]]) -> list[float]:
    left, top = (min(point[axis] for point in points) for axis in (0, 1))
    return [left, top, round(max(x for x, _ in points) - left, 3), round(max(y for _, y in points) - top, 3)]


KIND = ExportFormat(name="coco", extension="zip", media_type="application/zip", write=write, place=5)
