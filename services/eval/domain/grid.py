"""A grid: every prompt with every target over one test version. Each cell is an evaluation like any other."""

from __future__ import annotations

from dataclasses import dataclass, field

from services.eval.domain.comparison import MetricComparison
from services.eval.domain.target import EvalTargetKind
from services.eval.domain.task import EvalTask

CELLS_MAX = 40  # all of them are compared at once, in one answer


@dataclass(frozen=True)
class GridTarget:
    model_version_id: int
    target_kind: EvalTargetKind = EvalTargetKind.WEIGHTS
    target_digest: str = ""
    target_address: str = ""


@dataclass(frozen=True)
class GridPrompt:
    """A row, under the name it had. prompt_version_id: 0 = as the records ask."""

    prompt_version_id: int = 0
    prompt_id: int = 0
    name: str = ""
    number: int = 0


@dataclass(frozen=True)
class EvalGrid:
    """eval_task_ids: its cells, row by row. started: how many of them were run for it; the others were there already."""

    id: int
    name: str
    project_space_id: int
    user_id: int
    dataset_version_id: int
    desc: str = ""
    prompts: list[GridPrompt] = field(default_factory=list)
    targets: list[GridTarget] = field(default_factory=list)
    eval_task_ids: list[int] = field(default_factory=list)
    started: int = 0
    create_time: int = 0
    update_time: int = 0
    version: int = 0


@dataclass(frozen=True)
class GridCells:
    grid: EvalGrid
    eval_tasks: list[EvalTask]


@dataclass(frozen=True)
class CellComparison:
    """What one cell shows as against the chosen one. left_out: items that one of the two has no answer to."""

    eval_task_id: int
    pairs: int
    left_out: int
    metrics: list[MetricComparison]
