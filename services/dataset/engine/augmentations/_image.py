"""What the ways to vary a picture have in common: opening it, carrying its regions along, and keeping the new one as a blob."""

from __future__ import annotations

import io
from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from libs.common.errors import PlatformError, Reason
from libs.data.blobs import KEY, name_of
from libs.data.options import option
from libs.data.records import Record
from services.dataset.engine.augmentations import MadeOptions, Variation
from services.dataset.engine.draw import Draw
from services.dataset.engine.regions import REGIONS, Affine, moved

if TYPE_CHECKING:
    from PIL.Image import Image

FIELD = "image"
QUALITY = 95  # of a JPEG made of a JPEG
_ORIENTATION = 0x0112  # the tag that says how a camera was held
_DEEP = ("I", "F", "I;16", "I;16B", "I;16L")  # more than 8 bits: they would be lost
_AS = {"1": "L", "CMYK": "RGB", "YCbCr": "RGB", "LAB": "RGB", "HSV": "RGB", "PA": "RGBA", "La": "LA", "RGBa": "RGBA", "RGBX": "RGB"}


@dataclass(frozen=True, slots=True)
class ImageOptions(MadeOptions):
    """Of every way."""


@dataclass(frozen=True, slots=True)
class MovingOptions(ImageOptions):
    """Of those after which things stand elsewhere."""

    least_seen: float = option(
        0.2, 0.0, 1.0, unit="0..1", en="a region of which less can still be seen is left out", zh="可见部分低于此值的区域不再保留"
    )


class Change(NamedTuple):
    """way: where what stood somewhere stands now, None where everything stays."""

    image: Image
    way: Affine | None = None


class ImageVariation(Variation):
    """Varies the picture of a record, and moves its regions."""

    least_seen: float = 0.0
    _last: tuple[str, _Picture | None] = ("", None)

    @abstractmethod
    def change(self, image: Image, draw: Draw) -> Change | None:
        """Another picture of 8 bits a channel (L, LA, RGB or RGBA); None where this one gives nothing to change."""

    def vary(self, record: Record, draw: Draw) -> Record | None:
        named = record.get(FIELD)
        if not isinstance(named, dict) or not isinstance(named.get(KEY), str):
            return None
        picture = self._opened(named[KEY])
        change = None if picture is None else self.change(picture.image, draw)
        if picture is None or change is None or (change.way is None and change.image.tobytes() == picture.image.tobytes()):
            return None
        regions = self._regions(record, change)
        return {FIELD: {**named, KEY: self._kept(picture, change.image)}, **regions}

    def _opened(self, digest: str) -> _Picture | None:
        """Kept for the next child of the same record."""
        if self._last[0] != digest:
            self._last = (digest, _opened(self.media.read(digest), digest))
        return self._last[1]

    def _regions(self, record: Record, change: Change) -> dict[str, Any]:
        if change.way is None or record.get(REGIONS) is None:
            return {}
        return {REGIONS: moved(record, change.way, change.image.size, self.least_seen)}

    def _kept(self, picture: _Picture, image: Image) -> str:
        out, format = io.BytesIO(), "JPEG" if picture.format == "JPEG" and image.mode in ("L", "RGB") else "PNG"
        image.save(out, format, quality=QUALITY, **_held(picture.orientation))
        return self.media.add(out.getvalue(), f"image/{format.lower()}", {"width": image.width, "height": image.height})


class _Picture(NamedTuple):
    image: Image
    format: str
    orientation: int


def _opened(data: bytes, digest: str) -> _Picture | None:
    """The picture, of an animation the first; None for one that has more than 8 bits a channel."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None  # what was imported was asked for its size before
    try:
        with Image.open(io.BytesIO(data)) as image:
            if image.mode in _DEEP:
                return None
            mode = ("RGBA" if "transparency" in image.info else "RGB") if image.mode == "P" else _AS.get(image.mode, image.mode)
            return _Picture(image.convert(mode), str(image.format), int(image.getexif().get(_ORIENTATION, 1)))
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        limit = f"a picture that can be decoded ({type(error).__name__})"
        raise PlatformError(422, Reason.FILE_TRUNCATED, field="input", limit=limit, file=name_of(digest), row=1) from None


def _held(orientation: int) -> dict[str, Any]:
    """So that the child is shown as its parent is."""
    from PIL import Image

    exif = Image.Exif()
    exif[_ORIENTATION] = orientation
    return {} if orientation == 1 else {"exif": exif}
