"""Files that leave the platform for this machine: never over one that is there, unless that is said."""

from __future__ import annotations

from pathlib import Path

from libs.client.cli.base import say
from libs.client.cli.intake import bytes_bar
from libs.client.sdk import ApiError, Json, Modelyard


def saved(client: Modelyard, version: str, path: Path, format: str | None, spreadsheet: bool, force: bool) -> Json:
    """Exports a version to ``path`` with a bar while it goes; what it says of the file. Raises ApiError."""
    format = format or {".csv": "csv", ".parquet": "parquet"}.get(path.suffix.lower(), "jsonl")
    target = path
    if path.is_dir() and not force:  # its name is known once it is made
        target = path / _name(client, version, format, spreadsheet)
    if target.exists() and not target.is_dir() and not force:
        raise _refused(
            target, say(f"{target} is there already; name another file, or add --force.", f"{target} 已存在，请换个名称或加 --force。")
        )
    with bytes_bar() as bar:
        shown = bar.add_task(path.name[:40] or format, total=None)

        def told(done: int, total: int) -> None:
            bar.update(shown, completed=done, total=total)

        try:
            found = client.datasets.export(version, path, format, spreadsheet=spreadsheet, on_progress=told)
        except OSError as error:
            raise _refused(
                target, say(f"{target} cannot be written: {error.strerror}.", f"{target} 无法写入：{error.strerror}。")
            ) from None
    return _told(found)


def _name(client: Modelyard, version: str, format: str, spreadsheet: bool) -> str:
    return str(client.datasets.prepared(version, format, spreadsheet)["file"]["name"])


def _told(found: Json) -> Json:
    facts: Json = {key: found[key] for key in ("path", "format", "records", "same_records", "escaped_cells", "columns") if key in found}
    return {**facts, "bytes": found["file"]["bytes"], "sha256": found["file"]["sha256"]}


def _refused(path: Path, message: str) -> ApiError:
    return ApiError({"code": 400, "reason": "INVALID_PATH", "field": "FILE", "limit": str(path), "message": message})
