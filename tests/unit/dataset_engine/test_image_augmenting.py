"""Pictures varied with their regions: boxes and polygons stand where the mask of what they surround stands, and blobs follow."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from libs.common.errors import PlatformError, Reason
from libs.common.work.engine import SilentReporter
from libs.data.blobs import BlobWriter
from libs.data.records import Record
from libs.data.versions import read_manifest, verify
from services.dataset.engine import augmenting, plan_sample, publishing, shards
from services.dataset.engine.augmentations import AUGMENTATIONS
from services.dataset.engine.augmentations._image import ImageVariation
from services.dataset.engine.draw import Draw
from services.dataset.engine.plan import read_plan
from services.dataset.engine.regions import Affine, area, clipped, moved
from services.dataset.engine.shards import Unit
from tests.unit.dataset_engine.make import outputs, records

WAYS = [name for name, kind in AUGMENTATIONS.items() if kind.of == "Image"]
MOVING = ["Rotate_Image", "Scale_Image", "Crop_Image", "Flip_Image"]
WIDTH, HEIGHT = 320, 200
FINE = 2  # so many pixels where a mask is compared: what a bound of whole pixels is off by must not decide
STAR = [[60, 40], [150, 70], [250, 30], [220, 110], [260, 170], [150, 140], [70, 180], [100, 110]]
BOX = [70.5, 50, 150, 90]


def picture(seed: int = 0, mode: str = "RGB", size: tuple[int, int] = (WIDTH, HEIGHT)) -> Image.Image:
    bands = {"L": 1, "LA": 2, "RGB": 3, "RGBA": 4}[mode]
    y, x = np.mgrid[: size[1], : size[0]]
    layers = [(x * (2 + n) + y * (seed + 1) + 40 * n) % 256 for n in range(bands)]
    return Image.fromarray(np.stack(layers, axis=2).astype(np.uint8).squeeze())


def encoded(image: Image.Image, format: str = "PNG", **facts: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, format, **facts)
    return out.getvalue()


def version_of_pictures(place: Path, pictures: list[tuple[bytes, dict[str, Any]]], shard_bytes: int = 400) -> Path:
    writer, units = BlobWriter(place / "out"), []
    for number, (data, more) in enumerate(pictures):
        with Image.open(io.BytesIO(data)) as image:
            facts, media = {"width": image.width, "height": image.height}, f"image/{str(image.format).lower()}"
        blob = writer.add(io.BytesIO(data), media, facts)
        units.append(Unit(number, {"image": {"blob": blob.digest}, "source": f"{number}.png", **more}, blob=blob.to_json()))
    stage = publishing.stage_of(place, 0)
    marks = shards.write_stream(stage, lambda after: iter(units[0 if after is None else after + 1 :]), shard_bytes)
    publishing.publish(place, [(stage, marks)])
    return place / "out"


PICTURES = [
    (encoded(picture(n)), {"label": f"k{n % 2}", "regions": [{"label": "star", "polygon": STAR}, {"label": "part", "box": BOX}]})
    for n in range(4)
]


@pytest.fixture
def version(tmp_path: Path) -> Path:
    return version_of_pictures(tmp_path / "in", PICTURES)


def augment(version: Path, work: Path, name: str, **options: Any) -> dict[str, Any]:
    return augmenting.run({"input": str(version), "augmentation": name, "options": options}, work, SilentReporter())


def way_of(name: str, **options: Any) -> ImageVariation:
    made = AUGMENTATIONS[name].variation(AUGMENTATIONS[name].read(options))
    assert isinstance(made, ImageVariation)
    return made


def mask(polygon: list[Any], size: tuple[int, int]) -> NDArray[np.bool_]:
    """Which pixels have their middle inside, by counting edges to the right of it; the oracle."""
    y, x = np.mgrid[: size[1], : size[0]] + 0.5
    inside = np.zeros(x.shape, bool)
    for (x0, y0), (x1, y1) in zip(polygon, [*polygon[1:], polygon[0]], strict=True):
        crosses = (y0 <= y) != (y1 <= y)
        with np.errstate(divide="ignore", invalid="ignore"):
            inside ^= crosses & (x < x0 + (y - y0) * (x1 - x0) / (y1 - y0))
    return inside


def iou(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> float:
    return float((a & b).sum() / (a | b).sum())


def boxes_iou(a: list[float], b: list[float]) -> float:
    sides = [min(a[axis] + a[axis + 2], b[axis] + b[axis + 2]) - max(a[axis], b[axis]) for axis in (0, 1)]
    both = max(0.0, sides[0]) * max(0.0, sides[1])
    return both / (a[2] * a[3] + b[2] * b[3] - both)


def cornered(box: list[float]) -> list[list[float]]:
    x, y, width, height = box
    return [[x, y], [x + width, y], [x + width, y + height], [x, y + height]]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("name", "options"), [(name, {}) for name in MOVING] + [("Rotate_Image", {"degrees": 180.0, "grow": False})])
def test_regions_stand_where_the_mask_stands(name: str, options: dict[str, Any], seed: int) -> None:
    way = way_of(name, **({"direction": "any"} if name == "Flip_Image" else {}), **options)
    star, box = (np.array(STAR) * FINE).tolist(), (np.array(BOX) * FINE).tolist()
    for polygon, region in ((star, {"polygon": star, "box": [0, 0, 1, 1]}), (cornered(box), {"box": box})):
        drawn = Image.fromarray((mask(polygon, (WIDTH * FINE, HEIGHT * FINE)) * 255).astype(np.uint8))
        change = way.change(drawn, Draw(seed))
        assert change is not None
        assert change.way is not None
        seen = np.array(change.image) > 127
        (found,) = moved({"id": "r", "regions": [region]}, change.way, change.image.size, 0.0)
        if "polygon" in region:
            assert iou(mask(found["polygon"], change.image.size), seen) >= 0.98
        rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
        around = [columns[0], rows[0], columns[-1] - columns[0] + 1, rows[-1] - rows[0] + 1]
        assert boxes_iou(found["box"], [float(bound) for bound in around]) >= 0.98


@pytest.mark.parametrize("name", WAYS)
def test_children_have_blobs_regions_and_parents(version: Path, tmp_path: Path, name: str) -> None:
    result = augment(version, tmp_path / "work", name)
    manifest = verify(tmp_path / "work/out")
    out = records(tmp_path / "work/out")
    made, before = [record for record in out if "_parent" in record], {record["id"]: record for record in records(version)}
    assert result["ledger"] == {"in": 4, "out": 8, "dropped": {}, "added": 4}
    assert len(manifest.blobs) == 8
    blobs = {blob.digest: blob for blob in manifest.blobs}
    for child in made:
        parent, blob = before[child["_parent"]], blobs[child["image"]["blob"]]
        with Image.open(tmp_path / "work/out" / blob.name) as image:
            assert (blob.media_type, blob.facts) == ("image/png", {"width": image.width, "height": image.height})
            image.load()
        assert (child["label"], child["source"]) == (parent["label"], parent["source"])
        assert (child["regions"] == parent["regions"]) == (name not in MOVING)


@pytest.mark.parametrize("name", WAYS)
def test_pictures_too_are_the_same_to_the_byte(tmp_path: Path, name: str) -> None:
    one, many = version_of_pictures(tmp_path / "one", PICTURES, 1 << 20), version_of_pictures(tmp_path / "many", PICTURES, 1)
    assert len(list(one.glob("part-*"))) == 1 < len(list(many.glob("part-*")))
    for at, version in enumerate((one, many)):
        augment(version, tmp_path / f"w{at}", name, copies=2, seed=3)
    left, right = ({name: data for name, data in outputs(tmp_path / f"w{at}").items() if "blobs/" in name} for at in (0, 1))
    assert left == right
    assert read_manifest(tmp_path / "w0/out").content_hash == read_manifest(tmp_path / "w1/out").content_hash


def test_noise_is_as_strong_as_was_said_and_the_same_tomorrow() -> None:
    grey = Image.new("RGBA", (200, 200), (128, 128, 128, 77))
    change = way_of("Noise_Image", strength=0.1).change(grey, Draw(1))
    assert change is not None
    pixels = np.array(change.image)
    assert (pixels[:, :, 3] == 77).all(), "what is transparent stays so"
    off = pixels[:, :, :3].astype(int) - 128
    assert abs(off.std() / 25.5 - 1) < 0.02
    assert abs(off.mean()) < 0.5
    assert off[0, :2].ravel().tolist() == [-3, 35, 0, 7, 4, -37]


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
@pytest.mark.parametrize("name", WAYS)
def test_every_mode_comes_through(name: str, mode: str) -> None:
    change = way_of(name).change(picture(mode=mode), Draw(2))
    assert change is not None
    assert change.image.mode == mode
    assert np.array(change.image).tobytes() != np.array(picture(mode=mode)).tobytes()


def test_what_a_camera_said_stays_and_a_jpeg_is_one(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    held, deep = encoded(picture(), "JPEG", exif=exif), encoded(Image.fromarray(np.full((9, 9), 40_000, np.uint16)))
    palette = encoded(picture().convert("P"))
    version = version_of_pictures(tmp_path / "in", [(held, {}), (deep, {}), (palette, {})])
    result = augment(version, tmp_path / "work", "Flip_Image")
    assert result["ledger"]["added"] == 2, "more than 8 bits a channel would be lost"
    first, second = (record for record in records(tmp_path / "work/out") if "_parent" in record)
    blobs = {blob.digest: blob for blob in read_manifest(tmp_path / "work/out").blobs}
    with Image.open(tmp_path / "work/out" / blobs[first["image"]["blob"]].name) as image:
        assert (image.format, image.getexif()[0x0112]) == ("JPEG", 6)
    assert blobs[second["image"]["blob"]].media_type == "image/png"


def test_a_look_at_pictures_has_their_blobs(version: Path, tmp_path: Path) -> None:
    steps = [step.to_json() for step in read_plan({"steps": [{"kind": "Rotate_Image"}, {"kind": "Noise_Image"}]})]
    look = plan_sample.run({"input": str(version), "steps": steps, "records": 3}, tmp_path / "look", SilentReporter())
    assert [step["ledger"]["added"] for step in look["steps"]] == [3, 3]
    assert len(look["made"]) == 6
    for made in look["made"]:
        with Image.open(io.BytesIO(base64.b64decode(made["_picture"]))) as image:
            assert max(image.size) == 128


def test_who_changes_nothing_makes_nothing(version: Path, tmp_path: Path) -> None:
    result = augment(version, tmp_path / "work", "Colour_Image", brightness=0.0, contrast=0.0, colour=0.0)
    assert result["ledger"] == {"in": 4, "out": 4, "dropped": {}}


def test_a_record_without_a_picture_and_one_without_its_blob(tmp_path: Path) -> None:
    version = version_of_pictures(tmp_path / "in", PICTURES[:1])
    blob = read_manifest(version).blobs[0]
    (version / blob.name).unlink()
    with pytest.raises(PlatformError) as refused:
        augment(version, tmp_path / "work", "Flip_Image")
    assert refused.value.reason == Reason.FILE_MISSING
    assert way_of("Flip_Image").vary({"id": "r", "text": "none"}, Draw(1)) is None


# --- regions by themselves


def regions(region: Any, way: Affine, size: tuple[int, int], least: float = 0.2) -> list[Record]:
    return moved({"id": "r", "regions": [region]}, way, size, least)


def test_what_leaves_the_picture_is_cut_or_left_out() -> None:
    left = Affine(1, 0, -50, 0, 1, 0)
    assert regions({"box": [40, 0, 40, 20], "label": "a", "score": 1}, left, (100, 100)) == [
        {"box": [0, 0, 30, 20], "label": "a", "score": 1}
    ]
    assert regions({"box": [40, 0, 12, 20]}, left, (100, 100)) == [], "a sixth is left of it"
    assert regions({"box": [40, 0, 12, 20]}, left, (100, 100), least=0.1) == [{"box": [0, 0, 2, 20]}]
    assert regions({"box": [0, 0, 12, 20]}, left, (100, 100), least=0.0) == []
    triangle = {"polygon": [[50, 0], [150, 0], [150, 100]]}
    assert regions(triangle, left, (50, 100)) == [{"polygon": [[50, 50], [0, 0], [50, 0]]}]


def test_areas_and_the_way_back() -> None:
    assert area([(0, 0), (4, 0), (4, 3)]) == 6
    assert area(clipped([(-5, -5), (15, -5), (15, 15), (-5, 15)], (10, 8))) == 80
    way = Affine(2, 1, 5, -1, 3, 7)
    assert Affine(*way.back()).at(way.at((11, 13))) == pytest.approx((11, 13))


@pytest.mark.parametrize(
    "wrong", [{}, {"box": [1, 2, 3]}, {"box": ["1", 2, 3, 4]}, {"polygon": [[1, 2], [3, 4]]}, "box", {"polygon": [[1, 2, 3]] * 3}]
)
def test_what_is_no_region_is_named(wrong: Any) -> None:
    with pytest.raises(PlatformError) as refused:
        regions(wrong, Affine(1, 0, 0, 0, 1, 0), (9, 9))
    assert (refused.value.reason, refused.value.field) == (Reason.ROW_INVALID, "regions")
