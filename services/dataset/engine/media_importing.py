"""Imports folders of pictures and recordings, or a zip of them, as version 1: each file is a blob, each record names one, with its label.

The label is the name of the folder a file lies in. What a file is, its bytes say; each is decoded to its end before it is taken. A zip is
read entry by entry and never unpacked to the disk, so no name in it can lead anywhere; how large an entry may become is bounded whatever it
says of itself.
"""

from __future__ import annotations

import io
import lzma
import os
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Literal

from libs.common.errors import PlatformError, Reason
from libs.common.work.engine import Reporter
from libs.data.beneath import SourceFile, open_beneath, scan
from libs.data.blobs import BlobWriter
from libs.data.options import option, read_options
from libs.data.records import bytes_id
from services.dataset.engine import publishing, shards
from services.dataset.engine.consent import allowed
from services.dataset.engine.job import job_field, refuse_unknown
from services.dataset.engine.media import EXTENSIONS, Bounds, MediaFormat, Medium, medium_of
from services.dataset.engine.region_formats import FORMATS, Matched, Region
from services.dataset.engine.rows import Fault
from services.dataset.engine.shards import OUT, Unit, shard_size
from services.dataset.engine.unpacking import ENTRY, list_bytes

MIB = 1 << 20
HEAD = 16
_ZIP = b"PK\x03\x04"
_CHUNK = 1 << 20
_DAMAGED = (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error, lzma.LZMAError, OSError, ValueError)
"""What a zip raises that is damaged, encrypted or packed in a way that is not known."""


@dataclass(frozen=True, slots=True)
class MediaOptions:
    """What is taken; sizes in bytes."""

    labels: Literal["folder", "none"] = option(
        "folder", en="folder: a file's label is the name of the folder it lies in", zh="folder 表示以文件所在文件夹名为标签"
    )
    regions: Literal["none", "coco", "yolo"] = option(
        "none",
        en="where boxes and polygons stand: coco, in JSON files; yolo, in text files beside the pictures; none: every file is a medium",
        zh="框与多边形的来源：coco 为 JSON 文件，yolo 为图像旁的文本文件；none 表示全部文件都是图像或音频",
    )
    keep_good_files: bool = option(False, en="leave bad files out and count them instead of failing", zh="剔除并统计坏文件，而不是整体失败")
    allow_drop_share: float = allowed()
    max_file_bytes: int = option(64 * MIB, 1, 1 << 32, en="largest file", zh="单个文件上限", unit="bytes")
    max_pixels: int = option(50_000_000, 1, 1_000_000_000, en="most pixels of one image", zh="单张图像像素上限")
    max_seconds: int = option(3600, 1, 86_400, en="longest recording", zh="单段录音最长时间", unit="s")
    max_files: int = option(100_000, 1, 10_000_000, en="most files of one import", zh="单次导入的文件数上限")
    shard_bytes: int = shard_size()


@dataclass(frozen=True, slots=True)
class Entry:
    """One file: its name below the root, or inside a zip; its label; how many bytes it says it has."""

    name: str
    label: str
    size: int


def run(job: Mapping[str, Any], work: Path, report: Reporter) -> dict[str, Any]:
    """job: ``root``, ``paths`` (relative files and folders), ``options`` (MediaOptions).

    Returns records, bytes, content_hash, files, ledger. Raises INVALID_PATH, FILE_MISSING, FILE_TRUNCATED, FILE_TOO_LARGE, FORMAT_UNKNOWN,
    NO_RECORDS_LEFT, TOO_MANY_DROPPED.
    """
    refuse_unknown(job, ("root", "paths", "options"))
    root, options = Path(job_field(job, "root", str)), read_options(MediaOptions, job.get("options"))
    paths: Sequence[str] = job.get("paths") or (".",)
    files = scan(root, paths, options.max_files)
    if not files:
        raise PlatformError(422, Reason.FILE_MISSING, field="paths", limit="at least one file", file=", ".join(paths)[:200])
    inventory = [[file.name, file.size, file.changed] for file in files]
    if (finished := publishing.begin(work, {"engine": "media", "options": asdict(options), "files": inventory})) is not None:
        return finished
    source = _Source(root, files, paths, options, BlobWriter(work / OUT), report)
    stage = publishing.stage_of(work, 0)
    marks = shards.write_stream(stage, source.units, options.shard_bytes)
    return publishing.publish(work, [(stage, marks)], allow=options.allow_drop_share, files=len(files))


