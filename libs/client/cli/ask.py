"""``modelyard ask``: a question to a deployed model, streamed. ``modelyard classify``: the label of a text, by a deployed classifier."""

from __future__ import annotations

from pathlib import Path

import typer
from rich.text import Text

from libs.client.cli.base import connect, given, note, out, print_json, say
from libs.client.sdk import ApiError, Modelyard, picture
from libs.common.visible import visible


def ask(
    question: str = typer.Argument(..., help="what to ask 问题"),
    model: str = typer.Option(
        "",
        "--model",
        "-m",
        help="name, alias, id or NAME@VERSION; may be left out while one is online 名称、别名、编号或 名称@版本；仅一个上线时可省略",
    ),
    max_tokens: int = typer.Option(64, min=1, max=4096, help="longest answer 回答的最大长度"),
) -> None:
    """Ask a deployed model. 向已上线的模型提问。"""
    with connect() as client:
        answer = client.chat(model or _only_one(client), question, max_tokens=max_tokens)
        if given().json:
            told = {"answer": answer.text(), "model": answer.model, "model_version": answer.version, "digest": answer.digest}
            print_json({**told, "id": answer.id, "request_id": answer.request_id})
            return
        try:
            for piece in answer:
                print(visible(piece), end="", flush=True)
        finally:
            print()
        ids = " ".join(filter(None, (answer.id, answer.request_id)))
        out.print(Text(f"{answer.model} v{answer.version} {answer.digest[:19]}… {ids}", "dim"), soft_wrap=True)


def classify(
    text: str = typer.Argument(..., help="a text, or @FILE: a picture 文本，或 @文件：图像"),
    model: str = typer.Option("", "--model", "-m", help="as in ask 同 ask"),
    top: int = typer.Option(5, min=1, max=1000, help="labels that are shown 显示的标签数"),
) -> None:
    """Ask a deployed classifier for the label of a text or a picture. 由已上线的分类器判断文本或图像的标签。"""
    with connect() as client:
        asked = picture(Path(text[1:]).read_bytes()) if text.startswith("@") and Path(text[1:]).is_file() else text
        [found] = client.classify(model or _only_one(client), asked, top=top)
    if given().json:
        print_json(found)
        return
    for label, probability in found["probabilities"].items():
        out.print(Text(f"{probability:7.1%}  {visible(label)}", "bold" if label == found["label"] else ""), soft_wrap=True)


def _only_one(client: Modelyard) -> str:
    """The model that is meant when none was said. Raises ApiError when that is not one."""
    online = [str(card["id"]) for card in client.online()]
    if len(online) == 1:
        note(f"Asking {online[0]}, the only model that is online.", f"向唯一已上线的模型 {online[0]} 提问。", "dim")
        return online[0]
    if online:
        message = say(
            f"Say which model: --model NAME. Online: {', '.join(online)}.", f"请用 --model 指定模型。已上线：{'、'.join(online)}。"
        )
        raise ApiError({"code": 400, "reason": "MISSING_FIELD", "field": "--model", "message": message})
    message = say(
        "No model is online here. Release one with `modelyard deploy order`, or see the whole way with `modelyard demo`.",
        "此处没有已上线的模型。请用 `modelyard deploy order` 发布，或用 `modelyard demo` 走完全流程。",
    )
    raise ApiError({"code": 404, "reason": "NOT_DEPLOYED", "field": "--model", "message": message})
