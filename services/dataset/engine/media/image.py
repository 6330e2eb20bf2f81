"""image: PNG, JPEG, WebP, BMP, TIFF and GIF (its first picture)."""

from __future__ import annotations

import warnings
from typing import BinaryIO

from libs.common.errors import Reason
from services.dataset.engine.media import Bounds, MediaFormat, Medium
from services.dataset.engine.rows import Fault

TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "BMP": "image/bmp", "TIFF": "image/tiff", "GIF": "image/gif"}


def read(handle: BinaryIO, bounds: Bounds) -> Medium | Fault:
    from PIL import Image, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = None  # ours is asked before anything is unpacked, and says what it is
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(handle, formats=tuple(TYPES)) as image:
            width, height = image.size
            if width * height > bounds.pixels:
                return Fault(Reason.FILE_TOO_LARGE, f"at most {bounds.pixels} pixels", f"{width} x {height}")
            image.load()
            return Medium(TYPES[str(image.format)], {"width": width, "height": height})
    except UnidentifiedImageError:
        return Fault(Reason.FORMAT_UNKNOWN, ", ".join(TYPES), "no picture that is known")
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError, OverflowError) as error:
        return Fault(Reason.FILE_TRUNCATED, "a complete picture", f"it cannot be decoded ({type(error).__name__})")


KIND = MediaFormat(
    name="image",
    extensions=("png", "jpg", "jpeg", "webp", "bmp", "tif", "tiff", "gif"),
    signs=(
        (0, b"\x89PNG\r\n\x1a\n"),
        (0, b"\xff\xd8\xff"),
        (8, b"WEBP"),
        (0, b"BM"),
        (0, b"II*\0"),
        (0, b"MM\0*"),
        (0, b"GIF8"),
    ),
    read=read,
    field="image",
    needs=("data",),
    place=1,
)
