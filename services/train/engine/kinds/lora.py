"""lora: like sft, but only small matrices beside the frozen layers learn; at the end they are added into the weights."""

from __future__ import annotations

from dataclasses import dataclass

from libs.data.options import option
from services.train.engine.kinds import Method
from services.train.engine.options import TuneOptions


@dataclass(frozen=True, slots=True)
class LoraOptions(TuneOptions):
    """Hu et al. 2021: W + alpha / rank · B A, with A and B learned."""

    learning_rate: float = option(2e-3, 1e-7, 1.0, en="peak of the schedule", zh="学习率峰值")
    rank: int = option(8, 1, 1024, en="width of the adapters", zh="适配器的秩")
    alpha: float = option(16.0, 1e-3, 1e4, en="adapters count alpha / rank times", zh="缩放系数：适配器乘以 alpha / rank")
    dropout: float = option(0.0, 0.0, 0.9, en="share of an adapter's input dropped in a step", zh="适配器输入的丢弃比例", unit="0..1")
    target_layers: tuple[str, ...] = option(
        (),
        0,
        64,
        en="layers that get one, such as qkv or embedding; empty: all",
        zh="加适配器的层名称，如 qkv、embedding；为空则全部",
    )


KIND = Method(
    name="lora",
    options=LoraOptions,
    entry="services.train.engine.tuning:lora",
    tunes=True,
    preview="services.train.engine.preview:answers",
    en="tune with adapters (LoRA)",
    zh="LoRA 微调（问答）",
    place=2,
)
