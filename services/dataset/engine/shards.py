"""Runs a task shard by shard so that a killed run goes on where it was, and its output equals that of an undisturbed run.

A stage is a folder. Each shard writes its streams beside, flushes and renames them, then writes its done mark: a shard with a mark is
never run again. Output name = shard id: nothing depends on the order in which shards finish. ``publishing`` makes the last stage the
output.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from libs.common import durable
from libs.common.work.engine import Reporter
from libs.data.options import option
from libs.data.records import Record, canonical, identified, line_as_is
from libs.data.versions import PartFile, PartWriter, part_name, write_ids
from services.dataset.engine.ledger import Ledger

OUT, DROPPED, CHANGES = "out", "dropped", "changes"
SIDE = (DROPPED, CHANGES)
T = TypeVar("T")


def working_processes(default: int = 1) -> Any:
    """The option of every engine that works on several shards at once."""
    return option(default, 1, 64, en="processes that work at once", zh="并行进程数", changes_output=False)


def shard_size() -> Any:
    """The option of every engine that decides how its output is cut."""
    return option(
        8 << 20,
        1,
        1 << 30,
        unit="bytes",
        en="a part file is closed by the record that reaches this size",
        zh="分片文件达到该大小后换新文件",
    )


@dataclass(frozen=True, slots=True)
class Mark:
    """The done mark of one shard: its files per stream, its counts, and facts the stage keeps (a cursor, for example)."""

    parts: dict[str, PartFile]
    ledger: Ledger
    facts: dict[str, Any] = field(default_factory=dict)


class Stage:
    """One pass over all shards, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def part(self, stream: str, index: int) -> Path:
        return self.folder / stream / part_name(index)

    def ids(self, stream: str, index: int) -> Path:
        return self.part(stream, index).with_suffix(".ids")

    def _mark(self, index: int) -> Path:
        return self.folder / "done" / f"{index:05d}.json"

    def mark(self, index: int) -> Mark | None:
        """The done mark of shard ``index``, None while it is not done."""
        values = durable.read_json(self._mark(index))
        if values is None:
            return None
        parts = {stream: PartFile(**file) for stream, file in values["parts"].items()}
        return Mark(parts, Ledger.from_json(values["ledger"]), values["facts"])

    def finish(self, index: int, mark: Mark) -> None:
        """Declares shard ``index`` done. Raises INTERNAL when its ledger does not add up."""
        mark.ledger.check()
        parts = {stream: asdict(file) for stream, file in mark.parts.items()}
        durable.write_json(self._mark(index), {"parts": parts, "ledger": mark.ledger.to_json(), "facts": mark.facts})


class ShardWriter:
    """The output of one shard. Kept records get the id of their content unless the stage is an inner one (``rehash=False``)."""

    def __init__(self, stage: Stage, index: int, streams: Sequence[str] = (OUT,), rehash: bool = True) -> None:
        self._stage, self._index, self._rehash = stage, index, rehash
        self._writers = {stream: PartWriter(stage.part(stream, index)) for stream in streams}
        self._ids: dict[str, list[str]] = {stream: [] for stream in streams}
        self.ledger = Ledger()

    @property
    def size(self) -> int:
        """Bytes written so far, all streams."""
        return sum(writer.size for writer in self._writers.values())

    def keep(self, record: Record, stream: str = OUT, changed_by: Sequence[str] = ()) -> None:
        """Writes a record; ``changed_by`` leaves a line that leads from the new id to the old one."""
        if not self._rehash:
            self._writers[stream].write(line_as_is(record))
        else:
            kept, line = identified(record)
            self._writers[stream].write(line)
            self._ids[stream].append(kept["id"])
            if changed_by:
                self._change(record.get("id"), kept["id"], changed_by, record.get("source", ""))
        self.ledger.left += 1

    def _change(self, old: str | None, new: str, rules: Sequence[str], source: Any) -> None:
        line = {"id": old, "new_id": new, "rules": list(rules), "source": source}
        self._write_aside(CHANGES, line)

    def drop(self, rejection: Mapping[str, Any]) -> None:
        self._write_aside(DROPPED, rejection)
        self.ledger.dropped[rejection["rule"]] += 1

    def _write_aside(self, stream: str, line: Mapping[str, Any]) -> None:
        if stream not in self._writers:
            self._writers[stream] = PartWriter(self._stage.part(stream, self._index))
        self._writers[stream].write((canonical(line) + "\n").encode())

    def finish(self, facts: Mapping[str, Any] | None = None) -> Mark:
        """Closes all streams and marks the shard done."""
        parts = {stream: writer.close() for stream, writer in self._writers.items()}
        for stream, ids in self._ids.items():
            write_ids(self._stage.ids(stream, self._index), ids)
        for stream in parts:
            durable.sync(self._stage.part(stream, self._index).parent)
        mark = Mark(parts, self.ledger, dict(facts or {}))
        self._stage.finish(self._index, mark)
        return mark

    def abandon(self) -> None:
        for writer in self._writers.values():
            writer.abandon()

    def __enter__(self) -> ShardWriter:
        return self

    def __exit__(self, *error: object) -> None:
        self.abandon()