class _Source:
    """All files, and all entries of all zips, as one deterministic stream that can be entered at (file, entry)."""

    def __init__(
        self, root: Path, files: Sequence[SourceFile], paths: Sequence[str], options: MediaOptions, blobs: BlobWriter, report: Reporter
    ) -> None:
        self._root, self._files, self._paths, self._options = root, files, paths, options
        self._blobs, self._report = blobs, report
        self._regions = FORMATS[options.regions] if options.regions != "none" else None
        self._matched = self._said()

    def units(self, cursor: Sequence[int] | None) -> Iterator[Unit]:
        """cursor: [file number, entries of it that are done]."""
        first, skip = cursor if cursor is not None else (0, 0)
        for number in range(first, len(self._files)):
            self._report.progress(number, len(self._files), "import")
            yield from self._of(self._files[number], skip if number == first else 0, number)
        for place, name in enumerate(self._matched.lacking if self._matched else ()):
            if first < len(self._files) or place >= skip:
                yield self._left_out(Entry(name, "", 0), _not_there(), [len(self._files), place + 1])

    def _said(self) -> Matched | None:
        """What the files that say regions say of the pictures, which are all listed for it."""
        if self._regions is None:
            return None
        said, pictures = dict[str, bytes](), list[str]()
        for file in self._files:
            with open_beneath(self._root, file.name) as handle:
                for name, data in self._texts(file, handle):
                    if data is None:
                        pictures.append(name)
                    else:
                        said[name] = data
        return Matched(self._regions.read(said), pictures)

    def _texts(self, file: SourceFile, handle: io.BufferedReader) -> Iterator[tuple[str, bytes | None]]:
        """Every file by its name, with what it holds where it may say regions. Damaged archives are told of later, as what they are."""
        if handle.peek(len(_ZIP))[: len(_ZIP)] != _ZIP:
            yield file.name, self._text(file.name, file.size, handle) if self._says(file.name) else None
            return
        self._measure(file, handle)
        with suppress(zipfile.BadZipFile), zipfile.ZipFile(handle) as archive:
            for info in _listed(archive):
                name = f"{file.name}/{info.filename}"[:1000]
                found = _unpacked(archive, info, self._options.max_file_bytes) if self._says(name) else None
                if isinstance(found, Fault):
                    raise PlatformError(422, found.reason, limit=found.limit, file=name, row=1, why=found.why)
                yield name, None if found is None else found.read()

    def _text(self, name: str, size: int, handle: BinaryIO) -> bytes:
        if size > self._options.max_file_bytes:
            limit = f"at most {self._options.max_file_bytes} bytes"
            raise PlatformError(422, Reason.FILE_TOO_LARGE, limit=limit, file=name, row=1, why=f"{size} bytes")
        return handle.read()

    def _says(self, name: str) -> bool:
        return self._regions is not None and PurePosixPath(name).suffix.lower().removeprefix(".") in self._regions.extensions

    def _of(self, file: SourceFile, skip: int, number: int) -> Iterator[Unit]:
        with open_beneath(self._root, file.name) as handle:
            if handle.peek(len(_ZIP))[: len(_ZIP)] == _ZIP:
                yield from self._zipped(file, handle, skip, number)
            elif not skip and not self._says(file.name):
                entry = Entry(file.name, self._label(file.name), file.size)
                yield self._unit(entry, handle, [number + 1, 0])

    def _zipped(self, file: SourceFile, handle: BinaryIO, skip: int, number: int) -> Iterator[Unit]:
        """Its entries in order of name, each in memory by itself."""
        self._measure(file, handle)
        try:
            archive = zipfile.ZipFile(handle)
        except _DAMAGED as error:
            yield self._left_out(Entry(file.name, "", file.size), _damaged(error), [number + 1, 0])
            return
        with archive:
            yield from self._entries(file, archive, skip, number)

    def _entries(self, file: SourceFile, archive: zipfile.ZipFile, skip: int, number: int) -> Iterator[Unit]:
        infos = [info for info in _listed(archive) if not self._says(info.filename)]
        if len(infos) > self._options.max_files:
            raise self._too_many(file)
        if not infos:
            yield self._left_out(Entry(file.name, "", file.size), Fault(Reason.FILE_EMPTY, "at least one file", "empty"), [number + 1, 0])
        for place, info in enumerate(infos[skip:], start=skip + 1):
            entry = Entry(f"{file.name}/{info.filename}"[:1000], self._folder(info.filename), info.file_size)
            cursor = [number, place] if place < len(infos) else [number + 1, 0]
            found = _unpacked(archive, info, self._options.max_file_bytes)
            yield self._left_out(entry, found, cursor) if isinstance(found, Fault) else self._unit(entry, found, cursor)

    def _measure(self, file: SourceFile, handle: BinaryIO) -> None:
        """The list of a zip is read whole, so its size is asked before."""
        if list_bytes(handle) > MIB + self._options.max_files * ENTRY:
            raise self._too_many(file)

    def _too_many(self, file: SourceFile) -> PlatformError:
        return PlatformError(422, Reason.TOO_LARGE, field="paths", limit=f"at most {self._options.max_files} files", file=file.name)

    def _unit(self, entry: Entry, handle: BinaryIO, cursor: list[int]) -> Unit:
        options = self._options
        if entry.size > options.max_file_bytes:
            return self._left_out(entry, _too_large(options.max_file_bytes, entry.size), cursor)
        head = handle.read(HEAD)
        handle.seek(0)
        medium = medium_of(head)
        if medium is None:
            return self._left_out(entry, Fault(Reason.FORMAT_UNKNOWN, ", ".join(sorted(EXTENSIONS)), "another kind of file"), cursor)
        found = medium.read(handle, Bounds(options.max_pixels, options.max_seconds))
        regions = self._regions_of(entry, found)
        fault = next((each for each in (found, regions) if isinstance(each, Fault)), None)
        if fault is not None or isinstance(found, Fault):
            assert fault is not None
            return self._left_out(entry, fault, cursor)
        handle.seek(0)
        blob = self._blobs.add(handle, found.media_type, found.facts)
        said = {"regions": regions} if regions else {}
        return Unit(cursor, {**self._record(medium, blob.digest, entry), **said}, blob=blob.to_json())

    def _regions_of(self, entry: Entry, found: Medium | Fault) -> list[Region] | Fault | None:
        if self._matched is None or isinstance(found, Fault) or "width" not in found.facts:
            return None
        return self._matched.regions(entry.name, (int(found.facts["width"]), int(found.facts["height"])))

    def _record(self, medium: MediaFormat, digest: str, entry: Entry) -> dict[str, Any]:
        label = {"label": entry.label} if entry.label and self._options.labels == "folder" else {}
        return {medium.field: {"blob": digest}, **label, "source": entry.name}

    def _left_out(self, entry: Entry, fault: Fault, cursor: list[int]) -> Unit:
        if not self._options.keep_good_files:
            raise PlatformError(422, fault.reason, limit=fault.limit, file=entry.name, row=1, why=fault.why)
        told = f"{fault.why}; must be {fault.limit}"
        line = {"id": bytes_id(entry.name.encode()), "rule": fault.reason.name, "rule_version": 1, "reason": told}
        return Unit(cursor, rejection={**line, "score": None, "threshold": None, "source": entry.name, "excerpt": ""})

    def _label(self, name: str) -> str:
        """Of a file on the disk: below the path that was asked for, so that naming the folder itself gives no label to all of it."""
        base = next((path for path in self._paths if PurePosixPath(name).is_relative_to(path)), ".")
        return self._folder(str(PurePosixPath(name).relative_to(base)) if base != name else "")

    @staticmethod
    def _folder(name: str) -> str:
        parts = [part for part in PurePosixPath(name.replace("\\", "/")).parts if part not in ("/", "..")]
        return parts[-2][:200] if len(parts) > 1 else ""


