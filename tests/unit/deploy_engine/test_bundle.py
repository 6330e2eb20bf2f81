"""The digest is the same everywhere, and every way to damage a bundle is found and named."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

from libs.common.errors import PlatformError, Reason
from services.deploy.engine import bundle
from tests.unit.deploy_engine.conftest import SERVING, Bundle

NAMES = (*bundle.BUNDLE_FILES, bundle.MANIFEST)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    node = helper.make_node("Add", ["x", "w"], ["y"])
    weight = helper.make_tensor("w", TensorProto.FLOAT, [2], [1.0, 2.0])
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [2]) for name in "xy")
    onnx.save(helper.make_model(helper.make_graph([node], "tiny", [x], [y], [weight])), folder / bundle.MODEL)
    (folder / bundle.TOKENIZER).write_text('{"词": 1}', encoding="utf-8")
    (folder / bundle.CONFIG).write_text('{"block_size": 8}', encoding="utf-8")
    return folder


@pytest.fixture
def copy(packed: Bundle, tmp_path: Path) -> Path:
    folder = tmp_path / "copy"
    shutil.copytree(packed.folder, folder)
    return folder


def test_same_inputs_give_the_same_digest_anywhere(source: Path, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere" / "deeper" / "源"
    shutil.copytree(source, moved)
    for file in moved.iterdir():
        os.utime(file, (1, 1))
    (moved / "notes.txt").write_text("not part of a bundle")
    reordered = dict(reversed(list(SERVING.items())))
    first = bundle.pack(source, tmp_path / "a", SERVING)
    second = bundle.pack(moved, tmp_path / "b", reordered)
    assert first == second
    assert sorted(os.listdir(tmp_path / "b")) == sorted(NAMES)
    assert bundle.verify(tmp_path / "a", second) == first
    assert (tmp_path / "a" / bundle.MANIFEST).read_bytes() == (tmp_path / "b" / bundle.MANIFEST).read_bytes()


@pytest.mark.parametrize("change", ["model", "tokenizer", "config", "serving"])
def test_any_other_input_gives_another_digest(source: Path, tmp_path: Path, change: str) -> None:
    before = bundle.pack(source, tmp_path / "a", SERVING)
    serving = dict(SERVING)
    if change == "model":
        model = onnx.load(source / bundle.MODEL)
        model.graph.initializer[0].float_data[0] = 1.0000001
        onnx.save(model, source / bundle.MODEL)
    elif change == "serving":
        serving["max_new_tokens"] = 63
    else:
        file = source / f"{change}.json"
        file.write_bytes(file.read_bytes() + b" ")
    assert bundle.pack(source, tmp_path / "b", serving) != before


def test_manifest_holds_no_time_and_no_path(source: Path, tmp_path: Path) -> None:
    bundle.pack(source, tmp_path / "a", SERVING)
    manifest = json.loads((tmp_path / "a" / bundle.MANIFEST).read_bytes())
    assert set(manifest) == {"format", "files"}
    assert [entry["name"] for entry in manifest["files"]] == sorted(bundle.BUNDLE_FILES)
    assert all(set(entry) == {"name", "size", "sha256"} for entry in manifest["files"])


def test_packing_again_replaces_damage_and_leaves_no_partial(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "a"
    (tmp_path / ".a.partial").mkdir()
    (tmp_path / ".a.partial" / bundle.MODEL).write_bytes(b"half")  # what a kill in the middle leaves
    digest = bundle.pack(source, target, SERVING)
    before = (target / bundle.MODEL).stat().st_ino
    assert bundle.pack(source, target, SERVING) == digest
    assert (target / bundle.MODEL).stat().st_ino == before  # a finished step is recognised, not redone
    (target / bundle.MODEL).write_bytes(b"damaged")
    assert bundle.pack(source, target, SERVING) == digest
    assert bundle.verify(target, digest) == digest
    assert sorted(os.listdir(tmp_path)) == ["a", "source"]


def flip(folder: Path, name: str) -> None:
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)


def truncate(folder: Path, name: str) -> None:
    os.truncate(folder / name, (folder / name).stat().st_size - 1)


def grow(folder: Path, name: str) -> None:
    with open(folder / name, "ab") as file:
        file.write(b"\n")


def empty(folder: Path, name: str) -> None:
    os.truncate(folder / name, 0)


def remove(folder: Path, name: str) -> None:
    (folder / name).unlink()


def symlink(folder: Path, name: str) -> None:
    """The same bytes behind a link out of the folder."""
    outside = folder.parent / f"outside-{name}"
    shutil.move(folder / name, outside)
    (folder / name).symlink_to(outside)


def hardlink(folder: Path, name: str) -> None:
    """The same bytes, but somebody outside may change them later."""
    os.link(folder / name, folder.parent / f"outside-{name}")


def become_folder(folder: Path, name: str) -> None:
    (folder / name).unlink()
    (folder / name).mkdir()


DAMAGES: tuple[Callable[[Path, str], None], ...] = (flip, truncate, grow, empty, remove, symlink, hardlink, become_folder)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_found_and_named(copy: Path, packed: Bundle, damage: Callable[[Path, str], None], name: str) -> None:
    damage(copy, name)
    for expected in (packed.digest, None):
        if expected is None and name == bundle.MANIFEST and damage is flip:
            continue  # a flipped digit inside a hash is then found as the file that no longer fits, below
        with pytest.raises(PlatformError) as caught:
            bundle.verify(copy, expected)
        assert (caught.value.code, caught.value.reason) == (422, Reason.CHECKSUM_MISMATCH)
        assert caught.value.details["file"] == name


def test_every_flipped_byte_of_the_manifest_is_found(source: Path, tmp_path: Path) -> None:
    digest = bundle.pack(source, tmp_path / "a", SERVING)
    manifest = tmp_path / "a" / bundle.MANIFEST
    good = manifest.read_bytes()
    for index in range(len(good)):
        manifest.write_bytes(good[:index] + bytes([good[index] ^ 1]) + good[index + 1 :])
        for expected in (digest, None):
            with pytest.raises(PlatformError) as caught:
                bundle.verify(tmp_path / "a", expected)
            assert caught.value.reason == Reason.CHECKSUM_MISMATCH
    manifest.write_bytes(good)
    assert bundle.verify(tmp_path / "a", digest) == digest


def test_swapped_files_are_found(copy: Path, packed: Bundle) -> None:
    config, tokenizer = copy / bundle.CONFIG, copy / bundle.TOKENIZER
    config.rename(copy / "x")
    tokenizer.rename(config)
    (copy / "x").rename(tokenizer)
    with pytest.raises(PlatformError) as caught:
        bundle.verify(copy, packed.digest)
    assert caught.value.details["file"] == bundle.CONFIG


@pytest.mark.parametrize("extra", ["weights.bin", "a-folder", "a-link"])
def test_an_extra_file_is_found(copy: Path, packed: Bundle, extra: str) -> None:
    if extra == "a-folder":
        (copy / extra).mkdir()
    elif extra == "a-link":
        (copy / extra).symlink_to(copy / bundle.CONFIG)
    else:
        (copy / extra).write_bytes(b"")
    with pytest.raises(PlatformError) as caught:
        bundle.verify(copy, packed.digest)
    assert caught.value.details["file"] == extra


def test_another_consistent_bundle_is_not_the_expected_one(source: Path, tmp_path: Path, packed: Bundle) -> None:
    bundle.pack(source, tmp_path / "a", SERVING)
    with pytest.raises(PlatformError) as caught:
        bundle.verify(tmp_path / "a", packed.digest)
    assert caught.value.details["file"] == bundle.MANIFEST


@pytest.mark.parametrize(
    "manifest",
    [b"", b"null", b"[]", b"{", b"[" * 10_000, b'{"files":[]}', b'{"files":[{"name":"../x"}]}', b'{"files":7}', b"\xff", b"0" * 70_000],
)
def test_a_strange_manifest_is_refused(copy: Path, manifest: bytes) -> None:
    (copy / bundle.MANIFEST).write_bytes(manifest)
    with pytest.raises(PlatformError) as caught:
        bundle.verify(copy, None)
    assert caught.value.details["file"] == bundle.MANIFEST


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PlatformError) as caught:
        bundle.verify(tmp_path / "nowhere", None)
    assert caught.value.details["file"] == bundle.MANIFEST


def outside(tensor: TensorProto, location: str) -> None:
    tensor.ClearField("float_data")
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=location)


@pytest.mark.parametrize("location", ["weights.bin", "../weights.bin", "/etc/hostname", "a/../b", "", "weights\0.bin"])
@pytest.mark.parametrize("place", ["initializer", "attribute", "nested graph", "function"])
def test_a_model_that_reads_outside_itself_is_not_packed(source: Path, tmp_path: Path, place: str, location: str) -> None:
    model = onnx.load(source / bundle.MODEL)
    tensor = helper.make_tensor("secret", TensorProto.FLOAT, [1], [0.0])
    outside(tensor, location)
    constant = helper.make_node("Constant", [], ["c"], value=tensor)
    if place == "initializer":
        model.graph.initializer.append(tensor)
    elif place == "attribute":
        model.graph.node.append(constant)
    elif place == "nested graph":
        inner = helper.make_graph([constant], "inner", [], [])
        model.graph.node.append(helper.make_node("If", ["x"], ["z"], then_branch=inner, else_branch=inner))
    else:
        model.functions.append(helper.make_function("own", "f", [], ["c"], [constant], [helper.make_opsetid("", 23)]))
    onnx.save(model, source / bundle.MODEL)
    with pytest.raises(PlatformError) as caught:
        bundle.pack(source, tmp_path / "a", SERVING)
    assert caught.value.reason == Reason.INVALID_PATH
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize("name", [bundle.MODEL, bundle.TOKENIZER, bundle.CONFIG])
def test_missing_and_linked_inputs_are_not_packed(source: Path, tmp_path: Path, name: str) -> None:
    (source / name).rename(tmp_path / name)
    with pytest.raises(PlatformError) as caught:
        bundle.pack(source, tmp_path / "a", SERVING)
    assert caught.value.reason == Reason.FILE_MISSING
    (source / name).symlink_to(tmp_path / name)
    with pytest.raises(PlatformError) as caught:
        bundle.pack(source, tmp_path / "a", SERVING)
    assert caught.value.reason == Reason.INVALID_PATH


def test_what_is_no_model_is_not_packed(source: Path, tmp_path: Path) -> None:
    (source / bundle.MODEL).write_bytes(b"\xff\xff not a model")
    with pytest.raises(PlatformError) as caught:
        bundle.pack(source, tmp_path / "a", SERVING)
    assert caught.value.reason == Reason.FORMAT_UNKNOWN


@pytest.mark.parametrize(
    ("serving", "field"),
    [
        ({"engine": "onnxruntime-cb", "max_tokens": 3}, "serving.max_tokens"),
        ({}, "serving.engine"),
        ({"engine": "other"}, "serving.engine"),
        ({"engine": "onnxruntime-cb", "threads": 0}, "serving.threads"),
        ({"engine": "onnxruntime-cb", "threads": True}, "serving.threads"),
        ({"engine": "onnxruntime-cb", "max_rows": 65}, "serving.max_rows"),
        ({"engine": "onnxruntime-cb", "max_queue": -1}, "serving.max_queue"),
        ({"engine": "onnxruntime-cb", "max_new_tokens": "64"}, "serving.max_new_tokens"),
        ({"engine": "onnxruntime-cb", "max_new_tokens": None}, "serving.max_new_tokens"),
    ],
)
def test_wrong_serving_options_are_refused(source: Path, tmp_path: Path, serving: dict[str, object], field: str) -> None:
    with pytest.raises(PlatformError) as caught:
        bundle.pack(source, tmp_path / "a", serving)
    assert (caught.value.code, caught.value.field) == (400, field)
