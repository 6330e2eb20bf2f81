"""classify: a small classifier of labelled records, from nothing: which of the labels it has seen a text or a picture has."""

from __future__ import annotations

from dataclasses import dataclass

from libs.data.kinds.classification import CLASSIFICATION
from libs.data.options import option
from libs.models.image_classifier.config import SIDE
from libs.models.text_classifier.config import BUCKETS, PIECES, WIDTH
from services.train.engine.kinds import Method
from services.train.engine.options import RunOptions


@dataclass(frozen=True, slots=True)
class ClassifyOptions(RunOptions):
    """The defaults are tuned for some hundred to some ten thousand short texts on one CPU thread."""

    epochs: int = option(12, 1, 10_000, en="passes over the training records", zh="训练轮数")
    batch_size: int = option(32, 1, 4_096, en="records worked on together", zh="每批记录数", unit="records")
    dropout: float = option(0.2, 0.0, 0.9, en="share of a text's pieces dropped in a step", zh="每步随机丢弃的文本片段占比", unit="0..1")
    width: int = option(64, *WIDTH, en="width of the model", zh="模型宽度")
    buckets: int = option(1 << 14, *BUCKETS, en="rows that pieces of text share", zh="文本片段共用的嵌入行数")
    side: int = option(32, *SIDE, en="pixels of a side, of pictures, a multiple of 16", zh="图像边长（像素），16 的倍数")
    max_pieces: int = option(1024, *PIECES, en="pieces of a text that are looked at, the first ones", zh="一段文本最多看的片段数")


KIND = Method(
    name="classify",
    options=ClassifyOptions,
    entry="services.train.engine.classify:run",
    takes=CLASSIFICATION,
    preview="services.train.engine.labelled:foresee",
    en="a new classifier",
    zh="从零训练分类器",
    place=4,
)
