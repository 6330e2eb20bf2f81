"""A dataset task: one operation that makes one or two versions out of one, or out of the world (an import)."""

from __future__ import annotations

from dataclasses import dataclass, field

from idl.enums import DatasetTaskSubType as DatasetTaskSubType
from idl.enums import DatasetTaskType as DatasetTaskType
from libs.common.errors import invalid
from libs.common.work.task import Task


@dataclass(frozen=True)
class DatasetTask(Task):
    """input_version_id: 0 for an import. output_version_ids: empty until it succeeded."""

    dataset_id: int = 0
    input_version_id: int = 0
    type: DatasetTaskType = DatasetTaskType.Cleaning
    sub_type: DatasetTaskSubType = DatasetTaskSubType.Custom_Cleaning
    output_version_ids: list[int] = field(default_factory=list)

    @property
    def kind_of_work(self) -> str:
        return self.sub_type.name


@dataclass(frozen=True)
class DroppedRecord:
    """A record a task left out. kept_id: of the record it repeats, "" otherwise. step: of a recipe, from 1; 0 elsewhere."""

    id: str
    rule: str
    reason: str
    score: float = 0.0
    threshold: float = 0.0
    kept_id: str = ""
    source: str = ""
    excerpt: str = ""
    step: int = 0


def check_type(type: DatasetTaskType, sub_type: DatasetTaskSubType) -> None:
    """Raises PlatformError 400 when the sub-type is not one of its type."""
    if sub_type // 1000 * 1000 != type:
        raise invalid("sub_type", limit=f"a sub-type of {type.name}", value=sub_type.name)
