"""Limits of people's work, with their Chinese; a part of ``forms``."""

from __future__ import annotations

PEOPLE = (
    (r"an item to answer, not one to inspect", "待作答的条目，而不是待质检的条目"),
    (r"a template for (.+)", r"用于{1}的模板"),
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
    (r"left out without template_id", "没有 template_id 时不填"),
    (r"left out unless two runs are compared", "仅在对比两次评测时填写"),
    (r"left out where no label is the score", "得分不是标签时不填"),
    (r"a config that names people", "指定了评测人员的配置"),
    (r"a config of model (\S+), whose run this is", r"该评测所属模型 \1 的配置"),
    (r"an evaluation by an engine, this one is by people", "由引擎完成的评测，而不是人工评测"),
    (r"another evaluation on dataset version (\S+)", r"数据版本 \1 上的另一次评测"),
    (r"the (?:scale|choice) '(\w+)', always required", r"始终必答的字段 \1"),
    (r"labels of 'better' among (.+)", r"better 的选项只能是 \1"),
    (r"at least one text, always required", "至少一个始终必答的文本字段"),
)