@dataclass(frozen=True, slots=True)
class Unit:
    """One step of a stream: a kept record or a rejection, and where to go on after it. extra: made of an input that was counted already.
    blob: that the record names, as the manifest will say it."""

    cursor: Any
    kept: Record | None = None
    rejection: Mapping[str, Any] | None = None
    extra: bool = False
    blob: Mapping[str, Any] | None = None


def write_stream(
    stage: Stage, units: Callable[[Any], Iterator[Unit]], shard_bytes: int, tick: Callable[[Any], None] | None = None
) -> list[Mark]:
    """Cuts a sequential stream into shards of about ``shard_bytes``.

    units: gives the stream from a cursor (None = the start); it must be deterministic. tick: called with the cursor after each shard.
    """
    marks: list[Mark] = []
    while (mark := stage.mark(len(marks))) is not None:
        marks.append(mark)
    if marks and marks[-1].facts["last"]:
        return marks
    stream = units(marks[-1].facts["cursor"] if marks else None)
    last = False
    while not last:
        with ShardWriter(stage, len(marks)) as writer:
            cursor, last, blobs = _fill(writer, stream, shard_bytes)
            marks.append(writer.finish({"cursor": cursor, "last": last, **({"blobs": blobs} if blobs else {})}))
        if tick is not None:
            tick(cursor)
    return marks


def _fill(writer: ShardWriter, stream: Iterator[Unit], shard_bytes: int) -> tuple[Any, bool, list[Mapping[str, Any]]]:
    cursor = None
    blobs: dict[str, Mapping[str, Any]] = {}
    for unit in stream:
        cursor = unit.cursor
        writer.ledger.added += unit.extra
        writer.ledger.entered += not unit.extra
        if unit.kept is not None:
            writer.keep(unit.kept)
        if unit.blob is not None:
            blobs[unit.blob["digest"]] = unit.blob
        if unit.rejection is not None:
            writer.drop(unit.rejection)
        if writer.size >= shard_bytes:
            return cursor, False, list(blobs.values())
    return cursor, True, list(blobs.values())


def ticker(report: Reporter, total: int) -> Callable[[int], None]:
    """Tells how many of ``total`` shards a conversion has done."""
    return lambda done: report.progress(done, total, "convert")


def map_shards(stage: Stage, count: int, work: Callable[[int], T], processes: int, tick: Callable[[int], None]) -> list[Mark]:
    """Runs ``work(index)`` for each of ``count`` shards that has no done mark yet, in ``processes`` processes (1: in this one).

    work: picklable; ends by ``ShardWriter.finish``. tick: called with the number of shards done.
    """
    open_shards = [index for index in range(count) if stage.mark(index) is None]
    done = count - len(open_shards)
    tick(done)
    for _ in _results(open_shards, work, min(processes, len(open_shards))):
        done += 1
        tick(done)
    marks = [stage.mark(index) for index in range(count)]
    return [mark for mark in marks if mark is not None]


def _results(indexes: Sequence[int], work: Callable[[int], T], processes: int) -> Iterator[T]:
    if processes <= 1:
        yield from map(work, indexes)
        return
    import multiprocessing

    # spawn, not fork: a worker's parent may run threads, and a forked lock would never be released
    pool = ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), initializer=_end_with_parent)
    try:
        running = {pool.submit(work, index) for index in indexes}
        while running:
            finished, running = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                yield future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _end_with_parent() -> None:
    """Makes a pool process leave when its parent was killed: nothing else tells it."""
    import multiprocessing
    import threading
    from multiprocessing.connection import wait as wait_for

    parent = multiprocessing.parent_process()
    if parent is not None:
        sentinel = parent.sentinel
        threading.Thread(target=lambda: (wait_for([sentinel]), os._exit(1)), daemon=True).start()
