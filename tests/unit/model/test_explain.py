"""The gate explained: the sentences follow the verdict, and no rule that does not hold is left without a next step in both languages."""

from __future__ import annotations

import re

import pytest

from libs.common.clock import ManualClock
from services.model.domain.explanation import GateExplanation
from services.model.domain.gate import EvidenceKind, GateComparator, GateLack, GateRule
from services.model.domain.gate import GateVerdictKind as K
from services.model.domain.wording import Words
from services.model.service import ModelService
from tests.support.stores import caller
from tests.unit.model.chain import BAD, GOOD, PACKAGE, S, evaluate, evidence, version_in

CHINESE = re.compile(r"[㐀-鿿]")
PINNED = GateRule("token_f1", GateComparator.AT_LEAST, 0.6, dataset_version_id=7)


def explained(service: ModelService, id: int, digest: str = "") -> GateExplanation:
    found = service.explain_gate(caller(), model_version_id=id, digest=digest)
    verdict = service.check_gate(caller(), model_version_id=id, digest=found.verdict.digest)
    assert found.verdict == verdict, "one judgement, explained"
    assert [each.result for each in found.rules] == verdict.results
    for each in found.rules:
        held = each.result.lack == GateLack.NOTHING
        assert (each.step == Words()) == held
        for words in (each.needs, each.found, *([] if held else [each.step])):
            assert words.en
            assert not CHINESE.search(words.en)
            assert CHINESE.search(words.zh)
    return found


def test_a_version_nobody_evaluated_is_told_to_be(service: ModelService) -> None:
    version = version_in(service, S.TRAINED)
    service.set_gate(caller(expected=0), project_id=version.project_id, enabled=True, rules=[PINNED])
    found = explained(service, version.id)
    assert found.rules[0].step == Words("No evaluation on dataset version 7 yet: start one.", "尚未在数据版本 7 上评测：请发起评测。")
    assert found.rules[0].evidence is None
    assert found.summary.en == "2 of 2 rules do not hold."


def test_a_missed_bound_says_by_how_much(service: ModelService) -> None:
    version = version_in(service, S.REJECTED)
    [rule, leak] = explained(service, version.id).rules
    assert rule.step.en.startswith("exact match 0.5 < 0.9:")
    assert rule.step.zh.startswith("完全匹配率 0.5 < 0.9：")
    assert rule.evidence is not None
    assert str(rule.evidence.eval_task_id) in rule.found.en
    assert leak.result.verdict == K.PASS


@pytest.mark.parametrize(("items", "failed", "word"), [(3, 0, "3 items < 20"), (30, 4, "4 of 30 items failed")])
def test_too_little_was_measured(service: ModelService, items: int, failed: int, word: str) -> None:
    version = version_in(service, S.TRAINED)
    evidence(service, version, GOOD, items=items, failed_items=failed)
    assert explained(service, version.id).rules[0].step.en.startswith(word)


def test_what_holds_needs_no_step(service: ModelService) -> None:
    version = version_in(service, S.QUALIFIED)
    assert explained(service, version.id).summary == Words("Every rule holds.", "全部规则均已满足。")


def test_by_default_the_newest_result_is_explained(service: ModelService) -> None:
    version = version_in(service, S.REJECTED)
    evidence(service, version, GOOD, PACKAGE)
    assert explained(service, version.id).verdict.digest == PACKAGE
    assert explained(service, version.id, version.artifact_digest).verdict.verdict == K.FAIL


def test_a_later_evaluation_of_the_weights_does_not_hide_the_package(service: ModelService) -> None:
    """What an order stands before the gate with stays in sight, and so does the way past it."""
    version = version_in(service, S.REJECTED)
    evidence(service, version, BAD, PACKAGE)
    evaluate(service, version, GOOD)
    found = explained(service, version.id)
    assert (found.verdict.digest, found.verdict.verdict) == (PACKAGE, K.FAIL)
    newest = service.get_model_status(caller(), project_id=version.project_id).verdict
    assert newest is not None
    assert newest.verdict == K.PASS, "the status follows the newest result"


def test_a_gate_that_is_off_says_why(service: ModelService) -> None:
    version = version_in(service, S.REJECTED)
    service.set_gate(caller(expected=0), project_id=version.project_id, enabled=False, off_reason="演示")
    found = service.explain_gate(caller(), model_version_id=version.id)
    assert found.summary == Words("The gate is switched off: 演示", "门禁已关闭：演示")


def test_evidence_expires_and_a_new_one_counts_again(service: ModelService, clock: ManualClock) -> None:
    """The state says what was measured; whether that still counts today is the verdict's to say."""
    version = version_in(service, S.QUALIFIED)
    service.set_gate(caller(expected=0), project_id=version.project_id, enabled=True, max_age_hours=48)
    assert service.get_gate(caller(), project_id=version.project_id).max_age_hours == 48
    clock.advance(48 * 3600 - 1)
    assert explained(service, version.id).verdict.verdict == K.PASS
    clock.advance(1)
    found = explained(service, version.id)
    assert found.verdict.verdict == K.NO_DATA
    assert {each.result.lack for each in found.rules} == {GateLack.EXPIRED}
    assert found.rules[0].step.en.endswith(": evaluate again.")
    assert service.get_version(caller(), id=version.id).status == S.QUALIFIED
    status = service.get_model_status(caller(), project_id=version.project_id)
    assert status.verdict is not None
    assert status.verdict.verdict == K.NO_DATA
    service.set_gate(caller(expected=1), project_id=version.project_id, enabled=True)
    assert service.get_gate(caller(), project_id=version.project_id).max_age_hours == 48, "what is not sent stays"
    assert service.get_version(caller(), id=version.id).status == S.QUALIFIED, "a change of rules does not unmeasure it"
    assert evaluate(service, version, GOOD).verdict.verdict == K.PASS
    assert explained(service, version.id).verdict.verdict == K.PASS
    assert evaluate(service, version, BAD).verdict.verdict == K.FAIL


def test_a_gain_says_what_it_needs_to_be_measured(service: ModelService) -> None:
    version = version_in(service, S.QUALIFIED)
    rule = GateRule("exact_match.gain.low", GateComparator.AT_LEAST, -0.02)
    service.set_gate(caller(expected=0), project_id=version.project_id, enabled=True, rules=[rule])
    [waiting, _] = explained(service, version.id).rules
    assert waiting.result.lack == GateLack.NO_EVALUATION
    assert waiting.needs.en.startswith("exact match, gain, lower bound >= -0.02 over at least 1 item")
    assert waiting.step.en.startswith("No release of this version was evaluated yet: order one")
    released = {"kind": EvidenceKind.RELEASE, "digest": PACKAGE}
    evidence(service, version, GOOD, eval_task_id=801, **released)
    [alone, _] = explained(service, version.id, PACKAGE).rules
    assert alone.result.lack == GateLack.UNDEFINED
    assert alone.step.en.startswith("Nothing served that was released on the same test")
    gained = {**GOOD, "exact_match.gain.low": -0.05, "gain.coverage": 0.5}
    evidence(service, version, gained, eval_task_id=802, **released)
    [few, _] = explained(service, version.id, PACKAGE).rules
    assert few.step.en.startswith("Only 50% of the test was answered by both")
    evidence(service, version, {**gained, "gain.coverage": 1.0}, eval_task_id=803, **released)
    [missed, _] = explained(service, version.id, PACKAGE).rules
    assert missed.step.en.startswith("exact match, gain, lower bound -0.05 < -0.02:")
