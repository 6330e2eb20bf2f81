"""What people type for a thing: its id, its name, or ``NAME@3`` / ``NAME@latest`` for a version of it, ``NAME@train`` for a part of data.

Only digits are an id; everything else is a name within the caller's space. ``latest`` never surprises: of a dataset it is what the last
step made, of a model the newest version that has been trained.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from libs.client.cli.base import say
from libs.client.sdk import ApiError, Json, Modelyard

MODEL_HELP = "id or name of a model 模型编号或名称"
MODEL_OR_ALL_HELP = "id or name of a model; default: all 模型编号或名称，默认全部"
DATASET_OR_ALL_HELP = "id or name of a dataset; default: all 数据集编号或名称，默认全部"
RECIPE_HELP = "id or name of a recipe 配方编号或名称"
CONFIG_HELP = "id of a config, or MODEL/NAME 配置编号，或 模型/名称"
DATASET_HELP = "id or name of a dataset 数据集编号或名称"
MODEL_VERSION_HELP = "id of a model version, or NAME@3, NAME@latest 模型版本编号，或 名称@3、名称@latest"
DATASET_VERSION_HELP = (
    "id of a dataset version, or NAME@3, NAME@latest, NAME@train, NAME@test 数据版本编号，或 名称@3、名称@latest、名称@train"
)
PROMPT_HELP = "id or name of a prompt 提示词编号或名称"
PROMPT_VERSION_HELP = "a prompt: NAME, NAME@3, NAME@latest, NAME@LABEL 提示词：名称、名称@3、名称@latest、名称@标签"
PARTS = ("train", "test")


def model_id(client: Modelyard, text: str) -> str:
    return text if _is_id(text) else str(client.models.find(text)["id"])


def dataset_id(client: Modelyard, text: str) -> str:
    return text if _is_id(text) else str(client.datasets.find(text)["id"])


def recipe_id(client: Modelyard, text: str) -> str:
    return text if _is_id(text) else str(client.datasets.find_recipe(text)["id"])


def prompt_id(client: Modelyard, text: str) -> str:
    return text if _is_id(text) else client.prompts.get(text).id


def model_version_id(client: Modelyard, text: str) -> str:
    if _is_id(text):
        return text
    name, number = _split(text, "NAME@3", "NAME@latest")
    found = client.models.versions(model_id(client, name))
    # The latest is never one that is out of use, such as that of a cancelled training.
    usable = (version for version in found if number != "latest" or version["status"] not in ("RETIRED", "QUARANTINED"))
    return _model_version(usable, text, number)


def dataset_version_id(client: Modelyard, text: str) -> str:
    if _is_id(text):
        return text
    name, reference = _split(text, "NAME@3", "NAME@latest", *(f"NAME@{part}" for part in PARTS))
    return str(client.datasets.find_version(dataset_id(client, name), reference)["id"])


def input_version_id(client: Modelyard, dataset_id: str, text: str) -> str:
    """``latest``, a part and a small number are of this dataset; anything longer is a version's id or NAME@N."""
    if text in ("latest", *PARTS) or (text.isdecimal() and len(text) < 10):
        return dataset_version_id(client, f"{dataset_id}@{text}")
    return dataset_version_id(client, text)


def with_version_ids(client: Modelyard, value: Any) -> Any:
    """A config in which ``…_version_id`` may be NAME@3: with the ids, as the API takes them."""
    if isinstance(value, list):
        return [with_version_ids(client, item) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: _version_or(client, key, item) for key, item in value.items()}


def _version_or(client: Modelyard, key: str, value: Any) -> Any:
    named = key.endswith("_version_id") and isinstance(value, (str, int)) and not isinstance(value, bool)
    return dataset_version_id(client, str(value)) if named else with_version_ids(client, value)


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


def _split(text: str, *forms: str) -> tuple[str, str]:
    name, separator, reference = text.rpartition("@")
    words = [form.removeprefix("NAME@") for form in forms if not form[-1].isdecimal()]
    if not separator or not name or not (reference in words or _is_id(reference)):
        limit = say(f"a version's id, {' or '.join(forms)}", f"版本编号、{' 或 '.join(forms).replace('NAME', '名称')}")
        message = say(f"{text!r} names no version: use {limit}.", f"{text!r} 不是版本：请使用{limit}。")
        raise ApiError({"code": 400, "reason": "INVALID_ARGUMENT", "field": "version", "limit": limit, "message": message})
    return name, reference


def _model_version(newest_first: Iterable[Json], text: str, number: str) -> str:
    """The newest one with weights for ``latest``: a training that was cancelled or still runs leaves a version with nothing in it."""
    empty = None
    for version in newest_first:
        if version["number"] == int(number) if number != "latest" else version["artifact_digest"]:
            return str(version["id"])
        empty = empty or version["number"]
    if number == "latest" and empty:
        message = say(
            f"No version of {text.removesuffix('@latest')} is trained; the newest, {empty}, is empty. Name it by its number.",
            f"{text.removesuffix('@latest')} 还没有训练完成的版本；最新的 {empty} 为空，请用序号指定。",
        )
    else:
        listed = f"`modelyard model versions {text.rpartition('@')[0]}`"
        message = say(f"There is no version {text}. {listed} lists those there are.", f"没有版本 {text}。可用 {listed} 查看现有版本。")
    raise ApiError({"code": 404, "reason": "NOT_FOUND", "field": "version", "message": message})
