"""The verb that takes a finished evaluation out of the platform as one file. What is stored never changes, so neither do the bytes: a piece
may come from another process than the piece before."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, BinaryIO

import msgspec

from libs.common.context import CallContext
from libs.common.errors import PlatformError, Reason, invalid
from libs.common.store.repository import PageRequest
from services.eval.domain.item import EvalItem
from services.eval.domain.task import EvalTask
from services.eval.engine.report import LANGUAGES, Report, html, jsonl
from services.eval.service.grids import Grids

PIECE = 2 << 20  # bytes of one answer
KEPT = 4  # files
PAGE = 500
MEDIA = {"html": "text/html; charset=utf-8", "jsonl": "application/x-ndjson"}
_NO_NAME = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')  # signs that some system refuses in the name of a file


@dataclass(frozen=True)
class File:
    """name: to save it under."""

    name: str
    media_type: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class FilePiece:
    file: File
    data: bytes


@dataclass(frozen=True)
class Written:
    """handle: without a name on the disk, so that the file is gone with the last one who reads it."""

    file: File
    handle: BinaryIO


class Exports(Grids):
    written: OrderedDict[tuple[int, str, str], Written]

    def fetch_task_export(self, ctx: CallContext, *, task_id: int, format: str, language: str = "en", offset: int = 0) -> FilePiece:
        """Bytes from ``offset`` on, none behind the end. Raises NOT_FOUND, PURGED, UNKNOWN_ENUM, ILLEGAL_TRANSITION."""
        for field, value, known in (("format", format, list(MEDIA)), ("language", language, list(LANGUAGES))):
            if value not in known:
                raise invalid(field, Reason.UNKNOWN_ENUM, "one of " + ", ".join(known), value=value)
        task = self._readable(ctx, task_id, "task_id")
        found = self._written(ctx, task, format, language)
        return FilePiece(found.file, os.pread(found.handle.fileno(), PIECE, offset))

    def _written(self, ctx: CallContext, task: EvalTask, format: str, language: str) -> Written:
        """Made at the first look, and kept for those that follow."""
        key = (task.id, format, language)
        found = self.written.get(key) or self._write(ctx, task, format, language)
        self.written[key] = found
        while len(self.written) > KEPT:
            self.written.popitem(last=False)
        return found

    def _write(self, ctx: CallContext, task: EvalTask, format: str, language: str) -> Written:
        handle, digest = tempfile.TemporaryFile(), hashlib.sha256()  # noqa: SIM115  # stays open for the pieces that follow
        items = self._all_items(ctx, task)
        for text in jsonl(items) if format == "jsonl" else html(self._report(ctx, task), items, language):
            data = text.encode()
            digest.update(data)
            handle.write(data)
        handle.flush()
        name = f"{_NO_NAME.sub('_', task.name or 'evaluation')}-{task.id}.{format}"
        return Written(File(name, MEDIA[format], handle.tell(), digest.hexdigest()), handle)

    def _all_items(self, ctx: CallContext, task: EvalTask) -> Iterator[EvalItem]:
        cursor: str | None = None
        while True:
            with self.db.read() as conn:
                page = self.store.items.in_order(conn, ctx, task.id, PageRequest(cursor, PAGE), only_wrong=False)
            yield from page.items
            if (cursor := page.next_cursor) is None:
                return

    def _report(self, ctx: CallContext, task: EvalTask) -> Report:
        snapshot, prompt = task.snapshot, task.snapshot.get("prompt") or {}
        facts = {
            "name": task.name,
            "id": str(task.id),
            "model": self._model_name(ctx, task),
            "digest": task.target_digest,
            "test": str(task.dataset_version_id),
            "test_hash": snapshot["dataset"]["content_hash"],
            "prompt": f"{prompt['prompt_id']} v{prompt['number']} {prompt['content_hash']}" if prompt else "",
            "system": prompt.get("system", ""),
            "template": prompt.get("template", ""),
            "options": msgspec.json.encode(snapshot["config"]["options"]).decode(),
            "ended": datetime.fromtimestamp(task.finish_time / 1000, UTC).isoformat(timespec="seconds"),
            "verdict": task.verdict,
        }
        return Report(task.name, {key: value for key, value in facts.items() if value}, task.metrics, task.items, task.failed_items)

    def _model_name(self, ctx: CallContext, task: EvalTask) -> str:
        """Of a model that is gone, its ids."""
        try:
            version: Any = self._model.call(ctx, "GetVersion", id=task.model_version_id).model_version
            return f"{self._model.call(ctx, 'GetProject', id=task.model_id).project.name} v{version.number}"
        except PlatformError as error:
            if error.reason != Reason.NOT_FOUND:
                raise
            return f"{task.model_id} / {task.model_version_id}"
