"""yolo: a text file beside each picture, a line for each region: a class and a box, or a class and the corners of a polygon, in shares of
the picture. The names of the classes stand in ``classes.txt``, a line each, or under ``names`` in ``data.yaml``.
"""

from __future__ import annotations

import json
import math
import re
from pathlib import PurePosixPath

from libs.common.errors import PlatformError, Reason
from services.dataset.engine.region_formats import Known, Region, RegionFormat, Said, Size
from services.dataset.engine.regions import BOX, POLYGON
from services.dataset.engine.rows import Fault

LABEL = "label"
CLASSES, YAML = "classes.txt", ("data.yaml", "dataset.yaml")
PICTURES = ("png", "jpg", "jpeg", "webp", "bmp", "tif", "tiff")
_DIGITS = 3  # of a pixel
_NUMBERED = re.compile(r"\s+(\d+)\s*:\s*(.+?)\s*")
_LISTED = re.compile(r"\s*-\s+(.+?)\s*")


class Yolo(Known):
    """classes: their names in order. lines: of a picture's file, by its path without the extension. of_labels: those of a folder of labels:
    each must have a picture, where other texts may be anything."""

    def __init__(self, classes: list[str], lines: dict[str, str], of_labels: set[str]) -> None:
        self._classes, self._lines, self._of_labels = classes, lines, of_labels
        # labels/train/x.txt speaks of images/train/x.jpg; the longest end that is known decides
        self._by = {f"{stem}.{extension}": stem for stem in lines for extension in PICTURES}

    @property
    def names(self) -> list[str]:  # type: ignore[override]
        return list(self._by)

    def unmet(self, met: set[str]) -> list[str]:
        return sorted(self._of_labels - {self._by[name] for name in met})

    def regions(self, name: str, size: Size) -> list[Region] | Fault:
        found = []
        for number, line in enumerate(self._lines[self._by[name]].splitlines(), start=1):
            try:
                found += [self._region(line.split(), size)] if line.strip() else []
            except ValueError as error:
                limit = "a class and 4 shares of a box, or the corners of a polygon"
                return Fault(Reason.ROW_INVALID, limit, f"line {number}: {error}"[:100])
        return found

    def _region(self, words: list[str], size: Size) -> Region:
        place, shares = int(words[0]), [float(word) for word in words[1:]]
        if not 0 <= place < len(self._classes):
            raise ValueError(f"class {place} of {len(self._classes)}")
        if not all(math.isfinite(share) and -0.001 <= share <= 1.001 for share in shares):
            raise ValueError("no share of the picture")
        label, (width, height) = {LABEL: self._classes[place]}, size
        if len(shares) == 4:
            x, y, wide, high = shares
            box = ((x - wide / 2) * width, (y - high / 2) * height, wide * width, high * height)
            return {**label, BOX: [_rounded(each) for each in box]}
        if len(shares) < 6 or len(shares) % 2:
            raise ValueError(f"{len(shares)} numbers")
        corners = zip(shares[::2], shares[1::2], strict=True)
        return {**label, POLYGON: [[_rounded(x * width), _rounded(y * height)] for x, y in corners]}


def _rounded(value: float) -> float | int:
    near = round(value, _DIGITS)
    return int(near) if near == int(near) else near


def read(said: Said) -> Yolo:
    texts = {file: _text(file, data) for file, data in sorted(said.items())}
    classes: list[str] | None = None
    for file, text in texts.items():
        name = PurePosixPath(file).name
        found = text.splitlines() if name == CLASSES else _names(text) if name in YAML else None
        if found is not None and classes is not None and found != classes:
            raise _wrong(file, "one list of classes", "another list than that of the file before")
        classes = found if found is not None else classes
    if classes is None:
        raise _wrong("data.yaml", f"names of the classes in {CLASSES} or {YAML[0]}", "none")
    lines = {file: text for file, text in texts.items() if file.endswith(".txt") and PurePosixPath(file).name != CLASSES}
    of_labels = {_stem(file) for file in lines if "labels" in PurePosixPath(file).parts[:-1]}
    return Yolo([name.strip() for name in classes], {_stem(file): text for file, text in lines.items()}, of_labels)


def _stem(file: str) -> str:
    """What a picture's path ends in: its own folder and name, without the folder that holds the texts."""
    parts = PurePosixPath(file).with_suffix("").parts
    at = max((place for place, part in enumerate(parts) if part == "labels"), default=-1)
    return "/".join(parts[at + 1 :])


def _names(text: str) -> list[str]:
    """Of the few lines of YAML that such files are: a list in brackets, in dashes, or by number."""
    lines = text.splitlines()
    at = next((place for place, line in enumerate(lines) if line.startswith("names:")), None)
    if at is None:
        return []
    rest = lines[at].removeprefix("names:").strip()
    if rest.startswith("["):
        return [_bare(each) for each in rest.strip("[]").split(",")]
    found: dict[int, str] = {}
    for line in lines[at + 1 :]:
        if (numbered := _NUMBERED.fullmatch(line)) is not None:
            found[int(numbered[1])] = _bare(numbered[2])
        elif (listed := _LISTED.fullmatch(line)) is not None:
            found[len(found)] = _bare(listed[1])
        elif line.strip():
            break
    return [found[place] for place in sorted(found)] if sorted(found) == list(range(len(found))) else []


def _bare(text: str) -> str:
    text = text.strip()
    try:
        return str(json.loads(text)) if text.startswith('"') else text.strip("'")
    except ValueError:
        return text.strip("\"'")


def _text(file: str, data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _wrong(file, "UTF-8", "other bytes") from None


def _wrong(file: str, limit: str, why: str) -> PlatformError:
    return PlatformError(422, Reason.ROW_INVALID, field="regions", limit=limit, file=file, row=1, why=why)


KIND = RegionFormat(name="yolo", extensions=("txt", "yaml"), read=read, place=2)
