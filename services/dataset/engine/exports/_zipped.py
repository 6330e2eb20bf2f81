"""A zip of the files that records name, the same bytes for the same version; and what the formats with regions share."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from libs.common.errors import PlatformError, Reason, invalid
from libs.data.blobs import KEY, Blob
from libs.data.records import Record, content_of
from libs.data.versions import read_manifest
from services.dataset.engine.exports import Version
from services.dataset.engine.regions import checked

CHUNK = 1 << 20
FIELDS = ("image", "audio", "video")
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Held:
    """A record with the file it names. name: of the file, below the folder of its label."""

    record: Record
    field: str
    blob: Blob
    name: str

    @property
    def size(self) -> tuple[int, int]:
        return int(self.blob.facts["width"]), int(self.blob.facts["height"])


class Zip:
    def __init__(self, version: Version, out: BinaryIO) -> None:
        self._folder, self._archive = version.folder, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED)

    def __enter__(self) -> Zip:
        return self

    def __exit__(self, *error: object) -> None:
        self._archive.close()

    def blob(self, name: str, blob: Blob) -> None:
        """Raises CHECKSUM_MISMATCH for a damaged one."""
        digest = hashlib.sha256()
        with self._open(name) as out, (self._folder / blob.name).open("rb") as handle:
            while chunk := handle.read(CHUNK):
                digest.update(chunk)
                out.write(chunk)
        if f"sha256:{digest.hexdigest()}" != blob.digest:
            raise PlatformError(422, Reason.CHECKSUM_MISMATCH, field="input", limit="the bytes that were published", file=blob.name)

    def text(self, name: str, pieces: Iterable[str]) -> None:
        with self._open(name) as out:
            for piece in pieces:
                out.write(piece.encode())

    def _open(self, name: str) -> Any:
        info = zipfile.ZipInfo(name, _FIRST_DAY)
        info.external_attr = 0o644 << 16
        return self._archive.open(info, "w", force_zip64=True)


def held(version: Version, fields: tuple[str, ...] = FIELDS, folders: bool = True) -> Iterator[Held]:
    """Every record that names a file, in order; a file that several records name has a name for each. Raises INVALID_ARGUMENT for a version
    without any."""
    blobs = {blob.digest: blob for blob in read_manifest(version.folder).blobs}
    seen: Counter[str] = Counter()
    for record in version.records():
        field = next((field for field in fields if isinstance(record.get(field), Mapping)), "")
        blob = blobs.get(str(record[field].get(KEY))) if field else None
        if blob is not None:
            stem = _folder(record.get("label") if folders else None) + blob.digest.removeprefix("sha256:")[:16]
            seen[stem] += 1
            again = f"_{seen[stem]:05d}" if seen[stem] > 1 else ""  # behind the first in order of names, too
            yield Held(record, field, blob, f"{stem}{again}.{blob.media_type.partition('/')[2]}")
    if not seen:
        raise invalid("format", limit="one for a version whose records name files: " + ", ".join(fields))


def comes_back(each: Held, regions: list[dict[str, Any]] | None = None, label: bool = True) -> bool:
    """Whether an import of the zip makes the record anew: with these regions, and perhaps the label that is its folder."""
    made: dict[str, Any] = {each.field: {KEY: each.blob.digest}, **({"regions": regions} if regions else {})}
    folder = each.name.rpartition("/")[0]
    return content_of(each.record) == made | ({"label": folder} if label and folder else {})


def label_of(region: Mapping[str, Any]) -> str:
    """What a format must call a region that has no name."""
    label = region.get("label")
    return label if isinstance(label, str) and label else "region"


def labels(version: Version) -> list[str]:
    return sorted({label_of(region) for each in held(version, ("image",)) for region in checked(each.record)})


def written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _folder(label: Any) -> str:
    """A label that can be the name of a folder."""
    plain = isinstance(label, str) and label == label.strip() and 0 < len(label.encode("utf-8", "replace")) <= 150
    return f"{label}/" if plain and not label.startswith(".") and not set(label) & set('/\\:*?"<>|\0') and label.isprintable() else ""
