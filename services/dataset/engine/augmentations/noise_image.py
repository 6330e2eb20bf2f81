"""Noise_Image: every channel of every pixel a little off, as a camera in the dark is. What is transparent stays so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from libs.data.options import option
from services.dataset.engine.augmentations import ImageAugmentation
from services.dataset.engine.augmentations._image import Change, ImageOptions, ImageVariation
from services.dataset.engine.draw import Draw

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image

_BYTES = 4  # whose sum is near enough a normal distribution
_SPREAD = (_BYTES * (256**2 - 1) / 12) ** 0.5  # of that sum


@dataclass(frozen=True, slots=True)
class NoiseOptions(ImageOptions):
    """How much."""

    strength: float = option(
        0.05, 0.001, 0.5, unit="0..1", en="standard deviation, of the whole range of a channel", zh="标准差，占通道取值范围的比例"
    )


class Noise(ImageVariation):
    def __init__(self, options: NoiseOptions) -> None:
        self._strength = options.strength

    def change(self, image: Image, draw: Draw) -> Change:
        import numpy as np
        from PIL import Image as pictures

        pixels = np.array(image)
        channels = pixels.reshape(image.height, image.width, -1)
        seen = channels[:, :, : len([band for band in image.getbands() if band != "A"])]
        seen[:] = np.clip(seen + self._drawn(seen.shape, draw.bits()), 0, 255)
        return Change(pictures.fromarray(pixels))

    def _drawn(self, shape: tuple[int, ...], seed: int) -> NDArray[Any]:
        """Whole numbers by whole numbers, from a stream that numpy keeps: the same everywhere, always."""
        import numpy as np

        count = int(np.prod(shape))
        stream = np.random.PCG64(seed).random_raw(-(-count * _BYTES // 8))
        sums = stream.astype("<u8").view(np.uint8)[: count * _BYTES].reshape(count, _BYTES).sum(axis=1, dtype=np.int32) - _BYTES * 255 // 2
        factor = round(self._strength * 255 / _SPREAD * (1 << 16))
        noise: NDArray[Any] = ((sums * factor + (1 << 15)) >> 16).astype(np.int16)
        return noise.reshape(shape)


KIND = ImageAugmentation(name="Noise_Image", options=NoiseOptions, variation=Noise, needs=("data",), place=89)
