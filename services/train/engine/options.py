"""What a training run may be told: ``RunOptions`` whatever its method is, ``TrainOptions`` one from nothing. The defaults are tuned for a
few hundred short facts on one CPU thread (see the fields).

Decides the ranges. They are wide where only time is at stake and tight where a typo would exhaust the machine.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal, Self

from libs.data.options import check_options, option, read_options
from libs.lm.config import LIMITS, LMConfig
from libs.lm.tokenizer import MIN_VOCAB

ENGINE = 2  # raise it when the arithmetic of a step changes: checkpoints and results of another engine are not continued or reused
Device = Literal["auto", "cpu", "cuda"]


@dataclass(frozen=True, slots=True)
class RunOptions:
    """Options of every method."""

    epochs: int = option(8, 1, 10_000, en="passes over the training records", zh="训练轮数")
    batch_size: int = option(8, 1, 4_096, en="records worked on together", zh="每批记录数", unit="records")
    learning_rate: float = option(3e-3, 1e-7, 1.0, en="peak of the schedule", zh="学习率峰值")
    warmup_fraction: float = option(0.05, 0.0, 0.9, en="share of the steps with a rising rate", zh="预热步数占比", unit="0..1")
    final_fraction: float = option(
        0.05, 0.0, 1.0, en="rate at the last step as a share of the peak", zh="末步学习率与峰值之比", unit="0..1"
    )
    weight_decay: float = option(0.05, 0.0, 1.0, en="of AdamW, on matrices only", zh="权重衰减，仅作用于矩阵")
    gradient_clip: float = option(1.0, 1e-3, 1e3, en="largest norm of the gradient", zh="梯度范数上限")
    seed: int = option(1, 0, 2**63 - 1, en="fixes what is drawn", zh="随机种子")
    checkpoint_every_steps: int = option(
        100,
        1,
        1_000_000,
        en="steps repeated at most after a crash",
        zh="检查点间隔；崩溃后最多重做这么多步",
        unit="steps",
        changes_output=False,
    )
    log_every_steps: int = option(10, 1, 1_000_000, en="steps between live metrics", zh="指标上报间隔", unit="steps")
    max_left_out: float = option(
        0.1,
        0.0,
        1.0,
        en="largest share of records a training may leave out; more fails the task",
        zh="训练可剔除记录的最大占比；超过则任务失败",
        unit="0..1",
    )
    threads: int = option(1, 1, 256, en="CPU threads", zh="CPU 线程数")
    device: Device = option("cpu", en="auto: CUDA where there is one", zh="auto：有 CUDA 则使用")

    def __post_init__(self) -> None:
        check_options(self, "")

    def to_dict(self) -> dict[str, Any]:
        """JSON form with every field, as stored in a frozen snapshot."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Any) -> Self:
        """Options from JSON; absent keys take the default. Raises PlatformError(400) naming the key."""
        return read_options(cls, values, "", exact=True)


@dataclass(frozen=True, slots=True)
class TrainOptions(RunOptions):
    """Options of a training from nothing."""

    vary_questions: float = option(
        0.7,
        0.0,
        1.0,
        en="highest share of filling words changed in a question; 0: off",
        zh="问句中可替换虚词的最大占比；0 表示关闭",
        unit="0..1",
    )
    vocab_size: int = option(
        8192,
        MIN_VOCAB,
        LIMITS["vocab_size"][1],
        en="largest vocabulary; small data yields a smaller one",
        zh="词表上限；数据少则更小",
        unit="tokens",
    )
    n_layer: int = option(2, *LIMITS["n_layer"], en="decoder blocks", zh="解码层数")
    n_head: int = option(4, *LIMITS["n_head"], en="attention heads", zh="注意力头数")
    d_model: int = option(128, *LIMITS["d_model"], en="width of the model", zh="模型宽度")
    block_size: int = option(
        128,
        *LIMITS["block_size"],
        en="longest record; longer ones are left out and counted",
        zh="单条上限；更长的记录被剔除并统计",
        unit="tokens",
    )

    def __post_init__(self) -> None:
        RunOptions.__post_init__(self)  # super() knows no class that slots made anew
        self.model_config(self.vocab_size)

    def model_config(self, vocab_size: int) -> LMConfig:
        """Shape of the model once the tokenizer's real ``vocab_size`` is known. Raises when the parts do not fit together."""
        return LMConfig(vocab_size, self.block_size, self.n_layer, self.n_head, self.d_model)


@dataclass(frozen=True, slots=True)
class TuneOptions(RunOptions):
    """Options of a training that goes on from a version: gentler, as most of what it should know it knows."""

    epochs: int = option(3, 1, 10_000, en="passes over the training records", zh="训练轮数")
    learning_rate: float = option(3e-4, 1e-7, 1.0, en="peak of the schedule", zh="学习率峰值")
    weight_decay: float = option(0.0, 0.0, 1.0, en="of AdamW, on matrices only", zh="权重衰减，仅作用于矩阵")
