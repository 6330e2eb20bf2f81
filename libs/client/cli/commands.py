"""Which commands there are. A command is imported when it is used: who reads ``modelyard --help`` or lists models waits for no other."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass
from typing import Any

import typer
from typer.core import TyperCommand


@dataclass(frozen=True)
class Entry:
    """A command or a group of them. place: module below this package and name in it. help: the first paragraph of its own."""

    place: str
    help: str

    def made(self, name: str) -> Any:
        module, _, attribute = self.place.partition(".")
        found = getattr(importlib.import_module(f"libs.client.cli.{module}"), attribute)
        holder = typer.Typer()
        if isinstance(found, typer.Typer):
            holder.add_typer(found, name=name)
        else:
            holder.command(name)(found)
        return typer.main.get_group(holder).commands[name]

    def told(self, name: str) -> Any:
        """What a list of commands shows of it."""
        return TyperCommand(name, help=self.help)


class Commands(MutableMapping[str, Any]):
    """The commands by name; one is made at the first look at it."""

    def __init__(self) -> None:
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._made:
            self._made[name] = ENTRIES[name].made(name)
        return self._made[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._made[name] = command

    def __delitem__(self, name: str) -> None:
        raise NotImplementedError("commands are never taken away")

    def __iter__(self) -> Iterator[str]:
        return iter(ENTRIES)

    def __len__(self) -> int:
        return len(ENTRIES)

    def __contains__(self, name: object) -> bool:
        return name in ENTRIES


ENTRIES = {
    "up": Entry("platform.up", "Start everything, supervise it, stop it on Ctrl-C. 启动并守护全部进程，Ctrl-C 停止。"),
    "down": Entry("platform.down", "Stop what `modelyard up` started. 停止平台。"),
    "status": Entry("platform.status", "Show every process and whether it can work. 查看各进程状态。"),
    "doctor": Entry("doctor.doctor", "Check settings, stores, ports, disk, clocks and engines. 检查配置、存储、端口、磁盘、时钟与引擎。"),
    "audit": Entry("audit.audit", "Check the invariants over everything that is stored; read-only. 只读检查全部不变量。"),
    "migrate": Entry(
        "migrate.migrate",
        "Create or update the tables of the records, forward only. Safe to repeat. 创建或更新数据表，只进不退，可重复执行。",
    ),
    "backup": Entry(
        "backup.backup", "Back up records, artifacts and keys as of one moment, while it runs. 在线备份同一时刻的记录、制品与密钥。"
    ),
    "restore": Entry("backup.restore", "Restore a backup into an empty home and empty stores, and audit it. 将备份恢复到空的位置并核查。"),
    "demo": Entry("demo.demo", "Walk the whole chain: real pages to a live, evaluated, answering model. 用真实网页走完全链路。"),
    "ask": Entry("ask.ask", "Ask a deployed model. 向已上线的模型提问。"),
    "classify": Entry(
        "ask.classify", "Ask a deployed classifier for the label of a text or a picture. 由已上线的分类器判断文本或图像的标签。"
    ),
    "watch": Entry("watch.watch", "Watch what changes in the space, until Ctrl-C. 持续查看空间内的变化，按 Ctrl-C 结束。"),
    "sign-in": Entry(
        "people.sign_in", "Sign in on this machine; the session is kept in a file only you can read. 登录本机，会话存于仅本人可读的文件。"
    ),
    "sign-out": Entry("people.sign_out", "End the session of this machine. 结束本机会话。"),
    "whoami": Entry("people.whoami", "Show who you are, in which space, with which roles. 查看当前身份、空间与角色。"),
    "model": Entry("model.app", "Models, their versions and the release gate. 模型、版本与发布门禁。"),
    "dataset": Entry("data.app", "Datasets: import, clean, augment, convert, split. 数据集：导入、清洗、增强、转换、划分。"),
    "recipe": Entry("recipe.app", "Recipes: steps of work on data as one plan. 配方：把数据处理的各步写成一份方案。"),
    "annotate": Entry("annotation.app", "Annotation by people: templates, pools, tasks, agreement. 人工标注：模板、人员池、任务与一致性。"),
    "rate": Entry(
        "rating.app", "Rating by people: templates, pools, blind ratings of stored outputs. 人工评测：模板、人员池与对已存输出的盲评。"
    ),
    "train": Entry("train.app", "Training: configs, tasks, curves. 训练：配置、任务、曲线。"),
    "eval": Entry("evaluation.app", "Evaluation: configs, tasks, inputs and outputs. 评测：配置、任务、输入与输出。"),
    "prompt": Entry("prompt.app", "Prompts: words a model is asked in, in versions and with labels. 提示词：带版本与标签的提问文本。"),
    "grid": Entry("grid.app", "Grids: prompts by models over one test, and what differs. 评测矩阵：提示词 × 模型，及差异是否成立。"),
    "deploy": Entry("deploy.app", "Release: work orders, approval, serving slots. 发布：工单、审批、服务槽位。"),
    "knowledge": Entry("knowledge.app", "Knowledge bases: documents, and what is found in them. 知识库：文档与检索。"),
    "resource": Entry("resource.app", "Machine rooms, compute nodes and what is reserved of them. 机房、计算节点与预留。"),
    "cost": Entry("cost.app", "Prices, what was used, and what it cost. 价格、用量与费用。"),
    "quota": Entry("quota.app", "Quotas of the platform, departments, people and spaces. 平台、部门、个人与空间的配额。"),
    "department": Entry("people.departments", "Departments (administrators). 部门（平台管理员）。"),
    "user": Entry("people.users", "Users and their passwords (administrators). 用户与密码（平台管理员）。"),
    "space": Entry("people.spaces", "Project spaces, their members and what was done in them. 项目空间、成员与审计。"),
    "key": Entry("people.keys", "Your API keys in this space. 本空间中你的 API 密钥。"),
    "service": Entry("service.app", "Service accounts of this space and their keys (owners). 本空间的服务账号与密钥（所有者）。"),
}
"""In the order of the help."""
