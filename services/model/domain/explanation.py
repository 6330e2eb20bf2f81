"""A verdict of the release gate in sentences, both languages: what each rule needs, what there is, and the next step. Judges nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from libs.common.words.metrics import metric
from libs.metrics import GAIN_COVERAGE, GAINS, RATED
from services.model.domain.gate import LEAK, Evidence, GateComparator, GateLack, GateRuleResult, GateVerdict, GateVerdictKind, ReleaseGate
from services.model.domain.override import GateOverride
from services.model.domain.wording import Words, moment


@dataclass(frozen=True)
class ExplainedRule:
    """evidence: the result it was judged by."""

    result: GateRuleResult
    evidence: Evidence | None
    needs: Words
    found: Words
    step: Words


@dataclass(frozen=True)
class GateExplanation:
    """overrides: asked for or live, of these bytes."""

    verdict: GateVerdict
    rules: list[ExplainedRule]
    summary: Words
    overrides: list[GateOverride] = field(default_factory=list)
    max_age_hours: int = 0


def explain(gate: ReleaseGate, verdict: GateVerdict, evidence: Mapping[int, Evidence], overrides: list[GateOverride]) -> GateExplanation:
    """evidence: by id, all that the verdict names."""
    rules = [_rule(gate, result, evidence.get(result.evidence_id)) for result in verdict.results]
    return GateExplanation(verdict, rules, _summary(gate, verdict), overrides, gate.max_age_hours)


def _rule(gate: ReleaseGate, result: GateRuleResult, evidence: Evidence | None) -> ExplainedRule:
    return ExplainedRule(result, evidence, _needs(gate, result), _found(result, evidence), _STEPS[result.lack](result, evidence))


def _needs(gate: ReleaseGate, result: GateRuleResult) -> Words:
    rule = result.rule
    sign = ">=" if rule.comparator == GateComparator.AT_LEAST else "<="
    test = (
        (f" on dataset version {rule.dataset_version_id}", f"（数据版本 {rule.dataset_version_id}）")
        if rule.dataset_version_id
        else ("", "")
    )
    answered = f"{rule.min_coverage:.0%}"
    covered = (f", {answered} of them answered", f"，其中 {answered} 有应答") if rule.min_coverage else ("", "")
    aged = (f", measured within {gate.max_age_hours} h", f"，且在 {gate.max_age_hours} 小时内测得") if gate.max_age_hours else ("", "")
    return Words(
        f"{metric(rule.metric, 'en')} {sign} {rule.bound:g}{test[0]} over at least {_items(rule.min_items)}{covered[0]}{aged[0]}",
        f"{metric(rule.metric, 'zh')} {sign} {rule.bound:g}{test[1]}，至少 {rule.min_items} 条{covered[1]}{aged[1]}",
    )


def _found(result: GateRuleResult, evidence: Evidence | None) -> Words:
    if evidence is None:
        return Words("no result that may decide", "没有可作依据的评测结果")
    if result.rule.metric not in evidence.metrics and result.rule.metric == LEAK:
        return Words(
            f"not known: nobody here knows all data it was trained on (evaluation {evidence.eval_task_id})",
            f"未知：平台不掌握其全部训练数据（评测 {evidence.eval_task_id}）",
        )
    if result.lack == GateLack.UNDEFINED:
        return Words(f"no such figure in evaluation {evidence.eval_task_id}", f"评测 {evidence.eval_task_id} 没有此项指标")
    measured, items, failed = f"{result.value:.4g}", evidence.items, evidence.failed_items
    when = moment(evidence.create_time)
    return Words(
        f"{measured} over {_items(items)}, {failed} failed (evaluation {evidence.eval_task_id}, {when})",
        f"{measured}，{items} 条，失败 {failed} 条（评测 {evidence.eval_task_id}，{when}）",
    )


def _compared(result: GateRuleResult, beyond: bool) -> tuple[str, str, str]:
    """Value, the sign between them, bound."""
    low = result.rule.comparator == GateComparator.AT_LEAST
    return f"{result.value:.4g}", ("<" if low else ">") if beyond else (">=" if low else "<="), f"{result.rule.bound:g}"


def _unmeasured(result: GateRuleResult, _evidence: Evidence | None) -> Words:
    rule = result.rule
    if rule.dataset_version_id:
        test = rule.dataset_version_id
        return Words(f"No evaluation on dataset version {test} yet: start one.", f"尚未在数据版本 {test} 上评测：请发起评测。")
    name = metric(rule.metric, "en"), metric(rule.metric, "zh")
    if rule.metric in RATED:
        return Words(
            "Nobody has rated answers of this version yet: give those of an evaluation to people.",
            "尚无人评价该版本的回答：请把一次评测的输出交给人评价。",
        )
    if rule.metric in GAINS:
        return Words(
            "No release of this version was evaluated yet: order one, it is measured against what serves then.",
            "该版本尚未在发布中评测：请下发布单，届时将与线上版本对比。",
        )
    return Words(
        f"No evaluation that measures {name[0]} yet: start one with a test set the model was not trained on.",
        f"尚无测量{name[1]}的评测：请用模型未训练过的测试集发起评测。",
    )


def _few(result: GateRuleResult, evidence: Evidence | None) -> Words:
    have, need = (evidence.items if evidence else 0), result.rule.min_items
    return Words(f"{_items(have)} < {need}: evaluate on a larger test set.", f"{have} 条 < {need} 条：请用更大的测试集评测。")


def _failed(result: GateRuleResult, evidence: Evidence | None) -> Words:
    if result.rule.metric in GAINS:
        both = f"{evidence.metrics.get(GAIN_COVERAGE, 0.0) if evidence else 0:.0%}"
        return Words(
            f"Only {both} of the test was answered by both: look at what failed in the two evaluations, mend the cause and release again.",
            f"双方都回答的只占测试的 {both}：请查看两次评测中的失败条目，修复后重新发布。",
        )
    failed, items = (evidence.failed_items, evidence.items) if evidence else (0, 0)
    return Words(
        f"{failed} of {items} items failed: look at them in the evaluation, mend the cause and evaluate again.",
        f"{items} 条中有 {failed} 条失败：请在评测中查看原因，修复后重新评测。",
    )


def _expired(result: GateRuleResult, _evidence: Evidence | None) -> Words:
    when = moment(result.expire_time)
    return Words(f"The result stopped counting at {when}: evaluate again.", f"该结果自 {when} 起不再有效：请重新评测。")


def _undefined(result: GateRuleResult, _evidence: Evidence | None) -> Words:
    if result.rule.metric in GAINS:
        return Words(
            "Nothing served that was released on the same test, so there is no gain: release first without this rule, or have two people "
            "override the gate; what serves then is compared with from the next release on.",
            "当时没有用同一测试发布的线上版本，无从对比：首次发布请去掉该规则，或由两人限时放行；此后的发布即可与之对比。",
        )
    return Words(
        "What people said does not give this figure: have at least two of them rate the same items, by a template with a score.",
        "人工评价得不出此项指标：请让至少两人评价相同条目，并使用带评分的模板。",
    )


def _unknown(_result: GateRuleResult, _evidence: Evidence | None) -> Words:
    return Words(
        "It was trained elsewhere, or on data that is gone, so nobody can say what the test repeats: evaluate on data that "
        "cannot have been in it, then an owner accepts that by the rule leak<=1, or two people override the gate for a while.",
        "它在别处训练，或训练数据已不在，无法判断测试集是否与之重复："
        "请用不可能出现在其训练数据中的测试集评测，再由所有者设置规则 leak<=1 表示接受，或由两人限时放行。",
    )


def _missed(result: GateRuleResult, _evidence: Evidence | None) -> Words:
    value, sign, bound = _compared(result, beyond=True)
    name = metric(result.rule.metric, "en"), metric(result.rule.metric, "zh")
    return Words(
        f"{name[0]} {value} {sign} {bound}: train or choose a better version, or have two people override the gate for a while.",
        f"{name[1]} {value} {sign} {bound}：请改进或更换版本，或由两人限时放行。",
    )


_STEPS: Mapping[GateLack, Callable[[GateRuleResult, Evidence | None], Words]] = {
    GateLack.NOTHING: lambda _result, _evidence: Words(),
    GateLack.NO_EVALUATION: _unmeasured,
    GateLack.TOO_FEW_ITEMS: _few,
    GateLack.TOO_MANY_FAILED: _failed,
    GateLack.EXPIRED: _expired,
    GateLack.MISSED: _missed,
    GateLack.UNDEFINED: _undefined,
    GateLack.UNKNOWN: _unknown,
}


def _summary(gate: ReleaseGate, verdict: GateVerdict) -> Words:
    if verdict.verdict == GateVerdictKind.OFF:
        return Words(f"The gate is switched off: {gate.off_reason}", f"门禁已关闭：{gate.off_reason}")
    if not verdict.results:
        return Words("The gate has no rule, and so it passes nothing: set one.", "门禁没有任何规则，因此不放行任何版本：请先设置规则。")
    open_rules = sum(result.lack != GateLack.NOTHING for result in verdict.results)
    if not open_rules:
        return Words("Every rule holds.", "全部规则均已满足。")
    live = verdict.gate_override
    until = (f" An override is live until {moment(live.end_time)}.", f"限时放行有效至 {moment(live.end_time)}。") if live else ("", "")
    count = len(verdict.results)
    return Words(f"{open_rules} of {count} rules do not hold.{until[0]}", f"{count} 条规则中有 {open_rules} 条未满足。{until[1]}")


def _items(count: int) -> str:
    return f"{count} item" if count == 1 else f"{count} items"
