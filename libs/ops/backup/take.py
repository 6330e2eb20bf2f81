"""Taking a backup. Records first, at one moment; then the artifacts, which never change and are there before a record names them."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from libs.common.settings import Settings
from libs.common.store.storage import MANIFEST, ArtifactStore
from libs.ops.backup import archive
from libs.ops.backup.moment import Records, moment

_LINES = 1000  # encoded at once


@dataclass(frozen=True)
class Taken:
    """moment: milliseconds. damaged: artifacts whose bytes were no longer those that were published; they are in the backup as they are."""

    path: Path
    moment: int
    records: int
    artifacts: int
    keys: int
    bytes: int
    damaged: list[str]


def take(settings: Settings, path: Path, keys: bool = True) -> Taken:
    """Writes a backup of the platform of these settings to ``path``, whether it runs or not. Changes nothing. Raises ALREADY_EXISTS."""
    with archive.writing(path) as writer:
        with moment(settings) as (now, stores):
            services = {records.service: _add_records(writer, records, path.parent) for records in stores}
        found = _add_artifacts(writer, settings.home_path)
        signing = _add_keys(writer, settings.keys_path) if keys else 0
        writer.finish({"moment": now, "services": services})
    rows = sum(count for each in services.values() for count in each["tables"].values())
    return Taken(path, now, rows, len(found), signing, path.stat().st_size, sorted(name for name, whole in found.items() if not whole))


def _add_records(writer: archive.Writer, records: Records, folder: Path) -> dict[str, Any]:
    counts = {}
    for table in records.tables():
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".records-") as lines:  # a tar wants to know sizes beforehand; 0600
            columns, count = records.columns(table), 0
            encoder, batch = msgspec.json.Encoder(), [columns]
            for row in records.rows(table, columns):
                batch.append(row)
                count += 1
                if len(batch) >= _LINES:
                    lines.write(encoder.encode_lines(batch))
                    batch = []
            lines.write(encoder.encode_lines(batch))
            lines.flush()
            writer.add(f"records/{records.service}/{table}.jsonl", Path(lines.name))
            counts[table] = count
    return {"revision": records.revision, "platform": records.platform, "tables": counts}


def _add_artifacts(writer: archive.Writer, home: Path) -> dict[str, bool]:
    """digest -> whether its bytes are those that were published."""
    if not (home / "artifacts").is_dir():
        return {}
    store, found = ArtifactStore(home / "artifacts"), {}
    for digest in store.digests():
        folder = store.open(digest, verify=False)
        taken = {
            file.relative_to(folder).as_posix(): writer.add(f"artifacts/{digest.removeprefix('sha256:')}/{name}", file)
            for file in sorted(folder.rglob("*"))
            if file.is_file() and not file.is_symlink() and (name := file.relative_to(folder).as_posix())
        }
        found[digest] = _whole(folder, taken)
    return found


def _whole(folder: Path, taken: dict[str, str]) -> bool:
    try:
        published = json.loads((folder / MANIFEST).read_bytes())["files"]
        return {name: facts["sha256"] for name, facts in published.items()} == {n: s for n, s in taken.items() if n != MANIFEST}
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _add_keys(writer: archive.Writer, folder: Path) -> int:
    found = [file for part in ("private", "public") for file in sorted((folder / part).glob("*.json"))]
    for file in found:
        writer.add(f"keys/{file.parent.name}/{file.name}", file)
    return len(found)
