"""The numbers that fix a picture classifier, with its labels. Light on purpose: servers read it without torch."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from libs.common.errors import PlatformError, invalid
from libs.data.classes import checked_labels
from libs.data.options import check_options, option, read_options
from libs.models import folder as folders

NAME = "image_classifier"
SIDE, WIDTH = (16, 64), (8, 256)
STEP = 16  # of a side
CHANNELS = 3


@dataclass(frozen=True, slots=True)
class ImageConfig:
    """labels: in the order of the scores. side: pictures are looked at as squares of so many pixels."""

    labels: tuple[str, ...] = option(en="what a picture may be", zh="标签")
    side: int = option(32, *SIDE, en="pixels of a side", zh="边长像素")
    width: int = option(32, *WIDTH, en="channels of the first layer", zh="首层通道数")

    def __post_init__(self) -> None:
        check_options(self, "")
        checked_labels(self.labels)
        if self.side % STEP:
            raise invalid("side", limit=f"a multiple of {STEP}")

    def to_dict(self) -> dict[str, Any]:
        """JSON form, the content of ``config.json``."""
        return {folders.FAMILY: NAME, **asdict(self), "labels": list(self.labels)}


def read_config(folder: Path) -> ImageConfig:
    """Raises PlatformError 422 FILE_MISSING, CHECKSUM_MISMATCH."""
    values = {name: value for name, value in folders.config_of(folder).items() if name != folders.FAMILY}
    try:
        return read_options(ImageConfig, values, "", exact=True)
    except PlatformError as error:
        raise folders.damaged(folders.CONFIG, f"{error.field}: {error.limit}") from error
