"""Pictures as they are asked: a data URL. Decides which bytes are a picture, and how large one may be before it is decoded.

A picture of a dataset is made small before it is asked: no classifier here looks at more than ``ASKED`` pixels of a side, and an
evaluation keeps what it asked.
"""

from __future__ import annotations

import base64
import binascii
import io
from typing import TYPE_CHECKING

from libs.common.errors import Reason, invalid

if TYPE_CHECKING:
    from PIL.Image import Image

HEAD, MARK = "data:image/", ";base64,"
ASKED = 64  # pixels of a side
MOST_BYTES = 4 << 20
MOST_PIXELS = 20_000_000
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF")


def is_picture(question: str) -> bool:
    return question.startswith(HEAD)


def asked(data: bytes) -> str:
    """The picture as a question, made small. Raises PlatformError 400 naming ``picture``."""
    picture = small(opened(data))
    written = io.BytesIO()
    picture.save(written, "PNG")
    return f"{HEAD}png{MARK}{base64.b64encode(written.getvalue()).decode()}"


def small(picture: Image) -> Image:
    """What is looked at of it: a picture of a dataset and the same sent by somebody become one."""
    picture.thumbnail((ASKED, ASKED))
    return picture


def read(question: str) -> Image:
    """The picture of a question, in colour and small. Raises PlatformError 400 naming ``picture``."""
    head, mark, text = question.partition(MARK)
    if not is_picture(head) or not mark or len(text) > MOST_BYTES * 4 // 3 + 4:
        raise invalid("picture", limit=f"a data URL of a picture of at most {MOST_BYTES} bytes")
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise invalid("picture", limit="a data URL in base64") from None
    return small(opened(data))


def opened(data: bytes) -> Image:
    """Decoded to its end, in colour. How many pixels it has is asked before any is decoded. Raises PlatformError 400 naming ``picture``."""
    from PIL import Image

    try:
        picture = Image.open(io.BytesIO(data), formats=FORMATS)
        if picture.width * picture.height > MOST_PIXELS:
            raise invalid("picture", Reason.TOO_LARGE, limit=f"at most {MOST_PIXELS} pixels")
        return picture.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:  # whatever a decoder finds wrong
        raise invalid("picture", limit=f"a picture that can be decoded ({type(error).__name__})") from None
