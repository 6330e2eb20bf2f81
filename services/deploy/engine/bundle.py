"""The packaged bundle: the exact bytes that are evaluated, approved and served, and the one digest that names them.

A bundle is a flat folder of exactly ``BUNDLE_FILES`` plus ``manifest.json``. The manifest lists name, size and SHA-256 of each file in
name order, in one canonical JSON spelling without times or paths, so that the same inputs give the same digest on every machine:
``digest = "sha256:" + sha256(manifest bytes)``.

Decided here: links of any kind are refused, because a hardlink lets a model file read, or be changed from, outside its folder without
any visible sign; and a model may not refer to data outside itself, because such a reference escapes the manifest.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from libs.common import durable
from libs.common.errors import PlatformError, Reason
from services.deploy.engine.serving.options import ServingOptions

if TYPE_CHECKING:
    import onnx

MODEL = "model.onnx"
TOKENIZER = "tokenizer.json"
CONFIG = "config.json"
SERVING = "serving.json"
MANIFEST = "manifest.json"
BUNDLE_FILES = (CONFIG, MODEL, SERVING, TOKENIZER)
"""Every file a bundle holds besides the manifest, in name order."""

_FORMAT = 1
_CHUNK = 1 << 20
_MAX_MANIFEST_BYTES = 64 * 1024


def pack(source_folder: Path, target_folder: Path, serving: Mapping[str, Any]) -> str:
    """Write the bundle of ``source_folder`` (model.onnx, tokenizer.json, config.json; other files are left out) to ``target_folder``.

    Written beside and renamed at the end, so a half-packed bundle is never visible. Packing again over the same bundle is a no-op;
    whatever else stood at ``target_folder`` is replaced.

    Returns: the digest. Raises: PlatformError 400 for a wrong ``serving`` option, 422 FILE_MISSING for a missing input,
    422 INVALID_PATH for an input that is a link or a model that refers to data outside itself.
    """
    options = ServingOptions.from_json(serving)
    partial = target_folder.with_name(f".{target_folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for name in (CONFIG, MODEL, TOKENIZER):
        _copy_plain(source_folder / name, partial / name)
    refuse_outside_data(partial / MODEL)
    durable.write_new(partial / SERVING, _canonical(options.to_json()))
    manifest = _canonical({"format": _FORMAT, "files": [_entry(partial / name) for name in BUNDLE_FILES]})
    durable.write_new(partial / MANIFEST, manifest)
    digest = _digest(manifest)
    _publish(partial, target_folder, digest)
    return digest


def verify(folder: Path, expected_digest: str | None) -> str:
    """Read every byte of a bundle and compare it with its manifest.

    Returns: the digest. Raises: PlatformError 422 CHECKSUM_MISMATCH with ``file`` = the first file that is missing, extra, not a plain file
    with one link, of another size or of other content; ``file`` = manifest.json when the digest is not ``expected_digest``.
    """
    manifest = _read_manifest(folder)
    digest = _digest(manifest)
    if expected_digest is not None and digest != expected_digest:
        raise _mismatch(MANIFEST, "digest", expected=expected_digest, found=digest)
    listed = _listed(manifest)
    for name in sorted(set(os.listdir(folder)) - set(listed) - {MANIFEST}):
        raise _mismatch(name, "extra file")
    for name, entry in listed.items():
        _require_plain(folder / name)
        if _entry(folder / name) != entry:
            raise _mismatch(name, "content")
    return digest


def refuse_outside_data(model_file: Path) -> None:
    """Raise PlatformError 422 INVALID_PATH when any tensor of the model lives outside the file, 422 FORMAT_UNKNOWN when it is no model."""
    import onnx

    try:
        model = onnx.load_model(model_file, load_external_data=False)
    except Exception as error:  # protobuf and onnx raise classes of their own for every kind of damage
        raise PlatformError(422, Reason.FORMAT_UNKNOWN, file=MODEL, limit="an ONNX model") from error
    for tensor in _tensors(model):
        if tensor.external_data or tensor.data_location == onnx.TensorProto.EXTERNAL:
            raise PlatformError(422, Reason.INVALID_PATH, field=MODEL, limit="all tensor data inside the file", tensor=tensor.name)


def _tensors(model: onnx.ModelProto) -> Iterator[onnx.TensorProto]:
    """Every tensor of the main graph, its nested graphs and the model's functions. A stack instead of recursion: nesting is foreign."""
    stack: list[Any] = [model.graph, *model.functions]
    while stack:
        part = stack.pop()
        yield from getattr(part, "initializer", ())
        for sparse in getattr(part, "sparse_initializer", ()):
            yield from (sparse.values, sparse.indices)
        for node in part.node:
            for attribute in node.attribute:
                yield from (attribute.t, *attribute.tensors)
                for sparse in (attribute.sparse_tensor, *attribute.sparse_tensors):
                    yield from (sparse.values, sparse.indices)
                stack += [attribute.g, *attribute.graphs]


