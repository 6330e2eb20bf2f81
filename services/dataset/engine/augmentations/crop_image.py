"""Crop_Image: a part of a picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from libs.data.options import option
from services.dataset.engine.augmentations import ImageAugmentation
from services.dataset.engine.augmentations._image import Change, ImageVariation, MovingOptions
from services.dataset.engine.draw import Draw
from services.dataset.engine.regions import Affine

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True, slots=True)
class CropOptions(MovingOptions):
    """How much stays."""

    smallest: float = option(0.7, 0.05, 1.0, unit="0..1", en="least of each side that stays", zh="每条边至少保留的占比")


class Crop(ImageVariation):
    def __init__(self, options: CropOptions) -> None:
        self._options, self.least_seen = options, options.least_seen

    def change(self, image: Image, draw: Draw) -> Change | None:
        share = draw.between(self._options.smallest, 1.0)
        width, height = (max(1, round(side * share)) for side in image.size)
        if (width, height) == image.size:
            return None
        left, top = draw.below(image.width - width + 1), draw.below(image.height - height + 1)
        return Change(image.crop((left, top, left + width, top + height)), Affine(1, 0, -left, 0, 1, -top))


KIND = ImageAugmentation(name="Crop_Image", options=CropOptions, variation=Crop, needs=("data",), place=87)
