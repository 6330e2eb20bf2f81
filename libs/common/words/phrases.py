"""Limits in Chinese. A limit is written once, in English, where it is checked; here are the forms it takes, with their Chinese.

A form that is not here is shown as it was written: better a bound in English than none.
"""

from __future__ import annotations

import re

_FORMS = (
    (r"required", "必填"),
    (r"at most (\S+) characters", r"最多 \1 个字符"),
    (r"at least (\S+) characters", r"至少 \1 个字符"),
    (r"at most (\S+) items", r"最多 \1 项"),
    (r"at least (\S+) items", r"至少 \1 项"),
    (r"at most (\S+%) of (\d+) records dropped, not (\d+): (.+)", r"\2 条中最多剔除 \1，实际为 \3 条：\4"),
    (r"(\d+) questions, such as (.+)", r"\1 个问题，例如 \2"),
    (r"at most (\S+) bytes", r"最多 \1 字节"),
    (r"at most (\S+) tokens", r"最多 \1 个词元"),
    (r"at most (\S+) files", r"最多 \1 个文件"),
    (r"at most (\S+) levels deep", r"最多嵌套 \1 层"),
    (r"at most ([\d.e+-]+)", r"最大 \1"),
    (r"at least ([\d.e+-]+)", r"最小 \1"),
    (r"(\S+)\.\.(\S+)", r"\1 到 \2 之间"),
    (r"between (\S+) and (\S+), not (.+)", r"\1 到 \2 之间，不能是 \3"),
    (r"one of (.+)", r"以下之一：\1"),
    (r"one that runs here: (.+)", r"此处可运行的之一：\1"),
    (r"text|string", "文本"),
    (r"a number|number", "数字"),
    (r"integer|int|a whole number, as a number or as text", "整数（数字或文本形式）"),
    (r"a whole number above 0", "大于 0 的整数"),
    (r"a whole number of (\d+) bits", r"\1 位整数"),
    (r"a finite number|finite numbers", "有限的数"),
    (r"true or false|boolean", "true 或 false"),
    (r"a list|list", "列表"),
    (r"a list of texts", "文本列表"),
    (r"an object|object|a JSON object|one JSON object", "一个 JSON 对象"),
    (r"UTF-8|UTF-8 text|UTF-8 JSON", "UTF-8 文本"),
    (r"text without NUL characters", "不含 NUL 字符的文本"),
    (r"one line without control characters", "不含控制字符的单行文本"),
    (r"text without control characters", "不含控制字符的文本"),
    (r"clearance at most your own \((\d+)\)", r"密级不超过您本人的（\1）"),
    (r"roles at most your own, and those of the key you use", "角色不超过您本人及所用密钥的角色"),
    (r"the key of a service account", "服务账号的密钥"),
    (r"a member of the space for whom this account may act", "本空间中允许该账号代表的成员"),
    (r"an account that is not disabled", "未停用的账号"),
    (r"a key that is valid now", "当前有效的密钥"),
    (r"a credential that is valid now", "当前有效的凭证"),
    (r"the right password", "正确的密码"),
    (r"together with a role", "须与角色一并给出"),
    (r"false for a person: only service accounts act for others", "对个人须为 false：只有服务账号可代表他人"),
    (r"false for a service account", "对服务账号须为 false"),
    (r"a person: a service account has keys", "个人账号：服务账号使用密钥"),
    (r"text without lone surrogates|no lone surrogates", "不含孤立代理项的文本"),
    (r"each key once", "每个键只出现一次"),
    (r"once", "只出现一次"),
    (r"unique within a project space", "在项目空间内唯一"),
    (r"unique within a model", "在模型内唯一"),
    (r"latest, train, test or the number of a version", "latest、train、test 或版本序号"),
    (r"train or test, which the last step made, or the number of a version", "train 或 test（最近一步产生了这两部分），或版本序号"),
    (r"unique within the platform", "在平台内唯一"),
    (r"unique within a user's memberships of a space", "在该用户于本空间的角色中唯一"),
    (r"a cursor of an earlier answer", "此前应答给出的游标"),
    (r"the id of an earlier event", "此前事件的编号"),
    (r"changes are for members of the space", "空间成员才能查看变化"),
    (r"(\d+) a person", r"每人 \1 个"),
    (r"the same as in the path \((.+)\)", r"与路径中一致（\1）"),
    (r"in the JSON body, not in the query", "放在 JSON 请求体中，而不是查询参数"),
    (r"sha256: and 64 hexadecimal digits", "sha256: 加 64 位十六进制数字"),
    (r"a relative path without '..'|a path below the root without '..'", "不含 '..' 的相对路径"),
    (r"a sub-type of (\w+)", r"\1 的子类型"),
    (r"a version of this dataset", "本数据集的版本"),
    (r"absent for an import", "导入时不填"),
    (r"a version of kind (\w+)", r"类型为 \1 的版本"),
    (r"a version that is not the test part of a split", "不是划分出的测试部分的版本"),
    (r"a model that is online", "已上线的模型"),
    (r"the name of a deployed model", "已部署模型的名称"),
    (r"a known setting; did you mean (.+)\?", r"已知设置，是否想写 \1？"),
    (r"a known setting", "已知设置"),
    (r"a value of type (\w+), not (.+)", r"\1 类型的值，不能是 \2"),
    (r"a free port", "空闲端口"),
    (r"a free port: set (\S+)", r"空闲端口：请设置 \1"),
    (r"one request per key", "每个键只用于一个请求"),
    (r"the version the change was decided on, now (\d+)", r"决定修改时所见的版本，当前为 \1"),
    (r"deploy a version of it first", "请先部署它的一个版本"),
    (r"online now: (.+)", r"当前上线的版本：\1"),
    (r"a host this platform may ask: a public one, or one its operator listed", "平台可访问的主机（公网主机，或运维人员列出的主机）"),
    (r"see (\S+)", r"见 \1"),
    (r"none", "无"),
)
_PATTERNS = tuple((re.compile(form), chinese) for form, chinese in _FORMS)


def chinese(limit: str) -> str:
    """``limit`` in Chinese where its form is known, else as it is."""
    for pattern, text in _PATTERNS:
        found = pattern.fullmatch(limit)
        if found:
            return found.expand(text)
    return limit