def _copy_plain(source: Path, target: Path) -> None:
    try:
        descriptor = os.open(source, os.O_RDONLY | os.O_NOFOLLOW)
    except FileNotFoundError as error:
        raise PlatformError(422, Reason.FILE_MISSING, file=source.name) from error
    except OSError as error:
        raise PlatformError(422, Reason.INVALID_PATH, field=source.name, limit="a plain file") from error
    with open(descriptor, "rb") as reader, open(target, "xb") as writer:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise PlatformError(422, Reason.INVALID_PATH, field=source.name, limit="a plain file")
        shutil.copyfileobj(reader, writer, _CHUNK)
    durable.sync(target)


def _publish(partial: Path, target: Path, digest: str) -> None:
    durable.sync(partial)
    if _already(target, digest):
        shutil.rmtree(partial)
        return
    shutil.rmtree(target, ignore_errors=True)
    partial.rename(target)
    durable.sync(target.parent)


def _already(folder: Path, digest: str) -> bool:
    if not folder.is_dir():
        return False
    try:
        return verify(folder, digest) == digest
    except PlatformError:
        return False


def _read_manifest(folder: Path) -> bytes:
    path = folder / MANIFEST
    _require_plain(path)
    if path.stat().st_size > _MAX_MANIFEST_BYTES:
        raise _mismatch(MANIFEST, "size", limit=f"at most {_MAX_MANIFEST_BYTES} bytes")
    return path.read_bytes()


def _listed(manifest: bytes) -> dict[str, dict[str, Any]]:
    """The manifest's entries by name. Only our own canonical spelling of exactly the bundle's files is a manifest."""
    try:
        content = json.loads(manifest)
        entries = {str(entry["name"]): dict(entry) for entry in content["files"]}
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise _mismatch(MANIFEST, "not a manifest") from error
    if tuple(entries) != BUNDLE_FILES or content.get("format") != _FORMAT or _canonical(content) != manifest:
        raise _mismatch(MANIFEST, "not a canonical manifest")
    return entries


def _require_plain(path: Path) -> None:
    try:
        facts = path.lstat()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise _mismatch(path.name, "missing") from error
    if not stat.S_ISREG(facts.st_mode):
        raise _mismatch(path.name, "not a plain file")
    if facts.st_nlink != 1:
        raise _mismatch(path.name, "more than one link")


def _entry(path: Path) -> dict[str, Any]:
    sha = hashlib.sha256()
    size = 0
    with open(path, "rb") as file:
        while chunk := file.read(_CHUNK):
            sha.update(chunk)
            size += len(chunk)
    return {"name": path.name, "sha256": sha.hexdigest(), "size": size}


def _canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _digest(manifest: bytes) -> str:
    return "sha256:" + hashlib.sha256(manifest).hexdigest()


def _mismatch(file: str, why: str, **facts: Any) -> PlatformError:
    return PlatformError(422, Reason.CHECKSUM_MISMATCH, file=file, why=why, **facts)
