"""What people type for a thing: its id, its name, or ``NAME@3`` / ``NAME@latest`` for a version of it.

Only digits are an id; everything else is a name within the caller's space.
"""

from __future__ import annotations

from collections.abc import Iterable

from libs.client.cli.base import say
from libs.client.sdk import ApiError, Json, Modelyard

MODEL_HELP = "id or name of a model 模型编号或名称"
MODEL_OR_ALL_HELP = "id or name of a model; default: all 模型编号或名称，默认全部"
DATASET_OR_ALL_HELP = "id or name of a dataset; default: all 数据集编号或名称，默认全部"
CONFIG_HELP = "id of a config, or MODEL/NAME 配置编号，或 模型/名称"
DATASET_HELP = "id or name of a dataset 数据集编号或名称"
MODEL_VERSION_HELP = "id of a model version, or NAME@3, NAME@latest 模型版本编号，或 名称@3、名称@latest"
DATASET_VERSION_HELP = "id of a dataset version, or NAME@3, NAME@latest 数据版本编号，或 名称@3、名称@latest"


def model_id(client: Modelyard, text: str) -> str:
    return text if _is_id(text) else str(client.models.find(text)["id"])


def dataset_id(client: Modelyard, text: str) -> str:
    return text if _is_id(text) else str(client.datasets.find(text)["id"])


def model_version_id(client: Modelyard, text: str) -> str:
    if _is_id(text):
        return text
    name, number = _split(text)
    return _version(client.models.versions(model_id(client, name)), text, number)


def dataset_version_id(client: Modelyard, text: str) -> str:
    if _is_id(text):
        return text
    name, number = _split(text)
    return _version(client.datasets.versions(dataset_id(client, name)), text, number)


def config_id(client: Modelyard, domain: str, text: str) -> str:
    """The id of a config of ``domain`` (train, eval, deploy): its id, or MODEL/NAME. Raises ApiError that says how to find it."""
    if _is_id(text):
        return text
    model, slash, name = text.rpartition("/")
    if not (slash and model and name):
        message = say(
            f"{text!r} is no id of a config: use its id or MODEL/NAME. `modelyard {domain} configs MODEL` lists them.",
            f"{text!r} 不是配置编号：请用编号或 模型/名称，`modelyard {domain} configs 模型` 可列出。",
        )
        raise ApiError({"code": 400, "reason": "INVALID_ARGUMENT", "field": "CONFIG", "message": message})
    known = list(getattr(client, domain).configs(model_id(client, model)))
    found = next((str(config["id"]) for config in known if config["name"] == name), "")
    if not found:
        there = ", ".join(config["name"] for config in known) or "-"
        message = say(f"{model} has no {domain} config {name!r}. It has: {there}.", f"{model} 没有名为 {name!r} 的配置，现有：{there}。")
        raise ApiError({"code": 404, "reason": "NOT_FOUND", "field": "CONFIG", "message": message})
    return found


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal()


def _split(text: str) -> tuple[str, str]:
    name, separator, number = text.rpartition("@")
    if not separator or not name or not (number == "latest" or _is_id(number)):
        limit = say("a version's id, NAME@3 or NAME@latest", "版本编号、名称@3 或 名称@latest")
        message = say(f"{text!r} names no version: use {limit}.", f"{text!r} 不是版本：请使用{limit}。")
        raise ApiError({"code": 400, "reason": "INVALID_ARGUMENT", "field": "version", "limit": limit, "message": message})
    return name, number


def _version(newest_first: Iterable[Json], text: str, number: str) -> str:
    for version in newest_first:
        if number == "latest" or version["number"] == int(number):
            return str(version["id"])
    message = say(f"There is no version {text}.", f"没有版本 {text}。")
    raise ApiError({"code": 404, "reason": "NOT_FOUND", "field": "version", "message": message})
