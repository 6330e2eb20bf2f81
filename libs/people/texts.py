"""How like two texts are: the number of changed characters, in a machine word per character of the other text."""

from __future__ import annotations

COMPARED = 5000  # characters of a text; of longer ones their beginnings are compared


def distance(one: str, other: str) -> int:
    """The Levenshtein distance. Hyyrö's form of Myers' algorithm (2003): a column of the table is two whole numbers, a bit per row."""
    if not one or not other:
        return max(len(one), len(other))
    places: dict[str, int] = {}
    for at, letter in enumerate(one):
        places[letter] = places.get(letter, 0) | 1 << at
    whole, last = (1 << len(one)) - 1, 1 << len(one) - 1
    rises, falls, score = whole, 0, len(one)  # where a column of the table goes up or down by one
    for letter in other:
        same = places.get(letter, 0)
        diagonal = (((same & rises) + rises) ^ rises) | same | falls
        up, down = falls | ~(diagonal | rises) & whole, rises & diagonal
        score += bool(up & last) - bool(down & last)
        up, down = up << 1 | 1, down << 1
        rises, falls = (down | ~(diagonal | up)) & whole, up & diagonal & whole
    return score


def similarity(one: str, other: str) -> float:
    """1 for equal texts, 0 for texts of which nothing is left."""
    one, other = one.strip()[:COMPARED], other.strip()[:COMPARED]
    longest = max(len(one), len(other))
    return 1.0 if not longest else 1 - distance(one, other) / longest


def nearest(texts: list[str]) -> tuple[str, float]:
    """The text that is most like all of them, the first of equals, and how like they are to it on the average."""
    likeness = [sum(similarity(text, other) for other in texts) / len(texts) for text in texts]
    best = max(range(len(texts)), key=lambda at: (likeness[at], -at))
    return texts[best], likeness[best]
