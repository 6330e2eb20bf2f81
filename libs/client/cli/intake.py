"""Files on this machine as the dataset service names them.

Those below the folder that their project space imports from (``MODELYARD_IMPORT_ROOT``, the space's id) go by their path in it; any other
file is sent, which works wherever the platform runs.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from libs.client.cli.base import err, say
from libs.client.sdk import ApiError, Json, Modelyard
from libs.common.settings import load


def folder_of(space: str) -> Path:
    """The folder a project space imports from."""
    return load().import_path / space


def named(client: Modelyard, path: str, root: Path) -> str:
    """``path`` relative to ``root``; a file from elsewhere is sent first. One that is not on this machine is passed on as it is: the
    platform may run elsewhere. Raises ApiError for a folder outside of the root, saying what to do."""
    local = Path(path).expanduser()
    if not local.exists():
        return path
    if local.resolve().is_relative_to(root.resolve()):
        return local.resolve().relative_to(root.resolve()).as_posix()
    if local.is_file():
        return str(sent(client, local)["path"])
    raise _refused(
        path,
        say(
            f"A folder outside of {root} is not sent: name its files, or add --copy.",
            f"{root} 之外的文件夹不会上传，请逐个列出文件或加 --copy。",
        ),
    )


def sent(client: Modelyard, path: Path, name: str = "") -> Json:
    """The finished upload of a file, with a bar while it goes. Raises ApiError."""
    with bytes_bar() as bar:
        shown = bar.add_task(path.name[:40], total=path.stat().st_size)
        try:
            return client.datasets.upload(path, name, lambda done, _: bar.update(shown, completed=done))
        except OSError as error:
            raise _refused(str(path), say(f"{path} cannot be read: {error.strerror}.", f"{path} 无法读取：{error.strerror}。")) from None


def bytes_bar() -> Progress:
    """Of a file on its way, where somebody looks."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    return Progress(*columns, console=err, disable=not err.is_terminal)


def copy(path: str, root: Path) -> str:
    """Copies a file or folder into ``root`` under its own name; visible only once it is complete. Raises ApiError."""
    local = Path(path).expanduser().resolve()
    if local.is_relative_to(root.resolve()):
        return local.relative_to(root.resolve()).as_posix()
    target, beside = root / local.name, root / f".{local.name}.{os.getpid()}"
    if target.exists():
        raise _refused(
            path, say(f"{target} exists already; import it by that name, or remove it.", f"{target} 已存在，请直接导入或先删除。")
        )
    try:
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        (shutil.copytree if local.is_dir() else shutil.copyfile)(local, beside)
        beside.rename(target)
    except OSError as error:
        _remove(beside)
        raise _refused(path, say(f"{path} cannot be copied: {error.strerror}.", f"{path} 无法复制：{error.strerror}。")) from None
    return local.name


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _refused(path: str, message: str) -> ApiError:
    return ApiError({"code": 400, "reason": "INVALID_PATH", "field": "PATH", "limit": path, "message": message})
