"""The numbers that fix a text classifier, with its labels. Light on purpose: servers read it without torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from libs.common.errors import PlatformError
from libs.data.classes import checked_labels
from libs.data.options import check_options, option, read_options
from libs.models import folder as folders

NAME = "text_classifier"
BUCKETS, WIDTH, PIECES = (256, 1 << 20), (8, 1024), (8, 16_384)


@dataclass(frozen=True, slots=True)
class TextConfig:
    """labels: in the order of the scores. buckets: rows of the embedding, the first one for nothing."""

    labels: tuple[str, ...] = option(en="what a text may be", zh="标签")
    buckets: int = option(1 << 14, *BUCKETS, en="rows of the embedding that pieces share", zh="片段共用的嵌入行数")
    width: int = option(64, *WIDTH, en="width of the embedding", zh="嵌入宽度")
    max_pieces: int = option(1024, *PIECES, en="pieces of a text that are looked at, the first ones", zh="一段文本最多看的片段数")

    def __post_init__(self) -> None:
        check_options(self, "")
        checked_labels(self.labels)

    def to_dict(self) -> dict[str, Any]:
        """JSON form, the content of ``config.json``."""
        return {folders.FAMILY: NAME, **asdict(self), "labels": list(self.labels)}


def read_config(folder: Path) -> TextConfig:
    """Raises PlatformError 422 FILE_MISSING, CHECKSUM_MISMATCH."""
    values: Mapping[str, Any] = {name: value for name, value in folders.config_of(folder).items() if name != folders.FAMILY}
    try:
        return read_options(TextConfig, values, "", exact=True)
    except PlatformError as error:
        raise folders.damaged(folders.CONFIG, f"{error.field}: {error.limit}") from error
