"""``modelyard model import``: a checkpoint made elsewhere becomes the next version of a model."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from libs.client.cli import intake, names
from libs.client.cli.base import connect, show, wrong_option
from libs.client.sdk import Json, Modelyard

READ = re.compile(r".*\.(safetensors|json|jinja)|licen[sc]e(\.(txt|md))?", re.IGNORECASE)
"""What of a folder is sent: pickled weights and code are not taken."""


def import_(
    model: Annotated[str, typer.Argument(help=names.MODEL_HELP, metavar="MODEL")],
    folder: Annotated[
        str,
        typer.Argument(
            help="a folder of this machine, whose files are sent, or one below this space's import folder "
            "本机文件夹（其文件将上传），或本空间导入目录下的文件夹",
            metavar="FOLDER",
        ),
    ],
    source: str | None = typer.Option(None, help="where it comes from; default: the folder's name 来源，默认为文件夹名"),
    desc: str | None = typer.Option(None, help="what it is 说明"),
) -> None:
    """Import a checkpoint made elsewhere (safetensors; Llama, Qwen, Mistral) as the next version. 导入在别处训练的检查点。"""
    with connect() as client:
        id = names.model_id(client, model)
        local, root = Path(folder).expanduser(), intake.folder_of(client.me()["project_space_id"])
        if not local.is_dir() or local.resolve().is_relative_to(root.resolve()):
            where: Json = {"folder": intake.named(client, folder, root)}
        else:
            where = {"files": sent(client, local), "source": local.resolve().name}
        show(client.models.import_checkpoint(id, **{**where, **({"source": source} if source else {})}, desc=desc))


def sent(client: Modelyard, folder: Path) -> list[Json]:
    """The files of a folder that an import reads, sent one by one, as it takes them. Raises ApiError where there are no weights."""
    wanted = sorted(path for path in folder.iterdir() if path.is_file() and READ.fullmatch(path.name))
    if not any(path.suffix == ".safetensors" for path in wanted):
        raise wrong_option("FOLDER", "a folder with weights as safetensors", str(folder))
    return [{"name": path.name, "path": intake.sent(client, path)["path"]} for path in wanted]
