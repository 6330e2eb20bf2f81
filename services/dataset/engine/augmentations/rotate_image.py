"""Rotate_Image: a picture turned about its middle by some degrees."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from libs.data.options import option
from services.dataset.engine.augmentations import ImageAugmentation
from services.dataset.engine.augmentations._image import Change, ImageVariation, MovingOptions
from services.dataset.engine.draw import Draw
from services.dataset.engine.regions import turned

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True, slots=True)
class RotateOptions(MovingOptions):
    """How far, and what becomes of the corners."""

    degrees: float = option(15.0, 0.1, 180.0, unit="°", en="turned by up to this, either way", zh="最大旋转角度，双向")
    grow: bool = option(
        True,
        en="the new picture holds all of the old one; false: it has its size, and corners are cut off",
        zh="扩大画面以保留全图；false 保持尺寸并裁去边角",
    )
    fill: int = option(0, 0, 255, en="grey of what was not in the picture", zh="空白处的灰度")


class Rotation(ImageVariation):
    def __init__(self, options: RotateOptions) -> None:
        self._options, self.least_seen = options, options.least_seen

    def change(self, image: Image, draw: Draw) -> Change:
        from PIL.Image import Resampling, Transform

        degrees = draw.between(-self._options.degrees, self._options.degrees)
        size = _grown(degrees, *image.size) if self._options.grow else image.size
        way = turned(degrees, *image.size, *size)
        fill = tuple(255 if band == "A" else self._options.fill for band in image.getbands())
        return Change(
            image.transform(size, Transform.AFFINE, way.back(), Resampling.BICUBIC, fillcolor=fill if len(fill) > 1 else fill[0]), way
        )


def _grown(degrees: float, width: int, height: int) -> tuple[int, int]:
    sine, cosine = abs(math.sin(math.radians(degrees))), abs(math.cos(math.radians(degrees)))
    return math.ceil(width * cosine + height * sine - 1e-6), math.ceil(width * sine + height * cosine - 1e-6)


KIND = ImageAugmentation(name="Rotate_Image", options=RotateOptions, variation=Rotation, needs=("data",), place=85)
