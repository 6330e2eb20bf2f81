"""A picture as numbers: a square of colours between 0 and 1, the same wherever it is read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from libs.common.errors import PlatformError, Reason
from libs.data import pictures
from libs.models import folder as folders
from libs.models.image_classifier.config import SIDE

VERSION = 1  # rises when the same picture would become other numbers


class Pictures:
    """side: pixels."""

    def __init__(self, side: int) -> None:
        self.side = side

    def read(self, questions: Sequence[str]) -> npt.NDArray[np.float32]:
        """[B, 3, side, side] of data URLs. Raises PlatformError 400 naming ``picture``."""
        from PIL import Image

        seen = [pictures.read(question).resize((self.side, self.side), Image.Resampling.BOX) for question in questions]
        found = np.stack([np.asarray(picture, np.float32) for picture in seen]) / np.float32(255)
        return np.ascontiguousarray(found.transpose(0, 3, 1, 2))

    def save(self, path: Path) -> None:
        """Writes ``tokenizer.json``."""
        path.write_text(json.dumps({"pictures": VERSION, "side": self.side}, sort_keys=True) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Pictures:
        """Raises PlatformError 422 FILE_MISSING, CHECKSUM_MISMATCH."""
        path = folder / folders.TOKENIZER
        if not path.is_file():
            raise PlatformError(422, Reason.FILE_MISSING, file=path.name)
        try:
            said = json.loads(path.read_bytes())
            if said["pictures"] != VERSION or type(said["side"]) is not int or not SIDE[0] <= said["side"] <= SIDE[1]:
                raise ValueError
            return cls(said["side"])
        except (ValueError, KeyError, TypeError, RecursionError):
            raise folders.damaged(folders.TOKENIZER, f"not pictures of version {VERSION}") from None
