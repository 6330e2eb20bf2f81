"""Pitch_Audio: a recording that sounds higher or deeper and lasts as long.

It is stretched first, by overlapping pieces of it where they fit each other best (WSOLA), and then played as much faster or slower.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from libs.data.options import option
from services.dataset.engine.augmentations import AudioAugmentation
from services.dataset.engine.augmentations._audio import AudioOptions, AudioVariation, Sound, played
from services.dataset.engine.draw import Draw

if TYPE_CHECKING:
    from numpy.typing import NDArray

PIECE_SECONDS, SEEK_SECONDS = 0.04, 0.01
_BITS = 12  # of a sample that pieces are compared by: sums of products stay whole numbers


@dataclass(frozen=True, slots=True)
class PitchOptions(AudioOptions):
    """How far."""

    semitones: float = option(2.0, 0.1, 12.0, en="most semitones up or down", zh="音高升降的最大半音数")


class Pitch(AudioVariation):
    def __init__(self, options: PitchOptions) -> None:
        self._semitones = options.semitones

    def change(self, sound: Sound, draw: Draw) -> NDArray[Any] | None:
        factor = 2.0 ** (draw.between(-self._semitones, self._semitones) / 12)
        longer = stretched(sound.frames, factor, sound.rate)
        return None if longer is None else played(longer, len(longer) / len(sound.frames), len(sound.frames))


def stretched(frames: NDArray[Any], factor: float, rate: int) -> NDArray[Any] | None:
    """As long as ``factor`` times, in the same pitch; None for what is shorter than a few pieces."""
    import numpy as np

    hop, seek = max(1, int(rate * PIECE_SECONDS / 2)), int(rate * SEEK_SECONDS)
    count = int(len(frames) * factor / hop)
    if count < 4:
        return None
    ground = np.vstack([np.zeros((seek, frames.shape[1])), frames, np.zeros((2 * hop + seek + 1, frames.shape[1]))])
    rough = np.floor(ground.mean(axis=1) / (1 << (32 - _BITS))).astype(np.int64)
    fade = ((np.arange(2 * hop) + 0.5) / hop)[:, None]
    fade = np.minimum(fade, 2 - fade)
    out = np.zeros(((count + 2) * hop, frames.shape[1]))
    follows = 0  # where what was laid last would go on
    for number in range(count):
        near = min(int(number * hop / factor), len(frames))
        start = near if number == 0 else near + _best(rough[near : near + 2 * seek + hop], rough[follows : follows + hop])
        out[number * hop : (number + 2) * hop] += ground[start : start + 2 * hop] * fade
        follows = start + hop
    return out[hop // 2 : hop // 2 + int(len(frames) * factor)]


def _best(there: NDArray[Any], wanted: NDArray[Any]) -> int:
    """Where in ``there`` what is wanted fits best."""
    import numpy as np

    if len(there) < len(wanted) or len(wanted) == 0:
        return 0
    windows = np.lib.stride_tricks.sliding_window_view(there, len(wanted))[::2]
    return int(np.argmax(windows @ wanted)) * 2


KIND = AudioAugmentation(name="Pitch_Audio", options=PitchOptions, variation=Pitch, needs=("data",), place=91)
