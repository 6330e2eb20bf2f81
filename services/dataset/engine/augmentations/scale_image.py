"""Scale_Image: a picture larger or smaller, both sides alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from libs.common.errors import invalid
from libs.data.options import option
from services.dataset.engine.augmentations import ImageAugmentation
from services.dataset.engine.augmentations._image import Change, ImageVariation, MovingOptions
from services.dataset.engine.draw import Draw
from services.dataset.engine.regions import Affine

if TYPE_CHECKING:
    from PIL.Image import Image

_MOST = 20_000  # pixels of a side


@dataclass(frozen=True, slots=True)
class ScaleOptions(MovingOptions):
    """How much."""

    smallest: float = option(0.7, 0.05, 4.0, en="smallest factor", zh="最小倍数")
    largest: float = option(1.3, 0.05, 4.0, en="largest factor", zh="最大倍数")


class Scaling(ImageVariation):
    def __init__(self, options: ScaleOptions) -> None:
        if options.largest < options.smallest:
            raise invalid("options.largest", limit="at least smallest")
        self._options, self.least_seen = options, options.least_seen

    def change(self, image: Image, draw: Draw) -> Change | None:
        from PIL.Image import Resampling

        factor = draw.between(self._options.smallest, self._options.largest)
        width, height = (max(1, round(side * factor)) for side in image.size)
        if (width, height) == image.size or max(width, height) > _MOST:
            return None
        return Change(image.resize((width, height), Resampling.LANCZOS), Affine(width / image.width, 0, 0, 0, height / image.height, 0))


KIND = ImageAugmentation(name="Scale_Image", options=ScaleOptions, variation=Scaling, needs=("data",), place=86)
