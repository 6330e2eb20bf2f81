"""Pictures with boxes and polygons, as COCO and YOLO say them: what is not taken has a reason, and there and back nothing changes."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from libs.common.errors import PlatformError, Reason
from libs.common.work.engine import SilentReporter
from services.dataset.engine import exporting, media_importing
from services.dataset.engine.exports import FORMATS
from tests.support.outcome import outcome
from tests.unit.dataset_engine.make import lines, records, version_of
from tests.unit.dataset_engine.test_image_augmenting import version_of_pictures
from tests.unit.dataset_engine.test_media import archive, brought, picture, sound

BOX, SQUARE, TRIANGLE = [1, 1, 4, 3], [[1, 1], [5, 1], [5, 4], [1, 4]], [[0.5, 0.25], [7, 1], [3, 4.125]]
REGIONS: list[dict[str, Any]] = [
    {"label": "dog", "box": BOX, "polygon": SQUARE},
    {"label": "猫", "box": [0, 0, 8, 5]},
    {"label": "dog", "box": [0, 0, 7, 4.125], "polygon": TRIANGLE, "instance": 2},
    {"label": "dog", "polygon": SQUARE, "instance": 2},
]
PLAIN = [{"label": "dog", "box": [1, 1, 4, 3]}, {"label": "猫", "polygon": TRIANGLE}, {"label": "dog", "box": [0.125, 0.5, 2, 2.25]}]


def said(name: str = "a.png", **facts: Any) -> dict[str, Any]:
    """One picture with one box, as COCO says it."""
    one = {"id": 5, "image_id": 3, "category_id": 7, "bbox": BOX, "iscrowd": 0}
    whole = {
        "images": [{"id": 3, "file_name": name, "width": 8, "height": 5}],
        "annotations": [one],
        "categories": [{"id": 7, "name": "dog"}],
    }
    return {**whole, **facts}


def annotated(**facts: Any) -> list[dict[str, Any]]:
    return [{"id": 5, "image_id": 3, "category_id": 7, **facts}]


def exported(version: Path, format: str, place: Path) -> dict[str, Any]:
    place.mkdir(exist_ok=True)
    return exporting.run({"input": str(version), "format": format, "spreadsheet": False}, place, SilentReporter())


def regions(version: Path) -> dict[str, Any]:
    return {record["source"].rpartition("/")[2]: record.get("regions") for record in records(version)}


def refusal(call: Callable[[], Any]) -> PlatformError:
    error = outcome(call)
    assert isinstance(error, PlatformError), error
    return error


def test_coco_in_a_folder_speaks_of_pictures_beside_it(tmp_path: Path) -> None:
    both = said(
        annotations=annotated(bbox=BOX, segmentation=[[1, 1, 5, 1, 5, 4, 1, 4]])
        + annotated(segmentation=[[0, 0, 1, 0, 1, 1], [2, 2, 3, 2, 3, 3]])
    )
    files = {"images/a.png": picture(), "images/b.png": picture(colour=9), "annotations/x.json": json.dumps(both).encode()}
    brought(tmp_path, files, regions="coco", labels="none")
    parts = [
        {"label": "dog", "polygon": [[0, 0], [1, 0], [1, 1]], "instance": 1},
        {"label": "dog", "polygon": [[2, 2], [3, 2], [3, 3]], "instance": 1},
    ]
    assert regions(tmp_path / "work/out") == {"a.png": [{"label": "dog", "box": BOX, "polygon": SQUARE}, *parts], "b.png": None}


@pytest.mark.parametrize("names", ["names: [dog, '猫']", 'names:\n  0: dog\n  1: "猫"', "names:\n  - dog\n  - 猫\nnc: 2"])
def test_yolo_says_boxes_and_polygons_in_shares(tmp_path: Path, names: str) -> None:
    text = b"0 0.375 0.5 0.5 0.6\n\n1 0 0 1 0 1 1 0 1\n"
    files = {
        "images/t/a.png": picture(),
        "images/t/b.png": picture(colour=9),
        "labels/t/a.txt": text,
        "data.yaml": names.encode(),
        "README.txt": b"hello",
    }
    brought(tmp_path, files, regions="yolo", labels="none")
    found = [{"label": "dog", "box": BOX}, {"label": "猫", "polygon": [[0, 0], [8, 0], [8, 5], [0, 5]]}]
    assert regions(tmp_path / "work/out") == {"a.png": found, "b.png": None}


@pytest.mark.parametrize(("format", "listed"), [("coco", REGIONS), ("yolo", PLAIN)])
def test_there_and_back_nothing_changes(tmp_path: Path, format: str, listed: list[dict[str, Any]]) -> None:
    label = {"label": "farm"} if format == "coco" else {}
    pictures = [(picture(), {"regions": listed, **label}), (picture("JPEG", (16, 9)), {}), (picture(), {"regions": listed[:1]})]
    version = version_of_pictures(tmp_path / "in", pictures)
    first = exported(version, format, tmp_path / "first")
    assert (first["records"], first["same"]) == (3, 3)
    (tmp_path / "back").mkdir()
    (tmp_path / "back" / "data.zip").write_bytes((tmp_path / "first" / "export").read_bytes())
    options = {"regions": format, "labels": "folder" if format == "coco" else "none"}
    media_importing.run({"root": str(tmp_path / "back"), "options": options}, tmp_path / "again", SilentReporter())
    back = tmp_path / "again" / "out"
    assert sorted(record["id"] for record in records(back)) == sorted(record["id"] for record in records(version))
    assert exported(version, format, tmp_path / "second")["sha256"] == first["sha256"]
    third = exported(back, format, tmp_path / "third")
    (tmp_path / "back" / "data.zip").write_bytes((tmp_path / "third" / "export").read_bytes())
    media_importing.run({"root": str(tmp_path / "back"), "options": options}, tmp_path / "more", SilentReporter())
    assert exported(tmp_path / "more" / "out", format, tmp_path / "fourth")["sha256"] == third["sha256"]


def test_files_leave_in_folders_of_their_labels(tmp_path: Path) -> None:
    files = {"cat/a.png": picture(), "dog/b.wav": sound(), "c.png": picture(colour=9)}
    brought(tmp_path, files)
    made = exported(tmp_path / "work" / "out", "files", tmp_path / "export")
    assert (made["records"], made["same"]) == (3, 3)
    with zipfile.ZipFile(tmp_path / "export" / "export") as zipped:
        inside = {name.partition("/")[0] if "/" in name else "": zipped.read(name) for name in zipped.namelist()}
    assert inside == {"cat": files["cat/a.png"], "dog": files["dog/b.wav"], "": files["c.png"]}


@pytest.mark.parametrize("format", ["files", "coco", "yolo"])
def test_a_damaged_file_is_not_handed_out(tmp_path: Path, format: str) -> None:
    version = version_of_pictures(tmp_path / "in", [(picture(), {"regions": PLAIN})])
    (blob,) = (path for path in (version / "blobs").rglob("*") if path.is_file())
    blob.chmod(0o644)
    blob.write_bytes(picture(colour=99))
    error = refusal(lambda: exported(version, format, tmp_path / "export"))
    assert (error.reason, error.details["file"]) == (Reason.CHECKSUM_MISMATCH, str(blob.relative_to(version)))


def test_labels_that_lead_elsewhere_are_no_folders(tmp_path: Path) -> None:
    names = ["../up", "/tmp", "a\\b", ".hidden", "..", "a\0b", "", " x", "con:"]
    version = version_of_pictures(tmp_path / "in", [(picture(colour=n), {"label": name}) for n, name in enumerate(names)])
    assert exported(version, "files", tmp_path / "export")["same"] == 0
    with zipfile.ZipFile(tmp_path / "export" / "export") as zipped:
        assert all("/" not in name and name.endswith(".png") for name in zipped.namelist())
        assert len(set(zipped.namelist())) == len(names)


def test_what_a_format_cannot_say_is_counted(tmp_path: Path) -> None:
    more = [{"regions": [{"label": "dog", "box": BOX, "seen": True}]}, {"regions": [{"polygon": SQUARE}]}, {"caption": "a farm"}]
    version = version_of_pictures(tmp_path / "in", [(picture(colour=n), each) for n, each in enumerate(more)])
    assert [exported(version, format, tmp_path / format)["same"] for format in ("coco", "yolo", "files")] == [0, 0, 0]


@pytest.mark.parametrize("format", ["files", "coco", "yolo"])
def test_a_version_without_files_says_so(tmp_path: Path, format: str) -> None:
    version = version_of([{"text": "words"}], tmp_path)
    error = refusal(lambda: exported(version, format, tmp_path / "export"))
    assert (error.code, error.field) == (400, "format")
    assert FORMATS[format].extension == "zip"


@pytest.mark.parametrize("format", ["coco", "yolo"])
@pytest.mark.parametrize(
    "region", [{"label": "dog"}, {"box": [1, 2, 3]}, {"polygon": [[1, 2]]}, {"box": ["1", 2, 3, 4]}, "dog", {"polygon": SQUARE, "box": 5}]
)
def test_regions_that_are_none_are_named(tmp_path: Path, format: str, region: Any) -> None:
    version = version_of_pictures(tmp_path / "in", [(picture(), {"regions": [region]})])
    error = refusal(lambda: exported(version, format, tmp_path / "export"))
    assert (error.reason, error.details["file"]) == (Reason.ROW_INVALID, "0.png")


WRONG: dict[str, tuple[str, dict[str, bytes], str, str]] = {
    "no JSON": ("coco", {"x.json": b"{"}, "x.json", "one JSON object"),
    "nested without end": ("coco", {"x.json": b"[" * 100_000}, "x.json", "one JSON object"),
    "another JSON": ("coco", {"x.json": b"[1]"}, "x.json", "an object with the lists"),
    "an unknown category": ("coco", {"x.json": json.dumps(said(categories=[])).encode()}, "x.json", "ids that meet"),
    "an annotation of no image": ("coco", {"x.json": json.dumps(said(images=[])).encode()}, "x.json", "ids that meet"),
    "an image without a name": ("coco", {"x.json": json.dumps(said(name="")).encode()}, "x.json", "ids that meet"),
    "a list for an id": ("coco", {"x.json": json.dumps(said(categories=[{"id": [7], "name": "dog"}])).encode()}, "x.json", "ids that meet"),
    "no classes": ("yolo", {"a.txt": b"0 0.5 0.5 1 1"}, "data.yaml", "names of the classes"),
    "classes that differ": ("yolo", {"classes.txt": b"dog", "data.yaml": b"names: [cat]"}, "data.yaml", "one list of classes"),
    "other bytes": ("yolo", {"classes.txt": b"\xff"}, "classes.txt", "UTF-8"),
}


@pytest.mark.parametrize("name", list(WRONG))
@pytest.mark.parametrize("zipped", [False, True])
def test_files_that_say_nonsense_are_refused_by_name(tmp_path: Path, name: str, zipped: bool) -> None:
    format, files, file, limit = WRONG[name]
    files = {"a.png": picture(), **files}
    error = refusal(lambda: brought(tmp_path, {"all.zip": archive(files)} if zipped else files, regions=format))
    assert (error.code, error.reason) == (422, Reason.ROW_INVALID)
    assert str(error.details["file"]).endswith(file)
    assert str(error.limit).startswith(limit)


RLE = {"counts": [3, 4], "size": [5, 8]}
LEFT_OUT: dict[str, tuple[str, dict[str, bytes], str]] = {
    "a mask in runs": ("coco", {"x.json": json.dumps(said(annotations=annotated(bbox=BOX, segmentation=RLE))).encode()}, "RLE"),
    "a box of three": ("coco", {"x.json": json.dumps(said(annotations=annotated(bbox=[1, 2, 3]))).encode()}, "3 numbers, not 4"),
    "not a number": (
        "coco",
        {"x.json": json.dumps(said(annotations=annotated(bbox=[1, 2, 3, float("nan")]))).encode()},
        "no list of numbers",
    ),
    "a line for a polygon": (
        "coco",
        {"x.json": json.dumps(said(annotations=annotated(segmentation=[[1, 2, 3, 4]]))).encode()},
        "fewer than 3",
    ),
    "nothing at all": ("coco", {"x.json": json.dumps(said(annotations=annotated())).encode()}, "neither bbox"),
    "another size": (
        "coco",
        {"x.json": json.dumps(said(images=[{"id": 3, "file_name": "a.png", "width": 9, "height": 5}])).encode()},
        "8 x 5, not 9 x 5",
    ),
    "a name of two pictures": (
        "coco",
        {"x.json": json.dumps(said()).encode(), "b/a.png": picture(colour=3)},
        "two pictures are called a.png",
    ),
    "a class beyond": ("yolo", {"classes.txt": b"dog", "a.txt": b"1 0.5 0.5 1 1"}, "line 1: class 1 of 1"),
    "a class before": ("yolo", {"classes.txt": b"dog", "a.txt": b"-1 0.5 0.5 1 1"}, "line 1: class -1 of 1"),
    "words": ("yolo", {"classes.txt": b"dog", "a.txt": b"0 0.5 0.5 1 1\nhello"}, "line 2"),
    "five numbers": ("yolo", {"classes.txt": b"dog", "a.txt": b"0 0.5 0.5 1 1 1"}, "line 1: 5 numbers"),
    "pixels": ("yolo", {"classes.txt": b"dog", "a.txt": b"0 100 100 20 20"}, "no share"),
    "not a share": ("yolo", {"classes.txt": b"dog", "a.txt": b"0 nan 0.5 1 1"}, "no share"),
}


@pytest.mark.parametrize("name", list(LEFT_OUT))
def test_a_picture_whose_regions_make_no_sense_is_left_out_with_its_reason(tmp_path: Path, name: str) -> None:
    format, files, why = LEFT_OUT[name]
    files = {"a.png": picture(), "good.png": picture(colour=5), **files}
    brought(tmp_path, files, regions=format, keep_good_files=True, allow_drop_share=1.0)
    dropped = lines(tmp_path / "work" / "dropped")
    assert {line["source"].rpartition("/")[2] for line in dropped} == {"a.png"}
    assert all(why in line["reason"] for line in dropped)
    assert refusal(lambda: brought(tmp_path / "again", files, regions=format)).details["file"].endswith("a.png")


@pytest.mark.parametrize(
    ("format", "files"),
    [("coco", {"x.json": json.dumps(said("gone.png")).encode()}), ("yolo", {"classes.txt": b"dog", "labels/gone.txt": b"0 0.5 0.5 1 1"})],
)
def test_regions_of_a_picture_that_is_not_there_are_counted(tmp_path: Path, format: str, files: dict[str, bytes]) -> None:
    files = {"good.png": picture(), **files}
    result = brought(tmp_path, files, regions=format, keep_good_files=True, allow_drop_share=1.0)
    assert result["ledger"] == {"in": 2, "out": 1, "dropped": {"FILE_MISSING": 1}}
    assert refusal(lambda: brought(tmp_path / "again", files, regions=format)).reason == Reason.FILE_MISSING


def test_what_pictures_leave_as_is_a_zip_of_stored_files(tmp_path: Path) -> None:
    version = version_of_pictures(tmp_path / "in", [(picture(), {"regions": REGIONS})])
    exported(version, "coco", tmp_path / "export")
    with zipfile.ZipFile(io.BytesIO((tmp_path / "export" / "export").read_bytes())) as zipped:
        assert zipped.testzip() is None
        document = json.loads(zipped.read("annotations.json"))
    assert [each["name"] for each in document["categories"]] == ["dog", "猫"]
    assert [each["segmentation"] != [] for each in document["annotations"]] == [True, False, True]
    assert document["annotations"][0]["area"] == 12
