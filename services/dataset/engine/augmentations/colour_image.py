"""Colour_Image: a picture brighter or darker, with more or less contrast and colour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from libs.data.options import option
from services.dataset.engine.augmentations import ImageAugmentation
from services.dataset.engine.augmentations._image import Change, ImageOptions, ImageVariation
from services.dataset.engine.draw import Draw

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True, slots=True)
class ColourOptions(ImageOptions):
    """How much of each."""

    brightness: float = option(0.3, 0.0, 1.0, unit="0..1", en="brighter or darker by up to this share", zh="亮度最大变化占比")
    contrast: float = option(0.3, 0.0, 1.0, unit="0..1", en="more or less contrast by up to this share", zh="对比度最大变化占比")
    colour: float = option(0.3, 0.0, 1.0, unit="0..1", en="more or less colour by up to this share", zh="饱和度最大变化占比")


class Colour(ImageVariation):
    def __init__(self, options: ColourOptions) -> None:
        self._options = options

    def change(self, image: Image, draw: Draw) -> Change:
        from PIL import ImageEnhance

        most = self._options
        for enhance, share in (
            (ImageEnhance.Brightness, most.brightness),
            (ImageEnhance.Contrast, most.contrast),
            (ImageEnhance.Color, most.colour),
        ):
            image = enhance(image).enhance(draw.between(1 - share, 1 + share))
        return Change(image)


KIND = ImageAugmentation(name="Colour_Image", options=ColourOptions, variation=Colour, needs=("data",), place=90)
