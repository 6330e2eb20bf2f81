"""One input of an evaluation with its output and scores."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class EvalItem:
    """position: 0, 1, 2 … in the order of the test version. nll: nats per token of the expected answer, -1 when not measured;
    answer_tokens: what it is the mean of. error: "" or why there is no output to score. tags: labels of the record (lang, subject,
    template, source).
    """

    id: int
    task_id: int
    project_space_id: int
    position: int
    record_id: str
    input: str
    expected: str
    output: str
    exact_match: bool
    token_f1: float
    nll: float
    answer_tokens: int
    latency_ms: float
    error: str = ""
    tags: dict[str, str] = field(default_factory=dict)