def _too_large(most: int, size: int) -> Fault:
    return Fault(Reason.FILE_TOO_LARGE, f"at most {most} bytes", f"{size} bytes")


def _not_there() -> Fault:
    return Fault(Reason.FILE_MISSING, "a picture that is there", "regions of a picture that is not")


def _damaged(error: Exception) -> Fault:
    return Fault(Reason.FILE_TRUNCATED, "a complete zip without a password", type(error).__name__)


def _listed(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    return sorted(filter(_wanted, archive.infolist()), key=lambda info: info.filename)


def _wanted(info: zipfile.ZipInfo) -> bool:
    """Files that somebody can see; what systems put beside them is nobody's picture."""
    parts = PurePosixPath(info.filename).parts
    return not info.is_dir() and not any(part == "__MACOSX" or (part.startswith(".") and part != "..") for part in parts)


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> BinaryIO | Fault:
    """An entry in memory; a fault for one that is damaged, or larger than ``most``, whatever it says of itself."""
    if info.file_size > most:
        return _too_large(most, info.file_size)
    found = io.BytesIO()
    try:
        with archive.open(info) as packed:
            while found.tell() <= most and (chunk := packed.read(_CHUNK)):
                found.write(chunk)
    except _DAMAGED as error:
        return _damaged(error)
    size = found.seek(0, os.SEEK_END)
    found.seek(0)
    return found if size <= most else _too_large(most, size)
