"""Pictures and recordings: facts and labels, every bad file with its reason, bounds that hold, and blobs that follow their records."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from PIL import Image

from libs.common.errors import PlatformError, Reason
from libs.common.work.engine import SilentReporter
from libs.data.versions import read_manifest, verify
from services.dataset.engine import media_importing, splitting
from services.dataset.engine.media import MEDIA, medium_of
from services.dataset.engine.reading import kind_of
from tests.unit.dataset_engine.make import clean, lines, records


def picture(format: str = "PNG", size: tuple[int, int] = (8, 5), colour: int = 7) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (colour, 20, 30)).save(out, format)
    return out.getvalue()


def sound(format: str = "WAV", seconds: float = 0.5, rate: int = 8000, pitch: float = 440.0) -> bytes:
    out = io.BytesIO()
    wave = np.sin(2 * np.pi * pitch * np.arange(int(seconds * rate)) / rate) * 0.3
    soundfile.write(out, wave, rate, format=format, subtype="PCM_16")
    return out.getvalue()


def bomb(width: int = 60_000, height: int = 60_000) -> bytes:
    """A PNG of some hundred bytes that says it is 3.6 billion pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


def put(root: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    return root


def brought(tmp_path: Path, files: dict[str, bytes], paths: tuple[str, ...] = (".",), **options: Any) -> dict[str, Any]:
    put(tmp_path / "in", files)
    job = {"root": str(tmp_path / "in"), "paths": list(paths), "options": options}
    result = media_importing.run(job, tmp_path / "work", SilentReporter())
    ledger = result["ledger"]
    assert ledger["in"] == ledger["out"] + sum(ledger["dropped"].values())
    verify(tmp_path / "work" / "out")
    return result


def labels(version: Path) -> list[tuple[str, str | None]]:
    return sorted((record["source"], record.get("label")) for record in records(version))


def archive(entries: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in entries.items():
            packed.writestr(name, data)
    return out.getvalue()


def test_folders_are_labels_and_facts_are_in_the_manifest(tmp_path: Path) -> None:
    files = {"cat/a.png": picture(), "cat/b.jpg": picture("JPEG", (16, 9)), "dog/c.webp": picture("WEBP"), "d.gif": picture("GIF")}
    brought(tmp_path, files)
    version = tmp_path / "work" / "out"
    assert labels(version) == [("cat/a.png", "cat"), ("cat/b.jpg", "cat"), ("d.gif", None), ("dog/c.webp", "dog")]
    facts = {blob.media_type: (blob.facts["width"], blob.facts["height"]) for blob in read_manifest(version).blobs}
    assert facts == {"image/png": (8, 5), "image/jpeg": (16, 9), "image/webp": (8, 5), "image/gif": (8, 5)}
    blobs = {blob.digest: version / blob.name for blob in read_manifest(version).blobs}
    for record in records(version):
        assert blobs[record["image"]["blob"]].read_bytes() == files[record["source"]], "bytes are kept as they are"


def test_recordings_have_seconds_and_rate(tmp_path: Path) -> None:
    brought(tmp_path, {"yes/a.wav": sound(), "no/b.flac": sound("FLAC", 1.25, 16_000)})
    facts = {blob.media_type: dict(blob.facts) for blob in read_manifest(tmp_path / "work" / "out").blobs}
    assert facts["audio/wav"] == {"seconds": 0.5, "rate": 8000, "channels": 1}
    assert facts["audio/flac"] == {"seconds": 1.25, "rate": 16_000, "channels": 1}
    assert {record["label"] for record in records(tmp_path / "work" / "out")} == {"yes", "no"}


def test_the_folder_that_is_named_is_no_label_of_all(tmp_path: Path) -> None:
    brought(tmp_path, {"pets/cat/a.png": picture(), "pets/b.png": picture(colour=9)}, ("pets",))
    assert labels(tmp_path / "work" / "out") == [("pets/b.png", None), ("pets/cat/a.png", "cat")]


def test_a_zip_is_read_like_a_folder(tmp_path: Path) -> None:
    entries = {"cat/a.png": picture(), "../../dog/b.png": picture(colour=9), "__MACOSX/cat/._a.png": b"x", "cat/.hidden": b"x"}
    brought(tmp_path, {"pets.zip": archive(entries)})
    assert labels(tmp_path / "work" / "out") == [("pets.zip/../../dog/b.png", "dog"), ("pets.zip/cat/a.png", "cat")]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "work"], "nothing is unpacked"


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("cut.png", picture(size=(200, 200))[:300], Reason.FILE_TRUNCATED),
        ("cut.jpg", picture("JPEG", (400, 400))[:500], Reason.FILE_TRUNCATED),
        ("bomb.png", bomb(), Reason.FILE_TOO_LARGE),
        ("lies.png", bomb(100, 100), Reason.FILE_TRUNCATED),
        ("cut.wav", sound()[:2000], Reason.FILE_TRUNCATED),
        ("cut.flac", sound("FLAC", 1.5)[:4000], Reason.FILE_TRUNCATED),
        ("page.png", b"<html>no picture</html>", Reason.FORMAT_UNKNOWN),
        ("empty.png", b"", Reason.FORMAT_UNKNOWN),
        ("list.m3u8", b"#EXTM3U\nhttp://elsewhere.example/a.ts\n", Reason.FORMAT_UNKNOWN),
        ("vector.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", Reason.FORMAT_UNKNOWN),
        ("damaged.zip", archive({"a.png": picture()})[:40], Reason.FILE_TRUNCATED),
        ("long.wav", sound(seconds=3.0), Reason.FILE_TOO_LARGE),
    ],
    ids=lambda fact: fact if isinstance(fact, str) else "",  # bytes of an archive hold the time, and workers must find the same tests
)
def test_a_bad_file_is_named_or_left_out(tmp_path: Path, name: str, data: bytes, reason: Reason) -> None:
    files = {name: data, "good.png": picture()}
    with pytest.raises(PlatformError) as caught:
        brought(tmp_path / "strict", files, max_seconds=2)
    assert (caught.value.reason, caught.value.details["file"].partition("/")[0]) == (reason, name)
    result = brought(tmp_path / "loose", files, max_seconds=2, keep_good_files=True)
    assert result["ledger"] == {"in": 2, "out": 1, "dropped": {reason.name: 1}}
    (line,) = lines(tmp_path / "loose" / "work" / "dropped")
    assert line["source"].startswith(name)


