"""alpaca: ``instruction``, perhaps ``input``, ``system`` and ``history``, and ``output``.

Taken as it is: it is our own form of a question.
"""

from __future__ import annotations

from libs.data.kinds import Fields, question_answer
from libs.data.prompt import PromptError, answer_of, chat_of
from services.dataset.engine.rows import Fault, row_fault
from services.dataset.engine.shapes import Shape

_OPTIONAL = ("input", "system", "history")


def signs(fields: Fields) -> tuple[str, ...]:
    if not question_answer.claims(fields):
        return ()
    return tuple(name for name in (*question_answer.NEEDED, *_OPTIONAL) if name in fields)


def fault(fields: Fields) -> Fault | None:
    """As whoever learns from it will read it."""
    try:
        chat_of(fields)
        answer_of(fields)
    except PromptError as error:
        return row_fault(error.limit, "missing, empty or not a text", error.field)
    return None


KIND = Shape(name="alpaca", signs=signs, fault=fault, en="Alpaca instructions", zh="Alpaca 指令", place=5)
