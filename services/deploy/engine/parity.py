"""Does the exported graph say what the trained model says, on real questions and at shapes it was not traced at?

Two comparisons, both must hold. Logits: torch and ONNX Runtime run the same batches, first the prompts (rows of different lengths, padded
on the right) and then a few steps with their caches, each on its own cache so that an error that grows is seen growing. Answers: torch's
greedy decoding against the very decoder that will serve.

Decided here: a difference that is not a number fails, and the figures are returned in any case, in the result or in the error's facts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from libs.common.errors import PlatformError, Reason, invalid, missing
from libs.common.work.engine import Reporter
from libs.data.prompt import from_text
from libs.models.causal_lm.export import TRACED
from libs.models.families import family_of
from libs.models.tasks import CHAT, CLASSIFY

if TYPE_CHECKING:
    from libs.models.causal_lm.artifact import Network
    from libs.models.causal_lm.asking import Asking
    from libs.models.causal_lm.session import OnnxLM

BATCH_SIZES = (1, 3, 5, 8)
STEPS = 4
"""Cached steps compared after each batch of prompts, tokens chosen by torch."""

QUANTILES = (0.5, 0.9, 0.99, 0.999)
MAX_COMPARED_PROMPTS = 64
"""Prompts whose logits are compared, evenly spaced over all; every question's answer is compared. Bounds the memory of the differences."""

_MAX_ROWS = 8

Differences = npt.NDArray[np.float32]
Shape = tuple[int, int, int]


@dataclass(frozen=True)
class ParityOptions:
    """tolerance: largest allowed absolute difference of a logit, > 0. max_new_tokens: longest answer compared, 1..4096. threads: 1..64.
    keep_answers: how many of the trained model's answers are returned, 0..1000.
    """

    tolerance: float = 1e-4
    max_new_tokens: int = 32
    threads: int = 1
    keep_answers: int = 0

    def __post_init__(self) -> None:
        if not self.tolerance > 0:
            raise invalid("tolerance", Reason.TOO_SMALL, limit="more than 0")
        for name, low, high in (("max_new_tokens", 1, 4096), ("threads", 1, 64), ("keep_answers", 0, 1000)):
            if not low <= getattr(self, name) <= high:
                raise invalid(name, limit=f"{low}..{high}")


def run(job: Mapping[str, Any], work: Path, report: Reporter) -> dict[str, Any]:  # noqa: ARG001 (every engine has this shape)
    """Engine entry. job: ``artifact_path`` (trained model), ``onnx_path`` (exported file or its folder), ``questions`` (real inputs, at
    least one, as ``libs.data.prompt`` writes them), perhaps ``tolerance``, ``max_new_tokens``, ``threads``, ``keep_answers``. ``work`` is
    not written to.

    Returns: ``{"max_abs_diff", "quantiles", "compared_logits", "shapes", "greedy_equal_share", "questions", "skipped", "tolerance",
    "providers", "answers"}``; answers: ``{"question", "answer"}`` of the trained model, evenly spaced over the questions that fit. Raises:
    PlatformError 422 PARITY_FAILED with the same facts, 400 for a wrong job.
    """
    options = ParityOptions(**{key: job[key] for key in ("tolerance", "max_new_tokens", "threads", "keep_answers") if key in job})
    trained, exported = Path(job["artifact_path"]), Path(job["onnx_path"])
    exported = exported if exported.is_dir() else exported.parent
    return _COMPARED[family_of(trained).serves.name](trained, exported, _questions(job), options, report)


