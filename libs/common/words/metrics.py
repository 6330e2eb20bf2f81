"""What metrics are called where people read, and what a figure means. Names are the contract's: gate rules and ``--json`` say those."""

from __future__ import annotations

from typing import Any

WORDS = {  # name -> (English, Chinese, meaning, meaning in Chinese)
    "exact_match": ("exact match", "完全匹配率", "share of answers that equal the expected one, 0..1", "与期望答案完全一致的占比，0 到 1"),
    "token_f1": ("token F1", "词元 F1", "overlap of words with the expected answer, 0..1", "与期望答案的词元重合度，0 到 1"),
    "rouge_l": (
        "ROUGE-L",
        "ROUGE-L 重合度",
        "how much of the expected answer stands in the answer in its order, 0..1",
        "参考答案按原有顺序出现在回答中的程度，0 到 1",
    ),
    "bleu": (
        "BLEU",
        "BLEU 值",
        "runs of one to four words shared with the expected answers, over all answers together, 0..1",
        "与参考答案共有的一至四元词串，所有回答合并计算，0 到 1",
    ),
    "edit_similarity": (
        "edit similarity",
        "编辑相似度",
        "1 less the share of characters that would have to change, 0..1",
        "1 减去需改动字符的占比，0 到 1",
    ),
    "macro_f1": (
        "macro F1",
        "宏平均 F1",
        "mean over the labels of the test of each label's F1, 0..1",
        "测试中各标签 F1 的平均值，0 到 1",
    ),
    "accuracy": ("accuracy", "准确率", "share of records that get the right label, 0..1", "标签正确的记录占比，0 到 1"),
    "ece": (
        "calibration error",
        "校准误差",
        "how far the probabilities are from how often they are right, 0..1; lower is better",
        "预测概率与实际正确率的平均差距，0 到 1，越低越好",
    ),
    "perplexity": (
        "perplexity",
        "困惑度",
        "how surprised the model is by the expected answers; lower is better",
        "模型对期望答案的意外程度，越低越好",
    ),
    "latency": ("latency", "延迟", "time of one answer", "单次应答时间"),
    "latency_ms": ("latency (ms)", "延迟（毫秒）", "time of one answer, milliseconds", "单次应答时间，毫秒"),
    "leak": (
        "leak",
        "训练测试重复率",
        "share of the test that repeats training data, 0..1; lower is better",
        "测试数据与训练数据重复的占比，0 到 1，越低越好",
    ),
    "human_score": (
        "human score",
        "人工评分",
        "what people say of the answers, on their scale or as a share 0..1; of two runs how often this one is better",
        "人工对回答的评价，按量表或 0 到 1 的占比；对比评测为本方胜率",
    ),
    "human_alpha": (
        "human alpha",
        "人工一致性 α",
        "Krippendorff's alpha of the raters: agreement beyond chance, at most 1",
        "评测员之间的 Krippendorff α：超出随机的一致程度，最大为 1",
    ),
    "human_agreement": (
        "human agreement",
        "人工一致率",
        "share of pairs of raters who say the same, 0..1",
        "评测员两两一致的占比，0 到 1",
    ),
    "gain": (
        "gain over what served",
        "相对线上版本的提升",
        "of a release over what served when it was evaluated; positive is better",
        "发布版本相对评测时线上版本的提升，正值更好",
    ),
    "loss": ("loss", "训练损失", "of a training step; lower is better", "单个训练步的损失，越低越好"),
    "valid_loss": ("validation loss", "验证损失", "over the validation data; lower is better", "验证数据上的损失，越低越好"),
    "valid_accuracy": (
        "validation accuracy",
        "验证准确率",
        "share of the validation data that gets the right label, 0..1",
        "验证数据中标签正确的占比，0 到 1",
    ),
    "margin": (
        "preference margin",
        "偏好差距",
        "reward of the chosen answers beyond that of the rejected ones, on held-out pairs; higher is better",
        "留出数据上，被选回答比被拒回答多得的奖励，越高越好",
    ),
    "preferred": (
        "pairs judged right",
        "偏好正确率",
        "share of held-out pairs whose chosen answer gets more reward, 0..1",
        "留出数据中被选回答奖励更高的占比，0 到 1",
    ),
    "lr": ("learning rate", "学习率", "of this step", "该步的学习率"),
    "tokens_per_s": ("tokens per second", "每秒词元数", "speed of the training", "训练速度"),
}
_PARTS = {  # what stands behind a dot
    "gain": (
        "gain over what served",
        "相对线上版本的提升",
        "over the items that both answered; positive is better",
        "基于双方都回答的条目，正值更好",
    ),
    "gain.low": ("gain, lower bound", "提升的下界", "of the 95 % interval", "95 % 置信区间的下界"),
    "gain.high": ("gain, upper bound", "提升的上界", "of the 95 % interval", "95 % 置信区间的上界"),
    "low": ("lower bound", "下界", "of the 95 % interval", "95 % 置信区间的下界"),
    "high": ("upper bound", "上界", "of the 95 % interval", "95 % 置信区间的上界"),
    "coverage": ("coverage", "覆盖率", "share of the items that could be measured", "可测量条目的占比"),
    "p50": ("median", "中位数", "half are below", "一半低于此值"),
    "p95": ("P95", "P95", "95 of 100 are below", "95% 低于此值"),
}
_SLICED = {
    "exact_match": ("low", "high", "en", "zh", "gain", "gain.low", "gain.high"),
    "accuracy": ("low", "high", "en", "zh", "gain", "gain.low", "gain.high"),
    "gain": ("coverage",),
    "perplexity": ("coverage",),
    "rouge_l": ("low", "high"),
    "edit_similarity": ("low", "high"),
    "latency_ms": ("p50", "p95"),
    "human_score": ("low", "high"),
}
_LANGUAGES = {"en": ("English", "英文"), "zh": ("Chinese", "中文")}


def metric(name: str, language: str) -> str:
    """Words for a metric, its slices (``exact_match.zh``) and its bounds; one that is not known is shown by its own name."""
    return _words(name, language, 0) or name


def meaning(name: str, language: str) -> str:
    """What a figure under this name says, "" for one that is not known."""
    return _words(name, language, 2)


def schema(language: str) -> dict[str, Any]:
    """Every metric there is with its words, for the API document: a client shows these instead of names."""
    names = [*WORDS, *(f"{whole}.{part}" for whole, parts in _SLICED.items() for part in parts)]
    known = {name: {"type": "number", "title": metric(name, language), "description": meaning(name, language)} for name in sorted(names)}
    return {"type": "object", "properties": known, "additionalProperties": {"type": "number"}}


def _words(name: str, language: str, at: int) -> str:
    whole, _, part = name.partition(".")
    if whole not in WORDS:
        return ""
    zh = language == "zh"
    found = WORDS[whole][at + zh]
    if not part:
        return found
    if part in _PARTS:
        return f"{found}{'，' if zh else ', '}{_PARTS[part][at + zh]}"
    spoken = _LANGUAGES.get(part, (part, part))[zh]
    return f"{found}（{spoken}）" if zh else f"{found} ({spoken})"
