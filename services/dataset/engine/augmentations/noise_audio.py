"""Noise_Audio: a hiss under a recording, so far below it as is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from libs.common.errors import invalid
from libs.data.options import option
from services.dataset.engine.augmentations import AudioAugmentation
from services.dataset.engine.augmentations._audio import AudioOptions, AudioVariation, Sound
from services.dataset.engine.draw import Draw

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BYTES = 4  # whose sum is near enough a normal distribution
_SPREAD = (_BYTES * (256**2 - 1) / 12) ** 0.5  # of that sum


@dataclass(frozen=True, slots=True)
class AudioNoiseOptions(AudioOptions):
    """How far below."""

    loudest: float = option(15.0, -10.0, 80.0, unit="dB", en="least distance of the noise below the recording", zh="信噪比下限")
    quietest: float = option(30.0, -10.0, 80.0, unit="dB", en="most distance of the noise below the recording", zh="信噪比上限")


class AudioNoise(AudioVariation):
    def __init__(self, options: AudioNoiseOptions) -> None:
        if options.loudest > options.quietest:
            raise invalid("options.loudest", limit="at most quietest")
        self._loudest, self._quietest = options.loudest, options.quietest

    def change(self, sound: Sound, draw: Draw) -> NDArray[Any] | None:
        import numpy as np

        below = draw.between(self._loudest, self._quietest)
        power = float(np.cumsum(sound.frames.ravel() ** 2)[-1]) / sound.frames.size  # summed in one order
        if power == 0:
            return None
        return sound.frames + self._drawn(sound.frames.shape, draw.bits()) * (power**0.5 / _SPREAD / 10 ** (below / 20))  # type: ignore[no-any-return]

    def _drawn(self, shape: tuple[int, ...], seed: int) -> NDArray[Any]:
        """Whole numbers from a stream that numpy keeps: the same everywhere, always."""
        import numpy as np

        count = int(np.prod(shape))
        stream = np.random.PCG64(seed).random_raw(-(-count * _BYTES // 8)).astype("<u8").view(np.uint8)
        sums: NDArray[Any] = stream[: count * _BYTES].reshape(count, _BYTES).sum(axis=1, dtype=np.int32) * 2 - _BYTES * 255
        return sums.reshape(shape) / 2


KIND = AudioAugmentation(name="Noise_Audio", options=AudioNoiseOptions, variation=AudioNoise, needs=("data",), place=93)
