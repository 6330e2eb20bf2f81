"""What holds a request back, as a sentence people read, in both languages."""

from __future__ import annotations

from typing import Any

from idl.enums import ConstraintKind as K

_WHO = {
    "platform": ("the platform", "平台"),
    "department": ("department {id}", "部门 {id}"),
    "person": ("person {id}", "个人 {id}"),
    "space": ("space {id}", "空间 {id}"),
}
RESOURCES = {
    "cpu_milli": ("CPU (thousandths of a core)", "CPU（千分之一核）"),
    "memory_mb": ("memory (MB)", "内存（MB）"),
    "accelerator_milli": ("accelerators (thousandths)", "加速卡（千分之一卡）"),
    "replicas": ("replicas", "副本"),
    "accelerator_seconds": ("accelerator time (s)", "加速卡时长（秒）"),
    "tokens": ("tokens", "词元"),
    "annotation_seconds": ("annotation time (s)", "标注时长（秒）"),
    "room": ("the machine room", "机房"),
    "accelerator": ("the kind or share of accelerator", "加速卡型号或切分"),
    "labels": ("the labels", "标签"),
    "secrecy": ("the secrecy it may hold", "可承载密级"),
    "health": ("its health: it is not up", "健康状态：节点未就绪"),
    "node": ("a compute node: there is none", "计算节点：尚未登记"),
}
_TEXT = {
    K.NONE: ("It fits now.", "现在即可满足。"),
    K.QUOTA: (
        "The quota of {who} holds it back: {resource}, {asked} asked, {free} free.",
        "受{who}的配额限制：{resource}，申请 {asked}，剩余 {free}。",
    ),
    K.BUDGET: (
        "The budget of {who} holds it back: {resource}, {asked} asked, {free} left in this window.",
        "受{who}的预算限制：{resource}，申请 {asked}，本周期剩余 {free}。",
    ),
    K.CAPACITY: (
        "No node has room now; nearest is {who}: {resource}{numbers}.",
        "当前没有节点能容纳；最接近的是 {who}：{resource}{numbers}。",
    ),
    K.TURN: ("It fits, and who waited longer comes first at {who}.", "资源足够，但 {who} 处有等待更久者优先。"),
    K.NEVER: (
        "No node as it is could ever hold it; nearest is {who}: {resource}{numbers}.",
        "现有节点都无法承载；最接近的是 {who}：{resource}{numbers}。",
    ),
}


def sentences(found: Any) -> tuple[str, str]:
    """Of an ``Explanation``: what binds, the smallest change, the place in the queue."""
    return _sentence(found, 0), _sentence(found, 1)


def _sentence(found: Any, language: int) -> str:
    facts = {"who": _who(found.name, found.id, language), "resource": _resource(found.resource, language)}
    facts |= {"asked": found.asked, "free": found.free, "numbers": _numbers(found, language)}
    parts = [_TEXT[found.constraint][language].format(**facts)]
    if found.steps:
        parts.append(_change(found, language))
    if found.position:
        parts.append((f"Place {found.position} in the queue.", f"排队第 {found.position} 位。")[language])
    return ("", " ")[language == 0].join(parts)


def _who(name: str, id: int, language: int) -> str:
    if name in _WHO:
        return _WHO[name][language].format(id=id)
    return name if name != "node" else ("none", "无")[language]


def _resource(name: str, language: int) -> str:
    return RESOURCES[name][language] if name in RESOURCES else name


def _numbers(found: Any, language: int) -> str:
    if not found.asked:
        return ""
    return (f", {found.asked} asked, {found.free} free", f"，申请 {found.asked}，剩余 {found.free}")[language]


def _change(found: Any, language: int) -> str:
    each = [_step(step, language) for step in found.steps]
    return (f"It would be admitted with {'; '.join(each)}.", f"满足条件：{'；'.join(each)}。")[language]


def _step(step: Any, language: int) -> str:
    who, resource = _who(step.name, step.id, language), _resource(step.resource, language)
    more = (f"{step.by} more of ", f"再多 {step.by} 的")[language] if step.by else ("another setting of ", "更改")[language]
    return (f"{more}{resource} at {who}", f"{who}{more}{resource}")[language] if who else f"{more}{resource}"
