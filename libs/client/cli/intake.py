"""Files on this machine as the dataset service names them: relative to the folder that their project space imports from, which lies below
``MODELYARD_IMPORT_ROOT`` under the space's id."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from libs.client.cli.base import say
from libs.client.sdk import ApiError
from libs.common.settings import load


def folder_of(space: str) -> Path:
    """The folder a project space imports from."""
    return load().import_path / space


def below(path: str, root: Path) -> str:
    """``path`` relative to ``root``. One that is not on this machine is passed on as it is: the platform may run elsewhere.

    Raises ApiError for a file outside of the root, saying what to do.
    """
    local = Path(path).expanduser()
    if not local.exists():
        return path
    try:
        return local.resolve().relative_to(root.resolve()).as_posix()
    except ValueError:
        raise _refused(
            path,
            say(
                f"This space imports from {root}. Add --copy to copy it there first.", f"本空间只能从 {root} 导入，可加 --copy 先复制过去。"
            ),
        ) from None


def copy(path: str, root: Path) -> str:
    """Copies a file or folder into ``root`` under its own name; visible only once it is complete. Raises ApiError."""
    local = Path(path).expanduser().resolve()
    if local.is_relative_to(root.resolve()):
        return below(path, root)
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
