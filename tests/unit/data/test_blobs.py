"""Blobs: named by what they are, under the manifest of their version, shared by versions and copied by nobody."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from libs.common.errors import PlatformError, Reason
from libs.common.store.storage import ArtifactStore
from libs.data.blobs import Blob, BlobWriter, name_of, named_in
from libs.data.records import content_hash, identified
from libs.data.versions import MANIFEST, Manifest, PartWriter, read_manifest, read_records, verify, write_manifest

CAT, DOG = b"\x89PNG cat" * 10_000, b"\x89PNG dog"
FACTS = {"width": 640, "height": 480}


def digest_of(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def write(folder: Path, records: list[dict[str, Any]], blobs: tuple[Blob, ...] = ()) -> Manifest:
    part, ids = PartWriter(folder / "part-00000.jsonl"), []
    for record in records:
        kept, line = identified(record)
        part.write(line)
        ids.append(kept["id"])
    return write_manifest(folder, [part.close()], sorted(ids), blobs)


def pictured(folder: Path) -> tuple[Manifest, Blob, Blob]:
    """A version of two pictures, one of them named twice."""
    writer = BlobWriter(folder)
    cat, dog = writer.add(io.BytesIO(CAT), "image/png", FACTS), writer.add(io.BytesIO(DOG), "image/png")
    assert writer.add(io.BytesIO(CAT), "image/png", FACTS) == cat
    rows = [{"image": {"blob": cat.digest}, "label": "cat"}, {"images": [{"blob": dog.digest}, {"blob": cat.digest}]}]
    return write(folder, rows, writer.blobs()), cat, dog


def refused(folder: Path) -> PlatformError:
    with pytest.raises(PlatformError) as caught:
        verify(folder)
    assert caught.value.code == 422
    return caught.value


def test_a_version_with_blobs_is_read_as_it_was_written(tmp_path: Path) -> None:
    manifest, cat, dog = pictured(tmp_path)
    assert (cat.digest, cat.size, cat.facts) == (digest_of(CAT), len(CAT), FACTS)
    assert (tmp_path / cat.name).read_bytes() == CAT
    assert read_manifest(tmp_path) == manifest == verify(tmp_path)
    assert manifest.blobs == tuple(sorted((cat, dog), key=lambda blob: blob.digest))
    assert manifest.bytes == sum(file.size for file in manifest.files) + len(CAT) + len(DOG)
    assert sorted(digest for record in read_records(tmp_path) for digest in named_in(record)) == sorted(
        (cat.digest, dog.digest, cat.digest)
    )
    assert [path.name for path in (tmp_path / "blobs").iterdir() if path.name.startswith(".")] == []


def test_a_version_without_blobs_is_what_it_always_was(tmp_path: Path) -> None:
    manifest = write(tmp_path, [{"text": "a"}, {"text": "b"}])
    stored = json.loads((tmp_path / MANIFEST).read_bytes())
    assert stored.keys() == {"format", "files", "records", "content_hash"}
    assert stored["format"] == 1
    assert manifest.content_hash == content_hash(sorted(record["id"] for record in read_records(tmp_path)))
    assert (
        manifest.content_hash
        == "sha256:"
        + hashlib.sha256(  # as computed by hand
            b"".join(sorted(hashlib.sha256(f'{{"text":"{text}"}}'.encode()).hexdigest()[:32].encode() + b"\n" for text in "ab"))
        ).hexdigest()
    )


def test_what_a_blob_is_decides_the_hash(tmp_path: Path) -> None:
    rows, hashes = [{"image": {"blob": digest_of(DOG)}}], set()
    for number, (media_type, facts) in enumerate((("image/png", {}), ("image/jpeg", {}), ("image/png", {"width": 3}), ("image/png", {}))):
        folder = tmp_path / str(number)
        writer = BlobWriter(folder)
        writer.add(io.BytesIO(DOG), media_type, facts)
        hashes.add(write(folder, rows, writer.blobs()).content_hash)
    assert len(hashes) == 3


def test_damage_is_named(tmp_path: Path) -> None:
    _, cat, dog = pictured(tmp_path)
    (tmp_path / cat.name).chmod(0o644)
    (tmp_path / cat.name).write_bytes(CAT[:-1] + b"!")
    error = refused(tmp_path)
    assert (error.reason, error.details["file"]) == (Reason.CHECKSUM_MISMATCH, cat.name)
    (tmp_path / cat.name).write_bytes(CAT)
    (tmp_path / dog.name).unlink()
    error = refused(tmp_path)
    assert (error.reason, error.details["file"]) == (Reason.FILE_MISSING, dog.name)


def test_a_record_names_no_blob_that_is_not_there(tmp_path: Path) -> None:
    write(tmp_path, [{"image": {"blob": digest_of(CAT)}}])
    error = refused(tmp_path)
    assert (error.reason, error.details["file"]) == (Reason.FILE_MISSING, name_of(digest_of(CAT)))


def damaged(values: dict[str, Any]) -> Iterator[dict[str, Any]]:
    first = values["blobs"][0]
    for change in ({"digest": "sha256:../../etc/passwd"}, {"media_type": "png"}, {"size": -1}, {"size": "1"}, {"facts": {"width": "wide"}}):
        yield {**values, "blobs": [{**first, **change}, *values["blobs"][1:]]}
    yield {**values, "blobs": values["blobs"][1:]}
    yield {**values, "format": 1}


def test_a_manifest_that_was_changed_is_none(tmp_path: Path) -> None:
    pictured(tmp_path)
    whole = json.loads((tmp_path / MANIFEST).read_bytes())
    for values in damaged(whole):
        (tmp_path / MANIFEST).write_text(json.dumps(values), encoding="utf-8")
        assert refused(tmp_path).reason in (Reason.CHECKSUM_MISMATCH, Reason.FILE_MISSING)


def test_versions_share_blobs_and_nothing_is_copied(tmp_path: Path) -> None:
    store = ArtifactStore(tmp_path / "store")
    _, cat, _ = pictured(tmp_path / "first")
    uri, _ = store.publish(tmp_path / "first")
    next_writer = BlobWriter(tmp_path / "next")
    next_writer.share(store.open(uri), cat)
    write(tmp_path / "next", [{"image": {"blob": cat.digest}, "label": "a cat"}], next_writer.blobs())
    next_uri, _ = store.publish(tmp_path / "next")
    places = [store.open(each) / cat.name for each in (uri, next_uri)]
    assert places[0].samefile(places[1])
    assert places[0].stat().st_mode & 0o222 == 0
    verify(store.open(next_uri))


def test_bytes_are_one_thing(tmp_path: Path) -> None:
    writer = BlobWriter(tmp_path)
    writer.add(io.BytesIO(DOG), "image/png")
    for media_type, facts in (("image/jpeg", {}), ("image/png", {"width": 1}), ("PNG", {})):
        with pytest.raises(PlatformError) as caught:
            writer.add(io.BytesIO(DOG), media_type, facts)
        assert (caught.value.code, caught.value.reason) == (400, Reason.INVALID_ARGUMENT)
    with pytest.raises(PlatformError) as caught:
        writer.share(tmp_path / "elsewhere", Blob(digest_of(CAT), "image/png", len(CAT)))
    assert caught.value.reason == Reason.FILE_MISSING
