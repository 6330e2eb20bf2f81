"""A dataset task: one operation that makes one or two versions out of one, or out of the world (an import)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

from libs.common.errors import invalid
from libs.common.work.task import Task


class DatasetTaskType(IntEnum):
    Cleaning = 1000
    Augmentation = 2000
    Annotation = 3000
    Conversion = 4000
    Splitting = 5000
    Importing = 6000


class DatasetTaskSubType(IntEnum):
    """Law: ``sub_type // 1000 * 1000 == type``."""

    Strip_Html = 1001
    Remove_Noncompliant = 1002
    Remove_Low_Quality = 1003
    Deduplicate = 1004
    Custom_Cleaning = 1900
    Image_Augmentation = 2001
    Text_Augmentation = 2101
    Audio_Augmentation = 2201
    Video_Augmentation = 2301
    Bounding_Box_Annotation = 3001
    Image_Description = 3002
    Video_Description = 3003
    Sentiment_Analysis = 3004
    Speech_Recognition = 3005
    Question_Answer = 3006
    Format_Conversion = 4001
    Train_Test_Split = 5001
    File_Import = 6001
    Pydoc_Import = 6004


@dataclass(frozen=True)
class DatasetTask(Task):
    """input_version_id: 0 for an import. output_version_ids: empty until it succeeded."""

    dataset_id: int = 0
    input_version_id: int = 0
    type: DatasetTaskType = DatasetTaskType.Cleaning
    sub_type: DatasetTaskSubType = DatasetTaskSubType.Custom_Cleaning
    output_version_ids: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class DroppedRecord:
    """A record a task left out. kept_id: of the record it repeats, "" otherwise."""

    id: str
    rule: str
    reason: str
    score: float = 0.0
    threshold: float = 0.0
    kept_id: str = ""
    source: str = ""
    excerpt: str = ""


def check_type(type: DatasetTaskType, sub_type: DatasetTaskSubType) -> None:
    """Raises PlatformError 400 when the sub-type is not one of its type."""
    if sub_type // 1000 * 1000 != type:
        raise invalid("sub_type", limit=f"a sub-type of {type.name}", value=sub_type.name)
