"""Makes the finished stages of a task its output, in an order that a kill cannot spoil.

Drops, changes and ledger are gathered, then parts are moved to ``work / "out"`` beside them, manifests are written, and last the task's
result: a run that finds a result returns it. A run that was killed in between finds every part either still in its stage or already moved.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from libs.common import durable
from libs.common.errors import PlatformError, Reason
from libs.data.blobs import Blob, BlobWriter, blob_from_json, named_in
from libs.data.records import canonical, text_id
from libs.data.versions import PartFile, merged_ids, part_name, read_manifest, read_part, write_manifest
from services.dataset.engine.consent import ask_first, summary, told
from services.dataset.engine.job import internal
from services.dataset.engine.ledger import total
from services.dataset.engine.shards import DROPPED, OUT, SIDE, Mark, Stage

STAGES, RESULT, LEDGER = "stages", "result.json", "ledger.json"


def begin(work: Path, fingerprint: Mapping[str, Any]) -> dict[str, Any] | None:
    """The result of an earlier, finished attempt; None when there is work to do.

    fingerprint: what decides the output. A folder that holds another job's leftovers is emptied first.
    """
    work.mkdir(parents=True, exist_ok=True)
    mine = text_id(canonical(fingerprint))
    if durable.read_json(work / "job.json") != {"job": mine}:
        for name in (STAGES, OUT, *SIDE):
            durable.remove(work / name)
        (work / RESULT).unlink(missing_ok=True)
        durable.write_json(work / "job.json", {"job": mine}, sync_parent=False)  # when it is lost, the work starts over
    result: dict[str, Any] | None = durable.read_json(work / RESULT)
    if result is not None:
        durable.remove(work / STAGES)
    return result


def stage_of(work: Path, number: int) -> Stage:
    """The folder of pass ``number`` inside a task's work folder."""
    return Stage(work / STAGES / f"{number:02d}")


def publish(
    work: Path,
    stages: Sequence[tuple[Stage, Sequence[Mark]]],
    streams: Sequence[str] = (OUT,),
    *,
    allow: float | None = None,
    source: Path | None = None,
    **facts: Any,
) -> dict[str, Any]:
    """Makes the finished stages of a task its output and returns the task's result.

    streams: ``("out",)`` gives one version in ``work/out``; other names give one version each in ``work/out/<name>``.
    allow: share of the records that may be dropped unasked, None where that says nothing (one input becomes several outputs).
    source: the version that was worked on; the blobs that records still name come along by a link.
    Raises NO_RECORDS_LEFT when a version would be empty, TOO_MANY_DROPPED. ``facts`` go into the result as they are.
    """
    ledger = total([mark.ledger for mark in stages[0][1]])
    for _, marks in stages[1:]:
        ledger = ledger.followed_by(total([mark.ledger for mark in marks]))
    ledger.check()
    for side in SIDE:  # before anything is refused: what would go can then be read
        _gather(work / side, stages, side)
    durable.write_json(work / DROPPED / LEDGER, ledger.to_json())
    last, marks = stages[-1]
    for stream in streams:
        if not any(mark.parts[stream].records for mark in marks):
            why = summary(told(stages)[0]) or None
            raise PlatformError(422, Reason.NO_RECORDS_LEFT, field=stream, limit=why, ledger=ledger.to_json())
    if allow is not None:
        ask_first(ledger, stages, allow)
    versions = {stream: _publish_version(work, last, marks, stream, source) for stream in streams}
    result = {**facts, "ledger": ledger.to_json(), **versions.get(OUT, versions)}
    durable.write_json(work / RESULT, result)
    durable.remove(work / STAGES)
    return result


def _publish_version(work: Path, stage: Stage, marks: Sequence[Mark], stream: str, source: Path | None) -> dict[str, Any]:
    folder = work / OUT if stream == OUT else work / OUT / stream
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for index, mark in enumerate(marks):
        if mark.parts[stream].records:
            files.append(mark.parts[stream])
            _move(stage.part(stream, index), folder / part_name(index))
    durable.sync(folder)
    blobs = _blobs(folder, files, stage, marks, source)
    manifest = write_manifest(folder, files, merged_ids(stage.ids(stream, index) for index in range(len(marks))), blobs)
    return {"records": manifest.records, "bytes": manifest.bytes, "content_hash": manifest.content_hash}


def _blobs(folder: Path, files: Sequence[PartFile], stage: Stage, marks: Sequence[Mark], source: Path | None) -> tuple[Blob, ...]:
    """Those that came with the shards, and those of the source, as far as a record names them."""
    known = {blob.digest: (home, blob) for mark in marks for home, blob in _came(folder, stage, mark)}
    if source is not None:
        known |= {blob.digest: (source, blob) for blob in read_manifest(source).blobs}
    if not known:
        return ()
    writer = BlobWriter(folder)
    for digest in {digest for file in files for record in read_part(folder, file) for digest in named_in(record)} & known.keys():
        writer.share(*known[digest])
    return writer.blobs()


def _came(folder: Path, stage: Stage, mark: Mark) -> Iterator[tuple[Path, Blob]]:
    """The blobs that came with a shard, each with the folder it is in: the version's own, or one of the stage."""
    home = stage.folder / mark.facts["blobs_in"] if "blobs_in" in mark.facts else folder
    return ((home, blob_from_json(blob)) for blob in mark.facts.get("blobs", ()))


def _move(part: Path, target: Path) -> None:
    if part.exists():
        os.replace(part, target)
    elif not target.exists():  # a killed attempt had moved it already, or it is lost
        raise internal("stage", file=part.name)


def _gather(folder: Path, stages: Sequence[tuple[Stage, Sequence[Mark]]], stream: str) -> None:
    """One part per shard: what all stages left in ``stream``, in stage order."""
    folder.mkdir(parents=True, exist_ok=True)
    for index in range(max(len(marks) for _, marks in stages)):
        sources = [stage.part(stream, index) for stage, marks in stages if index < len(marks) and stream in marks[index].parts]
        if sources:
            with durable.written(folder / part_name(index)) as handle:
                for source in sources:
                    handle.write(source.read_bytes())
