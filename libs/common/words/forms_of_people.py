"""Limits of people's work, with their Chinese; a part of ``forms``."""

from __future__ import annotations

PEOPLE = (
    (r"an item to answer, not one to inspect", "待作答的条目，而不是待质检的条目"),
    (r"people of the pools of this work", "该任务人员池中的人员"),
    (r"an item that was given to you to inspect", "分配给您质检的条目"),
    (r"CORRECT, REJECT or SET_ASIDE where there is nothing to accept", "没有可采纳的答案时，用 CORRECT、REJECT 或 SET_ASIDE"),
    (r"at most the (\S+) people of the pools", r"不超过人员池中的 \1 人"),
    (r"0 without inspectors", "没有质检员时为 0"),
    (r"0 without items whose answer is known", "没有已知答案题时为 0"),
    (r"absent unless (\S+) is (.+)", r"仅当 \1 为 \2 时填写"),
    (
        r"a name of its own in small letters, digits and _, neither id nor source",
        "不重复的名称，由小写字母、数字和 _ 组成，不用 id 和 source",
    ),
    (r"an object with 'field' and 'values'", "含 field 和 values 的对象"),
    (r"an object with 'record' and 'answer'", "含 record 和 answer 的对象"),
    (r"a field with labels, or a scale, that is asked before", "排在前面的选择题或量表字段"),
    (r"a value of its own for each label", "每个选项的值不重复"),
    (r"a key of its own for each label", "每个选项的快捷键不重复"),
    (r"text without control characters", "不含控制字符的文本"),
)
