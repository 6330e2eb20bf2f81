"""What people read when something fails: one sentence per reason in English and Chinese, and what to do next.

Placeholders are filled from the error's facts by plain replacement; a fact that is missing is left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Protocol

from libs.common.words.phrases import chinese
from libs.common.words.reasons import Reason

LANGUAGES = ("en", "zh")


class Failure(Protocol):
    """What a sentence is made of: ``PlatformError`` has it."""

    code: int
    reason: Reason
    field: str | None
    limit: str | None

    @property
    def details(self) -> Mapping[str, Any]: ...


_TEXT: dict[Reason, tuple[str, str]] = {
    Reason.INTERNAL: ("Something failed on our side. Report the request id.", "服务内部出错，请附上请求编号反馈。"),
    Reason.INVALID_ARGUMENT: ("{field} is not valid: it must be {limit}.", "{field} 无效：应为 {limit}。"),
    Reason.MISSING_FIELD: ("{field} is missing. Send it and try again.", "缺少 {field}，请补充后重试。"),
    Reason.WRONG_TYPE: ("{field} has the wrong type: it must be {limit}.", "{field} 类型不对：应为 {limit}。"),
    Reason.TOO_LARGE: ("{field} is too large: {limit}.", "{field} 过大：{limit}。"),
    Reason.TOO_SMALL: ("{field} is too small: {limit}.", "{field} 过小：{limit}。"),
    Reason.UNKNOWN_ENUM: ("{field} has an unknown value: use {limit}.", "{field} 的取值未知，可用值：{limit}。"),
    Reason.NOT_UTF8: ("{field} is not UTF-8 text. Convert it and try again.", "{field} 不是 UTF-8 文本，请转换后重试。"),
    Reason.NOT_FOUND: ("There is no {kind} {id} in this project space.", "本空间中没有 {kind} {id}。"),
    Reason.ALREADY_EXISTS: ("A {kind} with this {field} exists already. Choose another one.", "已有相同 {field} 的 {kind}，请换一个。"),
    Reason.STALE_VERSION: (
        "Somebody changed it meanwhile. Read it again, then repeat the change with the new version.",
        "内容已被他人修改，请重新读取后再改。",
    ),
    Reason.MISSING_VERSION: ("Send expected_version: the version you decided on ({limit}).", "请带上 expected_version（{limit}）。"),
    Reason.ILLEGAL_TRANSITION: (
        "{event} is not possible while the state is {state}. Possible now: {limit}.",
        "当前状态 {state} 不能执行 {event}，可执行：{limit}。",
    ),
    Reason.IDEMPOTENCY_KEY_REUSED: (
        "This idempotency key was used for another request. Use a new key.",
        "该幂等键已用于其他请求，请换新键。",
    ),
    Reason.DEADLINE_EXCEEDED: (
        "{what} did not answer in time; whether it took effect is unknown. Repeat with the same idempotency key.",
        "{what} 未在期限内应答，是否生效未知，请用同一幂等键重试。",
    ),
    Reason.BUSY: ("{what} is busy ({limit}). Try again shortly.", "{what} 繁忙（{limit}），请稍后重试。"),
    Reason.UNAVAILABLE: (
        "{what} does not answer. Try again shortly; `modelyard status` shows what runs.",
        "{what} 暂不可用，请稍后重试；可用 `modelyard status` 查看。",
    ),
    Reason.SCHEMA_BEHIND: (
        "The records of {service} are at revision {found}, this version needs {limit}. Run `modelyard migrate`.",
        "{service} 的数据表版本为 {found}，当前程序需要 {limit}，请运行 `modelyard migrate`。",
    ),
    Reason.BAD_FRAME: ("The bytes are not a valid message ({limit}).", "报文无效（{limit}）。"),
    Reason.UNKNOWN_METHOD: ("There is no method {what}.", "没有方法 {what}。"),
    Reason.CONNECTION_LOST: (
        "The connection to {what} was lost; whether it took effect is unknown.",
        "与 {what} 的连接中断，是否生效未知。",
    ),
    Reason.CHECKSUM_MISMATCH: (
        "{file} is not what was published; it will not be used. Restore or rebuild it.",
        "{file} 与发布内容不一致，已停用，请恢复或重建。",
    ),
    Reason.INVALID_PATH: ("{field} is not an allowed path: {limit}.", "{field} 路径不允许：{limit}。"),
    Reason.DISK_FULL: ("The disk of {what} is full. Free space and try again.", "{what} 磁盘已满，请清理后重试。"),
    Reason.STALE_LEADER: ("Another process leads {what} now; a late write is not taken.", "{what} 已由其他进程主持，迟到的写入不予采纳。"),
    Reason.STALE_EPOCH: ("This worker lost its lease; its late result is not taken.", "该工作进程租约已失效，迟到的结果不予采纳。"),
    Reason.INVALID_SETTING: ("{field} is not valid: it must be {limit}.", "设置 {field} 无效：应为 {limit}。"),
    Reason.PORT_TAKEN: (
        "Port {port} is taken. Stop the other process or set another port.",
        "端口 {port} 已被占用，请停止占用进程或改用其他端口。",
    ),
    Reason.WORKER_LOST: ("The worker died. The task goes on from its last checkpoint.", "工作进程丢失，任务将从最近检查点继续。"),
    Reason.OUT_OF_MEMORY: (
        "The work needed more memory than there is. Make it smaller (batch, model) or use a larger machine.",
        "内存不足，请缩小批量或模型，或换更大的机器。",
    ),
    Reason.POISON: ("The task killed its worker {attempts} times and was stopped.", "任务已连续 {attempts} 次使工作进程崩溃，已停止。"),
    Reason.MISSING_EXTRA: ("This needs an optional part: install modelyard[{extra}].", "需要可选组件：请安装 modelyard[{extra}]。"),
    Reason.MISSING_KEY: ("idempotency_key is required here.", "此处必须提供 idempotency_key。"),
    Reason.UNAUTHENTICATED: ("Sign in first.", "请先登录。"),
    Reason.FORBIDDEN: ("You may not do this: {limit}.", "无权执行：{limit}。"),
    Reason.CANCELLED: ("It was cancelled.", "已取消。"),
    Reason.ADDRESS_REFUSED: (
        "{field} is not asked: it must be {limit} (MODELYARD_OUTSIDE_HOSTS).",
        "不会访问 {field}：应为{limit}（MODELYARD_OUTSIDE_HOSTS）。",
    ),
    Reason.GATE_NOT_PASSED: ("The release gate is not passed: {limit}.", "未通过发布门禁：{limit}。"),
    Reason.GATE_NO_DATA: (
        "The release gate lacks evidence: {limit}. Evaluate this digest first.",
        "发布门禁缺少证据：{limit}，请先评测该摘要。",
    ),
    Reason.FILE_EMPTY: ("{file} is empty.", "文件 {file} 为空。"),
    Reason.FILE_TRUNCATED: ("{file} ends too early (row {row}).", "文件 {file} 不完整（第 {row} 行）。"),
    Reason.FILE_NOT_UTF8: (
        "{file} is not UTF-8 (row {row}). Convert it and import again.",
        "文件 {file} 不是 UTF-8（第 {row} 行），请转换后重新导入。",
    ),
    Reason.FILE_TOO_LARGE: ("{file} is too large: {limit}.", "文件 {file} 过大：{limit}。"),
    Reason.ROW_INVALID: ("{file}, row {row}: {limit}.", "文件 {file} 第 {row} 行：{limit}。"),
    Reason.NO_RECORDS_LEFT: (
        "No record is left after this step. Look at the drop reasons and loosen the rules.",
        "该步骤后没有剩余数据，请查看剔除原因并放宽规则。",
    ),
    Reason.SPLIT_LEAK: ("The test part repeats questions of the training part: {limit}.", "测试集与训练集存在重复：{limit}。"),
    Reason.FILE_MISSING: ("{file} does not exist or cannot be read.", "文件 {file} 不存在或无法读取。"),
    Reason.FORMAT_UNKNOWN: ("{file} has an unknown format: use {limit}.", "文件 {file} 格式未知，可用：{limit}。"),
    Reason.LOSS_NOT_FINITE: (
        "The loss is no longer a number (step {step}). Lower the learning rate.",
        "损失值异常（第 {step} 步），请降低学习率。",
    ),
    Reason.CHECKPOINT_INVALID: ("The checkpoint cannot be used ({limit}).", "检查点不可用（{limit}）。"),
    Reason.NO_TEST_RECORDS: ("The test version has no usable record.", "测试版本没有可用数据。"),
    Reason.TARGET_UNREACHABLE: (
        "Nothing at {what} answers as the model under test. It must be reachable from here, speak the OpenAI routes without redirects and "
        "name the digest under test in x-modelyard-digest.",
        "{what} 没有按被测模型应答：它须能从此处访问、不经重定向提供 OpenAI 接口，并在 x-modelyard-digest 中给出被测摘要。",
    ),
    Reason.DIGEST_MISMATCH: (
        "Another digest answers than the one that was asked for. It gets no traffic.",
        "应答的摘要与要求不一致，不予放流量。",
    ),
    Reason.PARITY_FAILED: ("The exported model does not match the trained one: {limit}.", "导出模型与训练模型不一致：{limit}。"),
    Reason.SMOKE_FAILED: ("The packaged model does not give its stored answers: {limit}.", "打包模型未能给出预存答案：{limit}。"),
    Reason.SLOT_BUSY: ("Another work order is open for this slot. Finish or cancel it first.", "该槽位已有进行中的工单，请先完成或取消。"),
    Reason.NOT_DEPLOYED: ("No version of model {id} is online. Deploy one first.", "模型 {id} 没有上线版本，请先部署。"),
    Reason.CANARY_FAILED: ("The new version did not pass its canary: {limit}.", "新版本未通过灰度：{limit}。"),
    Reason.EXPORT_FAILED: ("The model cannot be exported: {limit}.", "模型无法导出：{limit}。"),
    Reason.ROUTE_NOT_FOUND: ("There is no route {what}. See /api/openapi.json.", "没有路由 {what}，请查看 /api/openapi.json。"),
    Reason.BODY_INVALID: ("The body is not valid: {limit}.", "请求体无效：{limit}。"),
    Reason.PART_UNAVAILABLE: ("{what} does not answer now.", "{what} 暂无应答。"),
}

_HOLE = re.compile(r"\{(\w+)\}")


def sentence(error: Failure, language: str) -> str:
    """The error in ``language`` ("zh" or anything else for English)."""
    template = _TEXT[error.reason][1 if language == "zh" else 0]
    limit = chinese(error.limit) if language == "zh" and error.limit is not None else error.limit
    facts = {**error.details, "field": error.field, "limit": limit}
    return _HOLE.sub(lambda hole: str(facts.get(hole[1]) if facts.get(hole[1]) is not None else "?"), template)


def holes(reason: Reason) -> frozenset[str]:
    """The facts an error of ``reason`` must carry for its sentences."""
    return frozenset(_HOLE.findall("".join(_TEXT[reason])))


def error_facts(error: Failure) -> dict[str, Any]:
    """A failure as it is stored with a task: facts and one sentence per language."""
    return {
        "code": error.code,
        "reason": error.reason.name,
        "field": error.field,
        "limit": error.limit,
        "details": {key: value if isinstance(value, (int, float, bool, str)) else str(value) for key, value in error.details.items()},
        "message": {language: sentence(error, language) for language in LANGUAGES},
    }
