"""``modelyard ask``: a question to a deployed model, streamed."""

from __future__ import annotations

import json

import typer

from libs.client.cli.base import connect, given, out


def ask(
    question: str = typer.Argument(..., help="what to ask"),
    model: str = typer.Option("python-docs", "--model", "-m", help="name of a deployed model"),
    max_tokens: int = typer.Option(64, min=1, max=4096),
) -> None:
    """Ask a deployed model. 向已上线的模型提问。"""
    with connect() as client:
        answer = client.chat(model, question, max_tokens=max_tokens)
        if given().json:
            print(json.dumps({"answer": answer.text(), "model_version": answer.version, "digest": answer.digest}, ensure_ascii=False))
            return
        for piece in answer:
            out.print(piece, end="", markup=False)
        out.print(f"\n[dim]{model} v{answer.version} {answer.digest[:19]}…[/dim]")
