"""The Chinese of fields that compare, test and estimate; see fields.py."""

FIGURES = {
    "comparison": "对比",
    "difference": "差值",
    "differences": "差异条目",
    "first": "第一个",
    "first_better": "第一个更好的条数",
    "high": "区间上界",
    "less_is_better": "越低越好",
    "low": "区间下界",
    "margin": "偏好差距",
    "memory_bytes": "所需内存",
    "p": "p 值",
    "p_corrected": "校正后 p 值",
    "pairs": "配对条数",
    "parameters": "参数量",
    "preferred": "偏好正确率",
    "second": "第二个",
    "second_better": "第二个更好的条数",
    "test": "检验方法",
    "trained_parameters": "训练的参数",
}
