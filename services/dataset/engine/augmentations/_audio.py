"""What the ways to vary a recording have in common: opening it, playing it faster, and keeping the new one as a blob.

All of it is sums and products in one order, so that the same draw gives the same samples on any machine.
"""

from __future__ import annotations

import io
from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from libs.common.errors import PlatformError, Reason
from libs.data.blobs import KEY, name_of
from libs.data.records import Record
from services.dataset.engine.augmentations import MadeOptions, Variation
from services.dataset.engine.draw import Draw

if TYPE_CHECKING:
    from numpy.typing import NDArray

FIELD = "audio"
LOUDEST = (1 << 31) - 1  # samples are whole numbers of 32 bits, however many the file has
_KEPT = {"PCM_16": "PCM_16", "PCM_S8": "PCM_16", "PCM_U8": "PCM_16"}  # all others: 24 bits


@dataclass(frozen=True, slots=True)
class AudioOptions(MadeOptions):
    """Of every way."""


class Sound(NamedTuple):
    """frames: a row a moment, a column a channel. format, subtype: of the file it comes from."""

    frames: NDArray[Any]
    rate: int
    format: str
    subtype: str


class AudioVariation(Variation):
    """Varies the recording of a record; what is said of it stays, also what was heard in it."""

    _last: tuple[str, Sound | None] = ("", None)

    @abstractmethod
    def change(self, sound: Sound, draw: Draw) -> NDArray[Any] | None:
        """Other frames, as numbers with fractions; None where this one gives nothing to change."""

    def vary(self, record: Record, draw: Draw) -> Record | None:
        named = record.get(FIELD)
        if not isinstance(named, dict) or not isinstance(named.get(KEY), str):
            return None
        sound = self._opened(named[KEY])
        frames = self.change(sound, draw)
        return None if frames is None or not len(frames) else {FIELD: {**named, KEY: self._kept(sound, frames)}}

    def _opened(self, digest: str) -> Sound:
        """Kept for the next child of the same record."""
        if self._last[0] != digest or self._last[1] is None:
            self._last = (digest, _read(self.media.read(digest), digest))
        assert self._last[1] is not None
        return self._last[1]

    def _kept(self, sound: Sound, frames: NDArray[Any]) -> str:
        import numpy as np
        import soundfile

        out, subtype = io.BytesIO(), _KEPT.get(sound.subtype, "PCM_24")
        step = 1 << (16 if subtype == "PCM_16" else 8)
        whole = np.clip(np.floor(frames / step + 0.5), -(LOUDEST // step) - 1, LOUDEST // step).astype(np.int32) * step
        soundfile.write(out, whole, sound.rate, format=sound.format, subtype=subtype)
        facts = {"seconds": round(len(whole) / sound.rate, 6), "rate": sound.rate, "channels": whole.shape[1]}
        return self.media.add(out.getvalue(), f"audio/{sound.format.lower()}", facts)


def _read(data: bytes, digest: str) -> Sound:
    import soundfile

    try:
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            format = "FLAC" if file.format == "FLAC" else "WAV"
            return Sound(file.read(dtype="int32", always_2d=True).astype(float), file.samplerate, format, file.subtype)
    except (soundfile.LibsndfileError, OSError, ValueError) as error:
        limit = f"a recording that can be decoded ({type(error).__name__})"
        raise PlatformError(422, Reason.FILE_TRUNCATED, field="input", limit=limit, file=name_of(digest), row=1) from None


def played(frames: NDArray[Any], factor: float, count: int) -> NDArray[Any]:
    """``count`` frames of what is heard when it is played ``factor`` times as fast: each is the mean of the stretch it stands for, so that
    tones too high for the rate fade instead of coming back as others."""
    import numpy as np

    padded = np.vstack([frames, frames[-1:]])
    areas = np.vstack([np.zeros((1, frames.shape[1])), np.cumsum((padded[:-1] + padded[1:]) / 2, axis=0)])
    edges = np.minimum(np.arange(count + 1) * factor, len(frames))
    low = np.minimum(edges.astype(np.int64), len(frames) - 1)
    part = (edges - low)[:, None]
    heights, rises = padded[low], padded[low + 1] - padded[low]
    whole = areas[low] + part * (heights + rises * part / 2)
    widths = np.maximum(edges[1:] - edges[:-1], 1e-9)[:, None]
    return (whole[1:] - whole[:-1]) / widths  # type: ignore[no-any-return]
