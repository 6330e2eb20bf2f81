"""What a model was trained on, as far back as it is known, and whether the test is of one line with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Training:
    """uris: of the training versions that can be read, by id. unknown: ids of those that cannot. elsewhere: ids of model versions in its
    line that were made elsewhere, on data nobody here knows. line: the way from the test to a training
    version or back through parents, as ids; [] when there is none. Versions that only share an ancestor, like the two parts of a split,
    are not of one line: what they hold decides.
    """

    uris: dict[int, str] = field(default_factory=dict)
    unknown: list[int] = field(default_factory=list)
    line: list[int] = field(default_factory=list)
    elsewhere: list[int] = field(default_factory=list)


def line_between(test: int, training: Sequence[int], parents: Mapping[int, int]) -> list[int]:
    """The ids from one down to the other when one of them was made of the other, in however many steps. parents: 0 or absent = imported."""
    ancestors = _ancestors(test, parents)
    for id in training:
        if id in ancestors:
            return ancestors[: ancestors.index(id) + 1]
        theirs = _ancestors(id, parents)
        if test in theirs:
            return theirs[: theirs.index(test) + 1]
    return []


def _ancestors(id: int, parents: Mapping[int, int]) -> list[int]:
    """The version itself, its parent, and so on to the import."""
    found = [id]
    while (parent := parents.get(found[-1], 0)) and parent not in found:
        found.append(parent)
    return found
