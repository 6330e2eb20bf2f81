"""A dataset: a name under which versions of one body of data live, with its type, source and secrecy."""

from __future__ import annotations

from dataclasses import dataclass

from idl.enums import DatasetType as DatasetType
from idl.enums import SecrecyLevel as SecrecyLevel


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
