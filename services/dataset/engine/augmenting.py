"""Augmentation: every record stays as it is, and beside it stand the records that were made of it.

What is drawn for a child depends on the seed, the way it is made, what its parent says, and its number: not on order, time or sharding. A
child carries the id of its parent and the family of both (``libs.data.records``), so that a split keeps them on one side, whatever a later
step makes of either. Its own account: ``in + added = out``, as nothing is dropped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from libs.common.errors import Reason, invalid
from libs.common.work.engine import Reporter
from libs.data.options import deciding
from libs.data.records import FAMILY, PARENT, Record, family_of, record_id
from libs.data.versions import PartFile, read_manifest, read_part
from services.dataset.engine import publishing, shards
from services.dataset.engine.augmentations import AUGMENTATIONS, Augmentation, MadeOptions, Variation
from services.dataset.engine.draw import Draw
from services.dataset.engine.job import job_field, refuse_unknown
from services.dataset.engine.made_media import Media
from services.dataset.engine.shards import ShardWriter, Stage

_OWN = ("own_id", "own_source")  # the row's names for itself: a child is no row


def run(job: Mapping[str, Any], work: Path, report: Reporter) -> dict[str, Any]:
    """job: ``input`` (folder of a version), ``augmentation`` (one of AUGMENTATIONS), ``options`` (of its own class).

    Returns records, bytes, content_hash, ledger, augmented (records that something was made of). Raises CHECKSUM_MISMATCH.
    """
    refuse_unknown(job, ("input", "augmentation", "options"))
    folder, kind = Path(job_field(job, "input", str)), named(job_field(job, "augmentation", str))
    options = kind.read(job.get("options"))
    manifest = read_manifest(folder)
    facts = {"engine": "augmenting", "augmentation": kind.name, "version": kind.variation(options).version}
    facts |= {"options": deciding(kind.options, asdict(options)), "input": manifest.facts()}
    if (finished := publishing.begin(work, facts)) is not None:
        return finished
    stage, count = publishing.stage_of(work, 0), len(manifest.files)
    work_one = partial(augment_shard, folder, manifest.files, kind.name, options, stage.folder)
    marks = shards.map_shards(stage, count, work_one, options.processes, lambda done: report.progress(done, count, "augment"))
    augmented = sum(mark.facts["augmented"] for mark in marks)
    return publishing.publish(work, [(stage, marks)], source=folder, augmented=augmented)


def named(name: Any) -> Augmentation:
    """Raises PlatformError 400 for an augmentation that is not known."""
    if not isinstance(name, str) or name not in AUGMENTATIONS:
        raise invalid("augmentation", Reason.UNKNOWN_ENUM, "one of " + ", ".join(AUGMENTATIONS))
    return AUGMENTATIONS[name]


def augment_shard(folder: Path, files: tuple[PartFile, ...], name: str, options: MadeOptions, stage: Path, index: int) -> None:
    """Writes the records of shard ``index``, each followed by its children."""
    media, augmented = Media(folder, stage, index), 0
    variation = AUGMENTATIONS[name].variation(options).over(media)
    with ShardWriter(Stage(stage), index) as writer:
        for record in read_part(folder, files[index]):
            writer.ledger.entered += 1
            made = list(children(record, name, variation, options))
            augmented += bool(made)
            writer.keep({FAMILY: record["id"], **record} if made else record)
            for child in made:
                writer.ledger.added += 1
                writer.keep(child)
        writer.finish({"augmented": augmented, **media.facts()})


def children(record: Record, name: str, variation: Variation, options: MadeOptions) -> Iterator[Record]:
    """What is made of one record; none of what says the same as it or as an earlier one."""
    if PARENT in record and not options.of_made:
        return
    drawn = (options.seed, name, variation.version, record["id"])
    if Draw(*drawn).share() >= options.share:
        return
    known = {record["id"]}
    for number in range(options.copies):
        child = _child(record, variation.vary(record, Draw(*drawn, number)))
        if child is not None and (id := record_id(child)) not in known:
            known.add(id)
            yield child


def _child(record: Record, varied: Record | None) -> Record | None:
    if varied is None:
        return None
    own = {key: value for key, value in record.items() if key not in _OWN}
    return {**own, **varied, PARENT: record["id"], FAMILY: family_of(record) or record["id"]}
