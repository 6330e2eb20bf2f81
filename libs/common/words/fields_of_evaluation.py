"""Fields of prompts and grids; a part of ``fields``."""

from __future__ import annotations

EVALUATION = {
    "cells": "单元格",
    "eval_task_ids": "评测任务",
    "grid": "评测矩阵",
    "grids": "评测矩阵",
    "interval": "区间",
    "newest": "最新版本",
    "note": "说明",
    "prompt": "提示词",
    "prompt_id": "提示词编号",
    "prompt_version_id": "提示词版本",
    "prompt_versions": "提示词版本",
    "prompts": "提示词",
    "started": "新运行",
    "target": "对象",
    "targets": "对象",
}
