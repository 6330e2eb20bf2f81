"""A small picture of what a record names, to be shown before there is a version that has it."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

from libs.data.blobs import KEY, name_of
from libs.data.records import Record

SIDE = 128  # pixels, at most
PICTURE = "_picture"  # beside the content of a record that is shown


def pictured(folder: Path, record: Record) -> dict[str, Any]:
    """``{"_picture": PNG in base64}`` of the image of a record in a version, {} where there is none."""
    named = record.get("image")
    if not isinstance(named, dict) or not isinstance(named.get(KEY), str):
        return {}
    from PIL import Image

    out = io.BytesIO()
    with Image.open(folder / name_of(named[KEY])) as image:
        image.thumbnail((SIDE, SIDE))
        image.convert("RGBA" if "A" in image.getbands() else "RGB").save(out, "PNG", icc_profile=None)
    return {PICTURE: base64.b64encode(out.getvalue()).decode()}