def test_an_entry_is_bounded_whatever_it_says_of_itself(tmp_path: Path) -> None:
    """Zeros that pack a thousandfold, and a size in the directory that is not true."""
    packed = bytearray(archive({"zeros.png": bytes(5_000_000), "good.png": picture()}))
    directory = packed.rindex(b"PK\x01\x02", 0, packed.rindex(b"zeros.png"))
    packed[directory + 24 : directory + 28] = struct.pack("<I", 10)
    result = brought(tmp_path, {"z.zip": bytes(packed)}, keep_good_files=True, max_file_bytes=100_000)
    assert result["records"] == 1
    assert sum(result["ledger"]["dropped"].values()) == 1


def test_a_list_of_entries_that_fits_nowhere_is_not_read(tmp_path: Path) -> None:
    packed = bytearray(archive({"a.png": picture()}))
    end = packed.rindex(b"PK\x05\x06")
    packed[end + 12 : end + 16] = struct.pack("<I", 0x7FFF_FFFF)
    with pytest.raises(PlatformError) as caught:
        brought(tmp_path, {"z.zip": bytes(packed)})
    assert (caught.value.reason, caught.value.limit) == (Reason.TOO_LARGE, "at most 100000 files")


def test_many_entries_none_at_all_and_a_damaged_one(tmp_path: Path) -> None:
    five = {f"{n}.png": picture(colour=n) for n in range(5)}
    with pytest.raises(PlatformError) as caught:
        brought(tmp_path / "1", {"z.zip": archive(five)}, max_files=4)
    assert caught.value.reason == Reason.TOO_LARGE
    result = brought(tmp_path / "2", {"z.zip": archive({"__MACOSX/x.png": b"x"}), "a.png": picture()}, keep_good_files=True)
    assert result["ledger"] == {"in": 2, "out": 1, "dropped": {"FILE_EMPTY": 1}}
    packed = bytearray(archive(five))
    at = packed.index(b"2.png") + 20
    packed[at : at + 8] = b"\xff" * 8
    result = brought(tmp_path / "3", {"z.zip": bytes(packed)}, keep_good_files=True)
    assert result["ledger"] == {"in": 5, "out": 4, "dropped": {"FILE_TRUNCATED": 1}}, "the others are taken"


def test_the_name_of_a_file_decides_nothing(tmp_path: Path) -> None:
    brought(tmp_path, {"a.wav": picture(), "b.png": sound()})
    kinds = {record["source"]: sorted(record.keys() & {"image", "audio"}) for record in records(tmp_path / "work" / "out")}
    assert kinds == {"a.wav": ["image"], "b.png": ["audio"]}
    assert [medium_of(data).name for data in (picture(), sound(), sound("FLAC"))] == ["image", "audio", "audio"]  # type: ignore[union-attr]
    assert set(MEDIA) == {"image", "audio"}


def test_blobs_follow_their_records_through_later_steps(tmp_path: Path) -> None:
    files = {f"{label}/{n}.png": picture(colour=n) for n in range(12) for label in ("cat", "dog")}
    brought(tmp_path, {**files, "cat/again.png": picture(colour=0)}, shard_bytes=300)
    version = tmp_path / "work" / "out"
    assert len(read_manifest(version).blobs) == 12, "the same bytes are one blob"
    clean(version, tmp_path / "cleaned", ("Deduplicate", {"near": False}))
    whole = tmp_path / "cleaned" / "out"
    assert verify(whole).records < verify(version).records
    with pytest.raises(PlatformError) as caught:  # the same picture under two labels
        splitting.run({"input": str(whole), "options": {"group_by": "record", "test_fraction": 0.3}}, tmp_path / "torn", SilentReporter())
    assert caught.value.reason == Reason.SPLIT_LEAK
    splitting.run({"input": str(whole), "options": {"test_fraction": 0.3}}, tmp_path / "split", SilentReporter())
    for part in ("train", "test"):
        manifest = verify(tmp_path / "split" / "out" / part)
        named = {record["image"]["blob"] for record in records(tmp_path / "split" / "out" / part)}
        assert {blob.digest for blob in manifest.blobs} == named, "those that are named, and no other"


def test_the_same_files_are_the_same_version_wherever_they_lie(tmp_path: Path) -> None:
    files = {"cat/a.png": picture(), "dog/b.png": picture(colour=9)}
    first = brought(tmp_path / "1", files)
    second = brought(tmp_path / "2", {f"other/{name}": data for name, data in files.items()}, ("other",))
    third = brought(tmp_path / "3", {"pets.zip": archive(files)})
    assert first["content_hash"] == second["content_hash"] == third["content_hash"]


def test_a_version_of_pictures_is_called_so(tmp_path: Path) -> None:
    brought(tmp_path / "1", {"a.png": picture()})
    brought(tmp_path / "2", {"a.wav": sound()})
    assert [kind_of(tmp_path / number / "work" / "out") for number in ("1", "2")] == ["image", "audio"]
