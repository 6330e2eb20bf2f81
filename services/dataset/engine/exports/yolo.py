"""yolo: a zip of ``images``, ``labels`` and ``data.yaml``: a line for each region, its polygon or its box in shares of the picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from services.dataset.engine.exports import ExportFormat, Version, Written
from services.dataset.engine.exports._zipped import Held, Zip, comes_back, held, label_of, labels, written
from services.dataset.engine.region_formats.yolo import Yolo
from services.dataset.engine.regions import BOX, POLYGON, checked
from services.dataset.engine.rows import Fault

DIGITS = 9  # of a share: far below a thousandth of a pixel


def write(version: Version, out: BinaryIO) -> Written:
    count = same = 0
    with Zip(version, out) as archive:
        classes = labels(version)
        for each in held(version, ("image",), folders=False):
            stem, lines = each.name.rpartition(".")[0], "".join(f"{line}\n" for line in _lines(each, classes))
            archive.blob(f"images/{each.name}", each.blob)
            archive.text(f"labels/{stem}.txt", [lines])
            count += 1
            back = Yolo(classes, {"x": lines}, set()).regions("x.png", each.size)
            same += not isinstance(back, Fault) and comes_back(each, back, label=False)
        archive.text("data.yaml", _about(classes))
    return Written(count, same)


def _about(classes: list[str]) -> Iterator[str]:
    yield "path: .\ntrain: images\nval: images\nnames:\n"
    yield from (f"  {place}: {written(name)}\n" for place, name in enumerate(classes))


def _lines(each: Held, classes: list[str]) -> Iterator[str]:
    width, height = each.size
    for region in checked(each.record):
        shares = [share for x, y in _points(region) for share in (x / width, y / height)]
        yield " ".join([str(classes.index(label_of(region))), *(_share(share) for share in shares)])


def _points(region: Mapping[str, Any]) -> list[tuple[float, float]]:
    """The corners; of a box its middle and its sides."""
    if POLYGON in region:
        return [(x, y) for x, y in region[POLYGON]]
    x, y, width, height = region[BOX]
    return [(x + width / 2, y + height / 2), (width, height)]


def _share(share: float) -> str:
    return f"{share:.{DIGITS}f}".rstrip("0").rstrip(".") or "0"


KIND = ExportFormat(name="yolo", extension="zip", media_type="application/zip", write=write, place=6)
