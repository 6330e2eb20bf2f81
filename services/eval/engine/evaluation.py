"""One evaluation, told from top to bottom. Entry point: ``run(job, work, report)``.

Law: killed at any moment and started again with the same job and folder, it goes on behind the last item on disk and ends with the items of
an undisturbed run (latencies are measured, so theirs differ). The summary is computed from the items on disk, never from memory, so it
cannot tell anything the stored items do not.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from libs.common.errors import PlatformError, Reason, invalid
from libs.common.outside import Outside
from libs.common.work.engine import Reporter
from libs.data.templates import Template
from libs.metrics import ANSWERS, CLASSES, CONFIDENCE, LEAK, METRICS
from libs.metrics.exact_match import exact_match, language_of, most_frequent
from libs.metrics.token_f1 import token_f1
from libs.models.families import family_of
from libs.models.tasks import CHAT, CLASSIFY
from services.eval.engine.classes import Classes
from services.eval.engine.journal import OUT, Item, Journal, read_items
from services.eval.engine.options import ENGINE_VERSION, EvalOptions, settle
from services.eval.engine.overlap import Overlap, Repeat, find
from services.eval.engine.records import TestRecord, count_records, read_records
from services.eval.engine.target import Answer, Target


def run(job: Mapping[str, Any], work: Path, report: Reporter, clock: Callable[[], float] = time.perf_counter) -> dict[str, Any]:
    """Answer and score every test record with one target; items and summary are in ``work / "out"``.

    job: ``records_path`` (folder of a test version), ``target`` ({"kind": "WEIGHTS", "path"} or {"kind": "ENDPOINT", "address", "digest"}),
    ``kind`` (of its records), ``metrics`` and ``options`` (see ``options``), ``threads`` (of torch, at least 1), ``training`` (what the
    model was trained on, see ``_compared``), perhaps ``prompt`` ({"system", "template"}: the words it is asked in). clock: seconds, for
    latencies.
    Returns items, failed_items, metrics {name: number}, loss_items (whose loss was measured), languages {code: scored items}, overlap (how
    the test repeats the training data; its share is the metric ``leak``), classes (of a test of labels, see ``classes``).
    Raises PlatformError: 400 for the job, 422 for records or a model folder, NO_TEST_RECORDS, DIGEST_MISMATCH, TARGET_UNREACHABLE
    (retryable).
    """
    kind = job.get("kind") or ANSWERS
    names, options = settle(job.get("metrics") or [], EvalOptions.from_dict(job.get("options") or {}), kind)
    journal = Journal(work, _fingerprint(job, names, options))
    try:
        if journal.summary is None:
            folder = Path(job["records_path"])
            total = count_records(folder)
            total = min(total, options.limit_items or total)
            words = _words(job)
            _refuse_unaskable(folder, total, words)
            overlap, leak = _compared(job.get("training") or {}, folder, total, report)
            records = partial(_first, folder, total, words)
            _evaluate(_target(job, options, clock), records, total, journal, report, overlap.repeats)
            summary = summarise(read_items(work / OUT), names, kind)
            journal.finish({**summary, "metrics": {**summary["metrics"], **leak}, "overlap": _shown(job.get("training") or {}, overlap)})
        assert journal.summary is not None
        return journal.summary
    finally:
        journal.close()


def _compared(training: Mapping[str, Any], folder: Path, total: int, report: Reporter) -> tuple[Overlap, dict[str, float]]:
    """(how the test repeats the training data, the metric ``leak``). training: ``versions`` ([{"id", "path"}]), ``lineage`` (how the test
    was made of them or they of it, [] when neither), ``unknown`` (ids of what is no longer there to compare), ``elsewhere``
    (ids of model versions in its line that were made elsewhere).

    A test of one line with the training data is a leak as a whole, whatever the words became on the way. Where something is unknown and
    nothing was found, there is no figure: what nobody could look at proves nothing.
    """
    versions = [(str(version["id"]), Path(version["path"])) for version in training.get("versions", [])]
    report.progress(0, total, "compare with the training data")
    overlap = find(islice(read_records(folder), total), versions, lambda _: report.progress(0, total, "compare with the training data"))
    if training.get("lineage"):
        return overlap, {LEAK: 1.0}
    if (training.get("unknown") or training.get("elsewhere")) and not overlap.repeats:
        return overlap, {}
    return overlap, {LEAK: overlap.share}


def _shown(training: Mapping[str, Any], overlap: Overlap) -> dict[str, Any]:
    gone = {key: list(training.get(key, [])) for key in ("unknown", "elsewhere")}
    return {**overlap.facts(), "lineage": list(training.get("lineage", [])), **gone}


def _words(job: Mapping[str, Any]) -> Template | None:
    prompt = job.get("prompt")
    return Template(prompt["system"], prompt["template"]) if prompt else None


def _first(folder: Path, total: int, words: Template | None) -> Iterator[TestRecord]:
    return islice(read_records(folder, words), total)


def _refuse_unaskable(folder: Path, total: int, words: Template | None) -> None:
    """A prompt that names what a record lacks is refused before anything is asked. Raises ROW_INVALID with file, row and field."""
    if words is not None:
        deque(_first(folder, total, words), maxlen=0)


def _evaluate(
    target: Target,
    records: Callable[[], Iterator[TestRecord]],
    total: int,
    journal: Journal,
    report: Reporter,
    repeats: Mapping[int, Repeat],
) -> None:
    def keep(answered: Sequence[tuple[TestRecord, Answer]]) -> None:
        scored = [score(journal.done + offset, record, answer) for offset, (record, answer) in enumerate(answered)]
        journal.append([_marked(item, repeats.get(item.position)) for item in scored])
        report.progress(journal.done, total, "evaluate")

    report.progress(journal.done, total, "evaluate")
    if journal.done < total:
        target.evaluate(records(), journal.done, keep)


def score(position: int, record: TestRecord, answer: Answer) -> Item:
    """The stored form of one answer. One that failed has no scores: zeros that ``summarise`` leaves out and counts."""
    failed = bool(answer.error)
    return Item(
        position=position,
        record_id=record.id,
        input=record.question,
        expected=record.answer,
        output=answer.output,
        exact_match=not failed and exact_match(record.answer, answer.output),
        token_f1=0.0 if failed else token_f1(record.answer, answer.output),
        nll=answer.nll,
        answer_tokens=answer.answer_tokens,
        latency_ms=round(answer.latency_ms, 3),
        error=answer.error,
        tags=record.tags if answer.sure is None else {**record.tags, CONFIDENCE: f"{answer.sure:.6f}"},
    )


def _marked(item: Item, repeat: Repeat | None) -> Item:
    """An item that repeats training data says which record."""
    if repeat is None:
        return item
    return replace(item, tags={**item.tags, "repeats": repeat.training_record_id, "repeats_version": repeat.training_version_id})


def summarise(items: Iterable[Item], names: Sequence[str], kind: str = ANSWERS) -> dict[str, Any]:
    """The figures of the metrics ``names`` over the items that did not fail, and counts."""
    total = failed = loss_items = 0
    tallies = [metric.tally() for name, metric in METRICS.items() if name in names]
    languages: Counter[str] = Counter()
    classes = Classes()
    for item in items:
        total += 1
        if item.error:
            failed += 1
            continue
        loss_items += bool(item.answer_tokens)
        if code := language_of(item.tags):
            languages[code] += 1
        for tally in tallies:
            tally.add(item)
        if kind == CLASSES:
            classes.add(item)
    return {
        "items": total,
        "failed_items": failed,
        "metrics": {name: value for tally in tallies for name, value in tally.figures().items()},
        "loss_items": loss_items,
        "languages": dict(most_frequent(languages)),
        "classes": classes.facts(),
    }


def _target(job: Mapping[str, Any], options: EvalOptions, clock: Callable[[], float]) -> Target:
    target = job["target"]
    if target["kind"] == "ENDPOINT":
        from services.eval.engine.endpoint import Endpoint

        outside = Outside(**target["outside"]) if "outside" in target else None
        return Endpoint(target["address"], target["digest"], options, clock, key=target.get("key", ""), outside=outside)
    if target["kind"] == "WEIGHTS":
        _limit_threads(int(job.get("threads") or 1))
        path = Path(target["path"])
        return _WEIGHTS[family_of(path).serves.name](path, options, clock)
    raise invalid("target.kind", Reason.UNKNOWN_ENUM, limit="WEIGHTS, ENDPOINT")


def _generating(path: Path, options: EvalOptions, clock: Callable[[], float]) -> Target:
    from services.eval.engine.weights import Weights

    return Weights(path, options, clock)


def _classifying(path: Path, options: EvalOptions, clock: Callable[[], float]) -> Target:
    from services.eval.engine.classifying import Classifying

    return Classifying(path, options, clock)


_WEIGHTS: Mapping[str, Callable[[Path, EvalOptions, Callable[[], float]], Target]] = {CHAT.name: _generating, CLASSIFY.name: _classifying}


def _limit_threads(threads: int) -> None:
    try:
        import torch
    except ImportError:
        raise PlatformError(500, Reason.MISSING_EXTRA, extra="train") from None
    torch.set_num_threads(threads)


def _fingerprint(job: Mapping[str, Any], names: Sequence[str], options: EvalOptions) -> str:
    """What decides the items. Where an endpoint listens does not: its digest does."""
    target = {key: value for key, value in job["target"].items() if key in ("kind", "digest", "path")}
    facts = [ENGINE_VERSION, job["records_path"], target, list(names), options.to_dict()]
    facts += [job["prompt"]] if job.get("prompt") else []
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
