"""A dataset: a name under which versions of one body of data live, with its type, source and secrecy."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class DatasetType(IntEnum):
    Image = 1
    Text = 2
    Video = 3
    Audio = 4
    Multimodal = 5


class SecrecyLevel(IntEnum):
    PUBLIC = 0
    INTERNAL = 10
    CONFIDENTIAL = 20
    SECRET = 30


@dataclass(frozen=True)
class Dataset:
    """file_url: where the data came from, as the owner names it. secrecy: what every version and all that is made of it inherits."""

    id: int
    name: str
    type: DatasetType
    project_space_id: int
    user_id: int
    desc: str = ""
    file_url: str = ""
    secrecy: SecrecyLevel = SecrecyLevel.PUBLIC
    source: str = ""
    create_time: int = 0
    update_time: int = 0
    version: int = 0
