"""Augmentation, one way a file: its options class, what it makes of a record, and the ``KIND`` that declares both."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from libs.data.options import option, read_options
from libs.data.records import Record
from libs.data.registry import Kind, kinds_in
from services.dataset.engine.draw import Draw
from services.dataset.engine.made_media import Media
from services.dataset.engine.shards import working_processes

MOST_COPIES = 50


class Variation(ABC):
    """One way to make another record of a record. ``version`` rises when the same draw would make another one."""

    version: ClassVar[int] = 1
    media: Media

    def over(self, media: Media) -> Self:
        """The same, told where the blobs of the records are, and where new ones go."""
        self.media = media
        return self

    @abstractmethod
    def vary(self, record: Record, draw: Draw) -> Record | None:
        """The fields that differ in the child, None where this record gives nothing to vary. All that is random comes from ``draw``."""


@dataclass(frozen=True, slots=True)
class MadeOptions:
    """How many children there are, of whom."""

    copies: int = option(1, 1, MOST_COPIES, en="records made of each", zh="每条记录生成的条数")
    share: float = option(1.0, 0.0, 1.0, unit="0..1", en="share of the records that something is made of", zh="参与增强的记录占比")
    of_made: bool = option(
        False,
        en="also of what an earlier augmentation made; false: of the originals alone",
        zh="对先前增强所得的记录也继续增强；false 仅对原始记录",
    )
    seed: int = option(1, 0, 2**63 - 1, en="fixes what is drawn", zh="随机种子")
    processes: int = working_processes()


@dataclass(frozen=True, kw_only=True)
class Augmentation(Kind):
    """of: what it makes more of. variation: made from its options."""

    of: ClassVar[str]
    variation: Callable[[Any], Variation]

    def read(self, options: Any, path: str = "options") -> Any:
        """Options from JSON. Raises PlatformError 400, also for what only all of them together show."""
        found = read_options(self.options, options, path)
        self.variation(found)
        return found


@dataclass(frozen=True, kw_only=True)
class TextAugmentation(Augmentation):
    of = "Text"


@dataclass(frozen=True, kw_only=True)
class ImageAugmentation(Augmentation):
    of = "Image"

    def read(self, options: Any, path: str = "options") -> Any:
        import PIL  # noqa: F401  # missing, it is said when the task is created

        return super().read(options, path)


@dataclass(frozen=True, kw_only=True)
class AudioAugmentation(Augmentation):
    of = "Audio"

    def read(self, options: Any, path: str = "options") -> Any:
        import soundfile  # noqa: F401  # missing, it is said when the task is created

        return super().read(options, path)


AUGMENTATIONS: dict[str, Augmentation] = kinds_in(__name__, Augmentation)
