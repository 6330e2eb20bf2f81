"""Question_Answer: an instruction, perhaps with input, and the output that is expected; written, or corrected where a record has them."""

from __future__ import annotations

from libs.people.kinds import WorkKind
from libs.people.template import Template

NEEDED = ("instruction", "output")


def lacking(template: Template) -> str:
    texts = {field.name for field in template.fields if field.kind == "text" and field.required and not field.when_field}
    return "" if texts >= set(NEEDED) else "the texts 'instruction' and 'output', both required"


KIND = WorkKind(
    name="Question_Answer",
    starter={
        "instructions": "",
        "fields": [
            {"name": "instruction", "title": "指令 Instruction", "kind": "text", "at_most": 4000, "prefill": "instruction"},
            {"name": "input", "title": "输入 Input", "kind": "text", "required": False, "at_most": 8000, "prefill": "input"},
            {"name": "output", "title": "输出 Output", "kind": "text", "at_most": 8000, "prefill": "output"},
        ],
    },
    lacking=lacking,
    en="pairs of question and answer, written or corrected",
    zh="撰写或修订问答对",
    place=20,
)
