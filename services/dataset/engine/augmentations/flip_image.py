"""Flip_Image: a picture as a mirror shows it. Only for pictures that mean the same so: no letters, no left and right hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from libs.data.options import option
from services.dataset.engine.augmentations import ImageAugmentation
from services.dataset.engine.augmentations._image import Change, ImageOptions, ImageVariation
from services.dataset.engine.draw import Draw
from services.dataset.engine.regions import Affine

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True, slots=True)
class FlipOptions(ImageOptions):
    """Which way."""

    direction: Literal["horizontal", "vertical", "any"] = option(
        "horizontal",
        en="horizontal: left becomes right; vertical: up becomes down; any: drawn",
        zh="horizontal 左右翻转；vertical 上下翻转；any 随机",
    )


class Flip(ImageVariation):
    def __init__(self, options: FlipOptions) -> None:
        self._direction = options.direction

    def change(self, image: Image, draw: Draw) -> Change:
        from PIL.Image import Transpose

        if (draw.one_of(("horizontal", "vertical")) if self._direction == "any" else self._direction) == "horizontal":
            return Change(image.transpose(Transpose.FLIP_LEFT_RIGHT), Affine(-1, 0, image.width, 0, 1, 0))
        return Change(image.transpose(Transpose.FLIP_TOP_BOTTOM), Affine(1, 0, 0, 0, -1, image.height))


KIND = ImageAugmentation(name="Flip_Image", options=FlipOptions, variation=Flip, needs=("data",), place=88)
