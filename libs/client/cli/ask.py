"""``modelyard ask``: a question to a deployed model, streamed."""

from __future__ import annotations

import typer
from rich.text import Text

from libs.client.cli.base import connect, given, out, print_json
from libs.common.visible import visible


def ask(
    question: str = typer.Argument(..., help="what to ask 问题"),
    model: str = typer.Option("python-docs", "--model", "-m", help="name or id of a deployed model 已上线模型的名称或编号"),
    max_tokens: int = typer.Option(64, min=1, max=4096, help="longest answer 回答的最大长度"),
) -> None:
    """Ask a deployed model. 向已上线的模型提问。"""
    with connect() as client:
        answer = client.chat(model, question, max_tokens=max_tokens)
        if given().json:
            print_json({"answer": answer.text(), "model_version": answer.version, "digest": answer.digest})
            return
        try:
            for piece in answer:
                print(visible(piece), end="", flush=True)
        finally:
            print()
        out.print(Text(f"{model} v{answer.version} {answer.digest[:19]}…", "dim"), soft_wrap=True)
