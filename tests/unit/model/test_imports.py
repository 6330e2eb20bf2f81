"""Checkpoints made elsewhere come in whole or not at all, and say that they do."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from libs.common.errors import PlatformError, Reason
from libs.common.store.audit import Books, Patience, Report
from libs.common.store.repository import PageRequest
from services.model import audit
from services.model.domain.gate import Evidence, EvidenceKind, GateComparator, GateLack, GateRule, GateVerdictKind, ReleaseGate, judge
from services.model.repository import METADATA
from services.model.service import ModelService
from services.model.service.arrivals import Arrivals
from services.model.service.imports import CheckpointFile
from tests.support import checkpoints
from tests.support.outcome import outcome
from tests.support.stores import caller
from tests.unit.model.chain import S


def refusal(found: object) -> PlatformError:
    assert isinstance(found, PlatformError), found
    return found


def test_a_folder_becomes_the_next_version(service: ModelService) -> None:
    project = service.create_project(caller(), name="theirs")
    made = service.import_checkpoint(caller(), project_id=project.id, folder="tiny", desc="small")
    assert (made.number, made.status, made.source, made.family, made.layout) == (1, S.TRAINED, "tiny", "causal_lm", "qwen2")
    assert (made.context_tokens, made.licence, made.desc) == (256, "Apache License 2.0", "small")
    assert made.parameters > 20_000
    assert made.artifact_uri.endswith(made.artifact_digest)
    edges = {(edge.relation, edge.to_kind, edge.to_id) for edge in service.get_lineage(caller(), model_version_id=made.id)}
    assert ("MADE_ELSEWHERE", "checkpoint", "tiny") in edges
    assert service.get_project(caller(), id=project.id).status.name == "TRAINED"
    books, report = Books("model", service.db.url, METADATA), Report()
    audit.check(books, report, Patience(service.db.clock.now_ms()))
    books.close()
    assert report.looked["I5", "histories"] == 2, "the version comes whole, in one step"
    assert report.violations == []


def test_files_by_name_give_the_same_bytes_as_their_folder(service: ModelService) -> None:
    project = service.create_project(caller(), name="theirs")
    files = [CheckpointFile(path.name, f"tiny/{path.name}") for path in sorted((checkpoints.imports() / "1" / "tiny").iterdir())]
    whole = service.import_checkpoint(caller(), project_id=project.id, folder="tiny/")
    listed = service.import_checkpoint(caller(), project_id=project.id, files=files, source="a maker")
    assert (listed.number, listed.source) == (2, "a maker")
    assert listed.artifact_digest == whole.artifact_digest


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({}, Reason.INVALID_ARGUMENT),
        ({"folder": "tiny", "files": [CheckpointFile("config.json", "tiny/config.json")]}, Reason.INVALID_ARGUMENT),
        ({"folder": "../1/tiny"}, Reason.INVALID_PATH),
        ({"folder": "nowhere"}, Reason.FILE_MISSING),
        ({"files": [CheckpointFile("a/config.json", "tiny/config.json")]}, Reason.INVALID_PATH),
        ({"files": [CheckpointFile("config.json", "tiny/config.json")] * 2}, Reason.INVALID_ARGUMENT),
        ({"files": [CheckpointFile("config.json", "tiny/config.json")]}, Reason.FILE_MISSING),
    ],
)
def test_what_is_refused_leaves_nothing(service: ModelService, facts: dict[str, object], reason: Reason) -> None:
    project = service.create_project(caller(), name="theirs")
    assert refusal(outcome(lambda: service.import_checkpoint(caller(), project_id=project.id, **facts))).reason == reason  # type: ignore[arg-type]
    assert service.list_versions(caller(), project_id=project.id, page=PageRequest()).items == []


def test_who_asks_too_early_is_told_and_gets_it_later(tmp_path: Path) -> None:
    arrivals = checkpoints.arrivals(tmp_path)
    early = refusal(outcome(lambda: arrivals.fetch(1, "tiny", {}, 0.0)))
    assert (early.reason, early.retryable) == (Reason.BUSY, True)
    facts = arrivals.fetch(1, "tiny", {}, 60.0)
    assert facts["layout"] == "qwen2"
    assert list((tmp_path / "arrivals").iterdir()) == []
    assert not any((tmp_path / "artifacts" / "incoming").iterdir())


def test_another_space_reads_nothing_of_it(tmp_path: Path) -> None:
    assert refusal(outcome(lambda: checkpoints.arrivals(tmp_path).fetch(2, "tiny", {}, 60.0))).reason == Reason.FILE_MISSING


def test_what_a_kill_left_is_swept_by_the_next_process(tmp_path: Path) -> None:
    import os

    arrivals = checkpoints.arrivals(tmp_path)
    left = tmp_path / "arrivals" / "left"
    shutil.copytree(checkpoints.imports() / "1" / "tiny", left)
    os.utime(left, (1, 1))
    Arrivals(arrivals._artifacts, tmp_path / "arrivals", checkpoints.imports())
    assert not left.exists()


@pytest.mark.parametrize(
    ("rules", "verdict", "lack"),
    [
        ([], GateVerdictKind.NO_DATA, GateLack.UNKNOWN),
        ([GateRule("leak", GateComparator.AT_MOST, 0.5)], GateVerdictKind.NO_DATA, GateLack.UNKNOWN),
        ([GateRule("leak", GateComparator.AT_MOST, 1.0)], GateVerdictKind.PASS, GateLack.NOTHING),
        ([GateRule("leak", GateComparator.AT_MOST, 1.0, min_items=51)], GateVerdictKind.NO_DATA, GateLack.TOO_FEW_ITEMS),
    ],
)
def test_an_unknown_leak_passes_only_where_any_share_is_accepted(rules: list[GateRule], verdict: GateVerdictKind, lack: GateLack) -> None:
    evidence = Evidence(7, 1, 1, "d", 3, 5, "h", {"exact_match": 1.0}, 50, kind=EvidenceKind.WEIGHTS)
    gate = ReleaseGate(1, 1, 1, 1, rules=[GateRule("exact_match", GateComparator.AT_LEAST, 0.5), *rules])
    found = judge(gate, "d", [evidence], 0)
    assert (found.verdict, found.results[-1].lack) == (verdict, lack)
