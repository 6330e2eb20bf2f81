"""What kinds of things are called where people read, and how those that there are can be listed."""

from __future__ import annotations

from typing import NamedTuple


class Noun(NamedTuple):
    """command, route: what lists them, "" where nothing does by itself. everywhere: of the platform, not of one project space."""

    en: str
    zh: str
    command: str = ""
    route: str = ""
    everywhere: bool = False


NOUNS = {
    "model_project": Noun("model", "模型", "model list", "/models"),
    "model": Noun("model", "模型", "model list", "/models"),
    "model_version": Noun("model version", "模型版本", "model versions MODEL", "/models/{id}/versions"),
    "model_alias": Noun("alias", "别名", "model aliases MODEL", "/models/{id}/aliases"),
    "release_gate": Noun("release gate", "发布门禁", "model gate MODEL", "/models/{id}/gate"),
    "gate_override": Noun("override of the gate", "门禁放行", "model overrides MODEL", "/models/{id}/overrides"),
    "model_card": Noun("model card", "模型卡", "model card VERSION", "/models/versions/{model_version_id}/card"),
    "evidence": Noun("evaluation result", "评测结果", "eval tasks MODEL", "/eval/tasks"),
    "lineage": Noun("lineage edge", "血缘关系", "model lineage VERSION", "/models/versions/{id}/lineage"),
    "dataset": Noun("dataset", "数据集", "dataset list", "/datasets"),
    "dataset_version": Noun("dataset version", "数据版本", "dataset versions DATASET", "/datasets/{id}/versions"),
    "dataset_task": Noun("dataset task", "数据任务", "dataset tasks DATASET", "/datasets/tasks"),
    "recipe": Noun("recipe", "配方", "recipe list", "/datasets/recipes"),
    "recipe_revision": Noun("revision of the recipe", "配方修订", "recipe revisions RECIPE", "/datasets/recipes/{recipe_id}/revisions"),
    "dataset_purge": Noun("proof of a purge", "彻底删除凭证", "dataset purges", "/datasets/purges"),
    "blob": Noun("picture or recording", "图像或音频"),
    "step_output": Noun("output of a step", "步骤结果"),
    "upload": Noun("upload", "上传", "dataset uploads", "/datasets/uploads"),
    "people_pool": Noun("pool of people", "人员池"),
    "people_template": Noun("template", "模板"),
    "people_template_version": Noun("template version", "模板版本"),
    "people_job": Noun("people's work", "人工任务"),
    "people_item": Noun("item", "条目"),
    "people_member": Noun("member", "参与者"),
    "assignment": Noun("assignment", "作业"),
    "train_config": Noun("train config", "训练配置", "train configs MODEL", "/train/configs"),
    "train_task": Noun("train task", "训练任务", "train tasks", "/train/tasks"),
    "eval_config": Noun("eval config", "评测配置", "eval configs MODEL", "/eval/configs"),
    "prompt": Noun("prompt", "提示词", "prompt list", "/eval/prompts"),
    "prompt_version": Noun("version of the prompt", "提示词版本", "prompt versions PROMPT", "/eval/prompts/{prompt_id}/versions"),
    "eval_grid": Noun("grid", "评测矩阵", "grid list", "/eval/grids"),
    "eval_task": Noun("eval task", "评测任务", "eval tasks", "/eval/tasks"),
    "deployment_config": Noun("deployment config", "发布配置", "deploy configs MODEL", "/deploy/configs"),
    "work_order": Noun("work order", "工单", "deploy orders", "/deploy/work-orders"),
    "passed_stage": Noun("passed stage", "已通过的阶段"),
    "serving_slot": Noun("serving slot", "服务槽位", "deploy slots", "/deploy/slots"),
    "machine_room": Noun("machine room", "机房", "resource rooms", "/resource/rooms", True),
    "compute_node": Noun("compute node", "计算节点", "resource nodes", "/resource/nodes", True),
    "quota": Noun("quota", "配额", "quota list", "/resource/quotas", True),
    "price": Noun("price", "价格", "cost prices", "/resource/prices", True),
    "usage": Noun("entry of the ledger", "账目", "cost export", "/resource/usage"),
    "node_span": Noun("capacity of a node", "节点容量"),
    "reservation": Noun("reservation", "预留", "resource list", "/resource/reservations"),
    "knowledge_base": Noun("knowledge base", "知识库", "knowledge list", "/knowledge/bases"),
    "knowledge_document": Noun("document", "文档", "knowledge documents BASE", "/knowledge/bases/{base_id}/documents"),
    "document_version": Noun("document version", "文档版本"),
    "knowledge_chunk": Noun("passage", "段落"),
    "user": Noun("user", "用户", "user list", "/users", True),
    "department": Noun("department", "部门", "department list", "/departments", True),
    "project_space": Noun("project space", "项目空间", "space list", "/spaces", True),
    "membership": Noun("membership", "成员关系", "space members", "/memberships"),
    "session": Noun("session", "会话", "", "/sessions", True),
    "api_key": Noun("API key", "API 密钥", "key list", "/keys"),
    "service_account": Noun("service account", "服务账号", "service list", "/service-accounts"),
    "audit_event": Noun("audit row", "审计记录", "space audit", "/audit"),
    "state_event": Noun("state change", "状态变更"),
    "artifact": Noun("artifact", "产物"),
}


def noun(kind: str, language: str) -> str:
    """What a kind is called; one that is not known is its own name, as words."""
    found = NOUNS.get(kind)
    return kind.replace("_", " ") if found is None else found.zh if language == "zh" else found.en


def place(kind: str, language: str) -> str:
    """Where things of a kind are looked for."""
    everywhere = kind in NOUNS and NOUNS[kind].everywhere
    if language == "zh":
        return "本平台" if everywhere else "本空间"
    return "on this platform" if everywhere else "in this project space"


def listing(kind: str, language: str) -> str:
    """How to see which there are, as a sentence."""
    found = NOUNS.get(kind)
    ways = (
        [] if found is None else [f"`modelyard {found.command}`"] * bool(found.command) + [f"GET /api/v1{found.route}"] * bool(found.route)
    )
    if not ways:
        return "请核对编号。" if language == "zh" else "Check its id."
    if language == "zh":
        return f"可用 {' 或 '.join(ways)} 查看现有的。"
    return f"{' or '.join(ways)} lists those there are."
