"""Digits drawn here for picture classifiers: seven strokes, moved, thickened and strewn with noise, in a fixed order."""

from __future__ import annotations

import io
import random
from pathlib import Path

from PIL import Image, ImageDraw

STROKES = {
    "0": "abcdef",
    "1": "bc",
    "2": "abged",
    "3": "abgcd",
    "4": "fgbc",
    "5": "afgcd",
    "6": "afgedc",
    "7": "abc",
    "8": "abcdefg",
    "9": "abcdfg",
}
ENDS = {
    "a": ((0, 0), (1, 0)),
    "b": ((1, 0), (1, 1)),
    "c": ((1, 1), (1, 2)),
    "d": ((0, 2), (1, 2)),
    "e": ((0, 1), (0, 2)),
    "f": ((0, 0), (0, 1)),
    "g": ((0, 1), (1, 1)),
}


def drawn(digit: str, dice: random.Random, side: int = 28) -> Image.Image:
    picture = Image.new("L", (side, side), 255)
    brush = ImageDraw.Draw(picture)
    wide, left, top = dice.uniform(7, 11), dice.uniform(4, 12), dice.uniform(2, 7)
    lean = dice.uniform(-1.5, 1.5)
    for stroke in STROKES[digit]:
        ends = [(left + x * wide + (2 - y) * lean, top + y * wide * 0.9 + dice.uniform(-0.6, 0.6)) for x, y in ENDS[stroke]]
        brush.line(ends, fill=dice.randrange(0, 70), width=dice.choice((2, 3)))
    for _ in range(30):
        picture.putpixel((dice.randrange(side), dice.randrange(side)), dice.randrange(256))
    return picture


def png(picture: Image.Image) -> bytes:
    written = io.BytesIO()
    picture.save(written, "PNG")
    return written.getvalue()


def write_folders(folder: Path, each: int, seed: int) -> Path:
    """``folder/DIGIT/NUMBER.png``: what an import of pictures takes, the folder's name as label."""
    dice = random.Random(seed)
    for digit in STROKES:
        (folder / digit).mkdir(parents=True)
        for number in range(each):
            (folder / digit / f"{number:03}.png").write_bytes(png(drawn(digit, dice)))
    return folder