def _compare_chats(trained: Path, exported: Path, questions: list[str], options: ParityOptions, report: Reporter) -> dict[str, Any]:
    from libs.models.causal_lm import artifact
    from libs.models.causal_lm.session import OnnxLM

    model, tokenizer = artifact.load(trained)
    lm = OnnxLM.open(exported, options.threads)
    asked = [(question, tokenizer.prompt(from_text(question))) for question in questions]
    fitting = [(question, prompt) for question, prompt in asked if len(prompt) < lm.config.block_size]
    prompts = [prompt for _, prompt in fitting]
    if not prompts:
        raise invalid("questions", Reason.TOO_LARGE, limit=f"one question of fewer than {lm.config.block_size} tokens")
    differences, shapes = _compare_logits(model, lm, prompts[:: -(-len(prompts) // MAX_COMPARED_PROMPTS)], report)
    expected, unequal = _compare_answers(model, lm, tokenizer, questions, options, report)
    facts = {
        "max_abs_diff": float(differences.max()),
        "quantiles": {str(q): float(value) for q, value in zip(QUANTILES, np.quantile(differences, QUANTILES), strict=True)},
        "compared_logits": int(differences.size),
        "shapes": [list(shape) for shape in sorted(set(shapes))],
        "greedy_equal_share": 1 - len(unequal) / len(questions),
        "questions": len(questions),
        "skipped": len(questions) - len(prompts),
        "tolerance": options.tolerance,
        "providers": lm.providers,
    }
    judge(facts, unequal, TRACED)
    said = dict(zip(questions, expected, strict=True))
    kept = spread([question for question, _ in fitting], options.keep_answers)
    return facts | {"answers": [{"question": question, "answer": said[question]} for question in kept]}


def _compare_classes(trained: Path, exported: Path, questions: list[str], options: ParityOptions, report: Reporter) -> dict[str, Any]:
    from services.deploy.engine import class_parity

    return class_parity.compare(trained, exported, questions, options, report)


_COMPARED: Mapping[str, Callable[[Path, Path, list[str], ParityOptions, Reporter], dict[str, Any]]] = {
    CHAT.name: _compare_chats,
    CLASSIFY.name: _compare_classes,
}


def _questions(job: Mapping[str, Any]) -> list[str]:
    if not job.get("questions"):
        raise missing("questions")
    return list(job["questions"])


def spread(questions: Sequence[str], count: int) -> list[str]:
    """Up to ``count`` of them, evenly over all."""
    return list(questions[:: max(1, len(questions) // max(1, count))][:count])


def judge(facts: Mapping[str, Any], unequal: Sequence[str], traced: tuple[int, ...]) -> None:
    """Raises PARITY_FAILED with the facts. traced: the shape of the trace, which proves nothing of others."""
    within = facts["max_abs_diff"] <= facts["tolerance"]  # false for NaN
    untraced = [shape for shape in facts["shapes"] if tuple(shape) != traced]
    if within and not unequal and len(untraced) >= 3:
        return
    difference, tolerance, share = facts["max_abs_diff"], facts["tolerance"], facts["greedy_equal_share"]
    limit = f"largest difference {difference:.3g} (at most {tolerance:g}), {share:.1%} equal answers"
    raise PlatformError(422, Reason.PARITY_FAILED, limit=limit, **facts, unequal_questions=list(unequal[:10]))


def _compare_logits(model: Network, lm: OnnxLM, prompts: Sequence[Sequence[int]], report: Reporter) -> tuple[Differences, list[Shape]]:
    """Absolute differences of every compared logit, and the (B, T, P) of every compared call."""
    differences: list[Differences] = []
    shapes: list[Shape] = []
    batches = list(_batches(prompts))
    for done, batch in enumerate(batches):
        report.progress(done, len(batches) + 1, "compare logits")
        for found, shape in _compare_batch(model, lm, batch):
            differences.append(found)
            shapes.append(shape)
    return np.concatenate(differences), shapes


def _batches(prompts: Sequence[Sequence[int]]) -> Iterator[list[Sequence[int]]]:
    """All prompts in batches of cycling sizes; when they are few, they come round again until every size was used once."""
    taken = turn = 0
    while taken < len(prompts) or turn < len(BATCH_SIZES):
        size = BATCH_SIZES[turn % len(BATCH_SIZES)]
        yield [prompts[(taken + index) % len(prompts)] for index in range(size)]
        taken, turn = taken + size, turn + 1


def _compare_batch(model: Network, lm: OnnxLM, prompts: Sequence[Sequence[int]]) -> Iterator[tuple[Differences, Shape]]:
    """The prompts as one batch, then ``STEPS`` cached steps (fewer when the block is full)."""
    import torch

    from libs.models.causal_lm.decode import pad

    rows, room = len(prompts), lm.config.block_size - max(map(len, prompts))
    tensors = pad(prompts)
    lengths = torch.tensor([[len(prompt)] for prompt in prompts])
    past_torch, past_onnx = [torch.from_numpy(layer) for layer in lm.empty_past(rows)], lm.empty_past(rows)
    for _ in range(1 + min(STEPS, room)):
        ids, mask, positions = tensors
        with torch.inference_mode():
            logits, past_torch = model(ids, mask, positions, past_torch)
        found, past_onnx = lm.step(ids.numpy(), mask.numpy(), np.ascontiguousarray(positions.numpy()), past_onnx)
        own = mask[:, -ids.shape[1] :].numpy() != 0  # padding has logits too, of no meaning
        yield np.abs(logits.numpy()[own] - found[own]).ravel(), (rows, ids.shape[1], mask.shape[1] - ids.shape[1])
        last = lengths - 1 if ids.shape[1] > 1 else torch.zeros_like(lengths)
        chosen = logits[torch.arange(rows)[:, None], last].argmax(dim=-1)
        tensors = (chosen, torch.cat((mask, mask.new_ones(rows, 1)), dim=1), lengths)
        lengths = lengths + 1


def _compare_answers(
    model: Network, lm: OnnxLM, tokenizer: Asking, questions: Sequence[str], options: ParityOptions, report: Reporter
) -> tuple[list[str], list[str]]:
    """(the trained model's greedy answers, questions to which the exported one's differ)."""
    from libs.models.causal_lm.decode import greedy

    report.progress(1, 2, "compare answers")
    expected = list(greedy(model, tokenizer, [from_text(question) for question in questions], options.max_new_tokens, _MAX_ROWS))
    answers = answer_all(lm, tokenizer, questions, options.max_new_tokens)
    report.progress(2, 2, "done")
    return expected, [question for question, one, other in zip(questions, expected, answers, strict=True) if one != other]


def answer_all(lm: OnnxLM, tokenizer: Asking, questions: Sequence[str], max_new_tokens: int) -> list[str | None]:
    """Greedy answers by the serving decoder, without a server: "" for a question that fills the block, None for one that failed."""
    from services.deploy.engine.serving.decoder import Decoder, Generation, Job, Piece
    from services.deploy.engine.serving.text import TextStream

    answers: list[str | None] = [""] * len(questions)
    waiting: list[Generation] = []

    def keep(index: int, piece: Piece) -> None:
        answers[index] = None if piece.error else piece.text  # not streamed, so one piece is all there is

    for index, question in enumerate(questions):
        prompt = tokenizer.prompt(from_text(question))
        room = min(max_new_tokens, lm.config.block_size - len(prompt))
        if room > 0:
            receive = lambda piece, index=index: keep(index, piece)  # noqa: E731 (a def here would need a name for nothing)
            waiting.append(Generation(Job(tuple(prompt), room), TextStream(tokenizer.decode), receive))
    waiting.reverse()
    decoder = Decoder(lm, tokenizer.stops, _MAX_ROWS)
    while waiting or decoder.size:
        for generation, piece in decoder.turn(lambda free: [waiting.pop() for _ in range(min(free, len(waiting)))]):
            generation.receive(piece)
    return answers
