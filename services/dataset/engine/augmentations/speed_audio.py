"""Speed_Audio: a recording played slower or faster, as a tape is: what is said takes longer and sounds deeper, or the other way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from libs.common.errors import invalid
from libs.data.options import option
from services.dataset.engine.augmentations import AudioAugmentation
from services.dataset.engine.augmentations._audio import AudioOptions, AudioVariation, Sound, played
from services.dataset.engine.draw import Draw

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class SpeedOptions(AudioOptions):
    """Between what."""

    slowest: float = option(0.9, 0.25, 4.0, en="times the speed, at least", zh="最慢倍速")
    fastest: float = option(1.1, 0.25, 4.0, en="times the speed, at most", zh="最快倍速")


class Speed(AudioVariation):
    def __init__(self, options: SpeedOptions) -> None:
        if options.slowest > options.fastest:
            raise invalid("options.slowest", limit="at most fastest")
        self._slowest, self._fastest = options.slowest, options.fastest

    def change(self, sound: Sound, draw: Draw) -> NDArray[Any]:
        factor = draw.between(self._slowest, self._fastest)
        return played(sound.frames, factor, max(1, int(len(sound.frames) / factor)))


KIND = AudioAugmentation(name="Speed_Audio", options=SpeedOptions, variation=Speed, needs=("data",), place=92)
