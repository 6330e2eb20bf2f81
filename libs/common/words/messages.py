"""What people read when something fails: one sentence per reason in English and Chinese, and what to do next.

Placeholders are filled from the error's facts by plain replacement; a fact that is missing is left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Protocol

from libs.common.words import nouns
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
    Reason.NOT_FOUND: ("There is no {kind} {id} {place}. {listing}", "{place}中没有{kind} {id}。{listing}"),
    Reason.ALREADY_EXISTS: (
        "This {field} is taken by another {kind}, perhaps one that you may not see. Choose another one.",
        "该 {field} 已被其他{kind}占用（可能是您无权查看的），请换一个。",
    ),
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
    Reason.RIGHTS_MISSING: (
        "The database user lacks rights in {what}: {cause}. An administrator of the database runs GRANT {limit} TO that user; then repeat.",
        "数据库用户在 {what} 中权限不足：{cause}。请数据库管理员执行 GRANT {limit} TO 该用户，然后重试。",
    ),
    Reason.BACKUP_UNREADABLE: (
        "This is not a whole backup: {file}. Nothing was changed. Use another copy; `modelyard restore --check FILE` tests one.",
        "备份不完整或已损坏：{file}。未做任何改动。请换一份备份；`modelyard restore --check FILE` 可检查备份是否完好。",
    ),
    Reason.BACKUP_TOO_NEW: (
        "The backup is of a newer version: records of {field} are at {found}, this program knows {limit}. Install that version first.",
        "备份来自更新的版本：{field} 的数据表版本为 {found}，当前程序支持 {limit}。请安装相应版本后再恢复。",
    ),
    Reason.NOT_EMPTY: (
        "There is something already: {what}. A backup goes into an empty place only. Set {field} to one, or move what is there away.",
        "目标位置已有内容：{what}。备份只能恢复到空的位置。请用 {field} 指定空位置，或先移走现有内容。",
    ),
    Reason.BAD_FRAME: (
        "The bytes are not a valid message ({limit}). Use a client of the contract; docs/thrift.md says how.",
        "报文无效（{limit}）。请使用符合合约的客户端，参见 docs/thrift.md。",
    ),
    Reason.UNKNOWN_METHOD: (
        "There is no method {what}. See docs/reference for those there are.",
        "没有方法 {what}，请在 docs/reference 中查看现有的方法。",
    ),
    Reason.CONNECTION_LOST: (
        "The connection to {what} was lost; whether it took effect is unknown. Repeat with the same idempotency key.",
        "与 {what} 的连接中断，是否生效未知，请用同一幂等键重试。",
    ),
    Reason.CHECKSUM_MISMATCH: (
        "{file} is not what was published; it will not be used. Restore or rebuild it.",
        "{file} 与发布内容不一致，已停用，请恢复或重建。",
    ),
    Reason.INVALID_PATH: ("{field} is not an allowed path: {limit}.", "{field} 路径不允许：{limit}。"),
    Reason.DISK_FULL: (
        "The disk of {what} is full; nothing was written. Free space: what waits goes on by itself, other requests can be repeated.",
        "{what} 所在磁盘已满，未写入任何内容。请清理空间：等待中的任务会自动继续，其他请求可重试。",
    ),
    Reason.ARTIFACTS_MISSING: (
        "The artifact folder (`artifacts` in MODELYARD_HOME) is not there. Mount or restore it: what waits goes on by itself.",
        "产物目录（MODELYARD_HOME 下的 `artifacts`）不存在，请挂载或恢复该目录，等待中的任务会自动继续。",
    ),
    Reason.STALE_LEADER: (
        "Another process leads {what} now and goes on; this late write is not taken. Nothing needs doing.",
        "{what} 已由其他进程主持并继续，迟到的写入不予采纳，无需处理。",
    ),
    Reason.STALE_EPOCH: (
        "This worker lost its lease; the task goes on with another one, and this late result is not taken. Nothing needs doing.",
        "该工作进程租约已失效，任务由其他进程继续，迟到的结果不予采纳，无需处理。",
    ),
    Reason.LEASE_OVER: (
        "Nothing was heard of you for {limit}, so this item went back to the others and your answer was not taken. Ask for the next one.",
        "超过 {limit} 没有动作，该条已退回给其他人，本次提交未被采纳。请领取下一条。",
    ),
    Reason.INVALID_SETTING: ("{field} is not valid: it must be {limit}.", "设置 {field} 无效：应为 {limit}。"),
    Reason.PORT_TAKEN: (
        "Port {port} is taken. Stop the other process or set another port.",
        "端口 {port} 已被占用，请停止占用进程或改用其他端口。",
    ),
    Reason.WORKER_LOST: (
        "The worker died. The task goes on from its last checkpoint by itself; look into the worker's log if it happens again.",
        "工作进程丢失，任务会自动从最近检查点继续；若再次发生，请查看工作进程日志。",
    ),
    Reason.OUT_OF_MEMORY: (
        "The work needed more memory than there is. Make it smaller (batch, model) or use a larger machine.",
        "内存不足，请缩小批量或模型，或换更大的机器。",
    ),
    Reason.POISON: (
        "The last of {attempts} attempts ended with the death of its process too, so the task was stopped. Make the work smaller, or look"
        " for the end of its output in the worker's log.",
        "共 {attempts} 次尝试，最后一次仍以进程崩溃告终，任务已停止。请缩小任务规模，或在工作进程日志中查看其最后输出。",
    ),
    Reason.MISSING_EXTRA: ("This needs an optional part: install modelyard[{extra}].", "需要可选组件：请安装 modelyard[{extra}]。"),
    Reason.MISSING_KEY: (
        "idempotency_key is required here. Send a new one with each change.",
        "此处必须提供 idempotency_key，请为每次变更使用新的键。",
    ),
    Reason.UNAUTHENTICATED: (
        "Sign in first: `modelyard sign-in ACCOUNT`, or send a key as `Authorization: Bearer …`.",
        "请先登录：运行 `modelyard sign-in 账号`，或以 `Authorization: Bearer …` 携带密钥。",
    ),
    Reason.QUOTA_EXCEEDED: (
        "{sentence} Ask for less, release something, or let an administrator raise the quota.",
        "{sentence}请减少申请量、释放已占用的资源，或请管理员调高配额。",
    ),
    Reason.BUDGET_SPENT: (
        "{sentence} Let an administrator raise the budget, or wait for the next window.",
        "{sentence}请等待下一周期，或请管理员调高预算。",
    ),
    Reason.CAPACITY_SHORT: (
        "{sentence} Ask for less, or wait in line for it.",
        "{sentence}请排队等待，或减少申请量。",
    ),
    Reason.NEVER_FITS: (
        "{sentence} Ask for less or for another place, or let an administrator add a node.",
        "{sentence}请减少申请量或更换位置，或请管理员添加节点。",
    ),
    Reason.RESERVATION_OVER: (
        "The lease of {what} ended, and what it held is free again. Ask for it again, and see that it is renewed in time.",
        "{what} 的租约已到期，占用的资源已归还。请重新预留，并按时续租。",
    ),
    Reason.QUOTA_IN_USE: (
        "Person {what} holds resources and cannot move to another department now. Wait until they are released. Try again then.",
        "个人 {what} 仍占用资源，暂不能换部门。请待其释放后重试。",
    ),
    Reason.NODE_IN_USE: (
        "Resources of node {what} are held. Set it to draining, wait until it is empty, then remove it.",
        "节点 {what} 仍有占用。请先设为排空，待其空闲后再移除。",
    ),
    Reason.SIGN_IN_FAILED: (
        "Account or password is not right. Check both; an administrator can issue a new password.",
        "账号或密码不正确，请核对；忘记密码可请管理员重置。",
    ),
    Reason.CREDENTIAL_ENDED: (
        "This session or key is not valid, or no longer: it expired, was ended, or never was. Sign in again, or use another key.",
        "此会话或密钥无效：可能已过期、已被终止，或本不存在。请重新登录或更换密钥。",
    ),
    Reason.WRONG_PASSWORD: (
        "The present password is not right. Nothing was changed. Try again; an administrator can issue a new password.",
        "当前密码不正确，未作任何修改。请重试；忘记密码可请管理员重置。",
    ),
    Reason.NOT_LINKED: (
        "Your identity provider knows you, but no account here is linked to you. Ask an administrator for one.",
        "身份提供方已确认您的身份，但本平台没有与之关联的可用账号，请联系管理员开通。",
    ),
    Reason.FIRST_START_OVER: (
        "The first start of this platform is over: the owner's password has been chosen, or there are other accounts. Sign in.",
        "本平台的首次启动已完成：所有者的密码已设置，或已有其他账号。请直接登录。",
    ),
    Reason.FORBIDDEN: (
        "You may not do this: {limit}. An owner of the project space can give roles.",
        "无权执行：{limit}。可请空间所有者授予角色。",
    ),
    Reason.CANCELLED: ("It was cancelled. Start it again if it is still wanted.", "已取消，如仍需要请重新启动。"),
    Reason.ADDRESS_REFUSED: (
        "{field} is not asked: it must be {limit} (MODELYARD_OUTSIDE_HOSTS).",
        "不会访问 {field}：应为{limit}（MODELYARD_OUTSIDE_HOSTS）。",
    ),
    Reason.GATE_NOT_PASSED: (
        "The release gate is not passed: {limit}. Look at each rule and its next step with `modelyard model explain`.",
        "未通过发布门禁：{limit}。可用 `modelyard model explain` 逐条查看原因和下一步，请改进后再发布。",
    ),
    Reason.GATE_NO_DATA: (
        "The release gate lacks evidence: {limit}. Evaluate this digest first; `modelyard model explain` says what is missing.",
        "发布门禁缺少证据：{limit}，请先评测该摘要；可用 `modelyard model explain` 查看缺少什么。",
    ),
    Reason.FILE_EMPTY: ("{file} is empty. Put records into it, or leave it out.", "文件 {file} 为空，请写入数据或去掉该文件。"),
    Reason.FILE_TRUNCATED: ("{file} ends too early (row {row}). Copy it again.", "文件 {file} 不完整（第 {row} 行），请重新复制。"),
    Reason.FILE_NOT_UTF8: (
        "{file} is not UTF-8 (row {row}). Convert it and import again.",
        "文件 {file} 不是 UTF-8（第 {row} 行），请转换后重新导入。",
    ),
    Reason.FILE_TOO_LARGE: ("{file} is too large: {limit}. Split it.", "文件 {file} 过大：{limit}，请拆分。"),
    Reason.ROW_INVALID: (
        "{file}, row {row}: {limit}. Correct the row, or leave it out.",
        "文件 {file} 第 {row} 行：{limit}。请更正或去掉该行。",
    ),
    Reason.NO_RECORDS_LEFT: (
        "No record is left after this step. Look at the drop reasons and loosen the rules.",
        "该步骤后没有剩余数据，请查看剔除原因并放宽规则。",
    ),
    Reason.TOO_MANY_DROPPED: (
        "Most of the data would be dropped: {limit}. Loosen the rule, or allow it with the option allow_drop_share={share}."
        " All of them: modelyard dataset dropped TASK.",
        "大部分数据将被剔除：{limit}。请放宽规则，或用选项 allow_drop_share={share} 确认。全部清单：modelyard dataset dropped TASK。",
    ),
    Reason.PREVIEW_NEEDED: (
        "Look first: {limit}. Preview the plan on this version and run it with the preview's hash.",
        "请先预览：{limit}。在该版本上预览这份方案，并带上预览给出的标识再运行。",
    ),
    Reason.PURGED: (
        "The data of this version is gone for good: its dataset was deleted. Import it again if you have it.",
        "该版本的数据已被彻底删除（所属数据集已删除）。如仍有原始文件，请重新导入。",
    ),
    Reason.UPLOAD_INCOMPLETE: (
        "The upload has {received} of {bytes} bytes. Go on at offset {received}.",
        "上传已收到 {received} / {bytes} 字节，请从偏移 {received} 处继续。",
    ),
    Reason.TOO_MANY_UPLOADS: (
        "No further upload may begin: {limit}. Finish, discard or wait for others first.",
        "暂时不能开始新的上传：{limit}。请先完成或放弃已有的上传，或稍后再试。",
    ),
    Reason.SPLIT_LEAK: (
        "The test part repeats questions of the training part: {limit}. Keep equal questions together (group_by=question), or leave the "
        "copies in the training part out (on_leak=drop).",
        "测试集与训练集存在重复：{limit}。可按问题分组（group_by=question），或从训练集中去掉重复（on_leak=drop）。",
    ),
    Reason.FILE_MISSING: (
        "{file} does not exist or cannot be read. Check its name and its rights.",
        "文件 {file} 不存在或无法读取，请核对名称和权限。",
    ),
    Reason.FORMAT_UNKNOWN: ("{file} has an unknown format: use {limit}.", "文件 {file} 格式未知，可用：{limit}。"),
    Reason.CHECKPOINT_REFUSED: (
        "{file} of the checkpoint cannot be taken over. It must be {limit}.",
        "检查点中的 {file} 不能导入，应为：{limit}。",
    ),
    Reason.LOSS_NOT_FINITE: (
        "The loss is no longer a number (step {step}). Lower the learning rate.",
        "损失值异常（第 {step} 步），请降低学习率。",
    ),
    Reason.CHECKPOINT_INVALID: (
        "The checkpoint cannot be used ({limit}). Start the training anew.",
        "检查点不可用（{limit}），请重新训练。",
    ),
    Reason.LABELS_UNUSABLE: (
        "The training data has {count} different labels; a classifier needs {limit}. Look at the column the labels came from.",
        "训练数据中有 {count} 个不同标签；分类器需要 {limit}。请检查标签来自哪一列。",
    ),
    Reason.TOO_MANY_LEFT_OUT: (
        "{count} of {total} records cannot be trained on: {too_long} are longer than {block_size} tokens (the longest has {longest}),"
        " {empty_turn} have a turn without words. Raise block_size, shorten or clean the records, or allow more with max_left_out"
        " (now {limit}). First: {first}. All of them: modelyard train left-out TASK.",
        "{total} 条数据中有 {count} 条无法训练：{too_long} 条超过 {block_size} 个词元（最长 {longest} 个），{empty_turn} 条含空白轮次。"
        "请调大 block_size、缩短或清洗数据，或用 max_left_out 放宽（当前 {limit}）。"
        "最前面的是：{first}。全部：modelyard train left-out TASK。",
    ),
    Reason.NO_TEST_RECORDS: (
        "The test version has no usable record. Choose another version, or import records.",
        "测试版本没有可用数据，请换一个版本或导入数据。",
    ),
    Reason.TARGET_UNREACHABLE: (
        "Nothing at {what} answers as the model under test. It must be reachable from here, speak the OpenAI routes without redirects and "
        "name the digest under test in x-modelyard-digest.",
        "{what} 没有按被测模型应答：请确认它能从此处访问、不经重定向提供 OpenAI 接口，并在 x-modelyard-digest 中给出被测摘要。",
    ),
    Reason.DIGEST_MISMATCH: (
        "Another digest answers than the one that was asked for. It gets no traffic. Check what runs at that address, then try again.",
        "应答的摘要与要求不一致，不予放流量。请核对该地址上运行的模型后重试。",
    ),
    Reason.PARITY_FAILED: (
        "The exported model does not match the trained one: {limit}. Train again, or widen the parity tolerance of the deployment config.",
        "导出模型与训练模型不一致：{limit}。请重新训练，或在发布配置中放宽一致性容差。",
    ),
    Reason.SMOKE_FAILED: (
        "The packaged model does not give its stored answers: {limit}. Look into the log of its instance, then release again.",
        "打包模型未能给出预存答案：{limit}。请查看其实例日志后重新发布。",
    ),
    Reason.SLOT_BUSY: ("Another work order is open for this slot. Finish or cancel it first.", "该槽位已有进行中的工单，请先完成或取消。"),
    Reason.NOT_DEPLOYED: ("Model {id} is not online: {limit}.", "模型 {id} 未上线：{limit}。"),
    Reason.NOT_READY: (
        "Model {id} is online, and its process is starting. Try again in a few seconds; `modelyard deploy slots` shows it.",
        "模型 {id} 已上线，服务进程正在启动，请几秒后重试；可用 `modelyard deploy slots` 查看。",
    ),
    Reason.CANARY_FAILED: (
        "The new version did not pass its canary: {limit}. Look at its figures with `modelyard deploy get`, then release again.",
        "新版本未通过灰度：{limit}。可用 `modelyard deploy get` 查看指标，之后重新发布。",
    ),
    Reason.EXPORT_FAILED: (
        "The model cannot be exported: {limit}. Train it again, or report the request id.",
        "模型无法导出：{limit}。请重新训练，或附上请求编号反馈。",
    ),
    Reason.ROUTE_NOT_FOUND: ("There is no route {what}. See /api/openapi.json.", "没有路由 {what}，请查看 /api/openapi.json。"),
    Reason.BODY_INVALID: (
        "The body is not valid: it must be {limit}. Correct it and send it again.",
        "请求体无效：应为{limit}。请更正后重新发送。",
    ),
    Reason.REQUEST_UNFINISHED: (
        "The {field} of the request did not come in time ({limit}), so nothing was done. Check the connection and send it again.",
        "请求的 {field} 未按时到达（{limit}），未执行任何操作，请检查网络后重新发送。",
    ),
    Reason.PART_UNAVAILABLE: (
        "{what} does not answer now. Try again shortly; `modelyard status` shows what runs.",
        "{what} 暂无应答，请稍后重试；可用 `modelyard status` 查看。",
    ),
}

_HOLE = re.compile(r"\{(\w+)\}")


def sentence(error: Failure, language: str) -> str:
    """The error in ``language`` ("zh" or anything else for English)."""
    template = _TEXT[error.reason][1 if language == "zh" else 0]
    facts = {**told(error.details, language), "field": error.field, "limit": limit_of(error, language)}
    return _HOLE.sub(lambda hole: str(facts.get(hole[1]) if facts.get(hole[1]) is not None else "?"), template)


def limit_of(error: Failure, language: str) -> str | None:
    """The bound that was crossed, in ``language``."""
    return chinese(error.limit) if language == "zh" and error.limit is not None else error.limit


def told(details: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Facts of an error as people read them: kinds by their nouns, causes and parts in the language, and where the kind is listed."""
    found = {name: value for name, value in details.items() if name[-3:] not in _SPOKEN}
    found |= {name[:-3]: details[name] for name in details if name[-3:] == ("_zh" if language == "zh" else "_en")}
    if language == "zh":
        found |= {name: chinese(str(found[name])) for name in _SAID if found.get(name) is not None}
    if (kind := found.get("kind")) is not None:
        found |= {name: say(str(kind), language) for name, say in _OF_KIND.items()}
    return found


_SPOKEN = ("_en", "_zh")
"""Ends of the names of facts that are sentences themselves, one for each language."""
_SAID = ("what", "why")
_OF_KIND = {"kind": nouns.noun, "place": nouns.place, "listing": nouns.listing}


def holes(reason: Reason) -> frozenset[str]:
    """The facts an error of ``reason`` must carry for its sentences."""
    return frozenset(_HOLE.findall("".join(_TEXT[reason]))) - (_OF_KIND.keys() - {"kind"})


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
