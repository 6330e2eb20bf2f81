"""A second name of a model: a pointer that people move, or the name the model had before it was renamed."""

from __future__ import annotations

from dataclasses import dataclass

from libs.common.errors import invalid


@dataclass(frozen=True)
class ModelAlias:
    """model_version_number: 0 for whatever is online. former: an old name; it goes as soon as something else takes it."""

    id: int
    name: str
    project_id: int
    project_space_id: int
    user_id: int
    model_version_number: int = 0
    former: bool = False
    create_time: int = 0
    update_time: int = 0
    version: int = 0


def check_alias(name: str) -> None:
    """Raises INVALID_ARGUMENT for what would be read as an id or as NAME@VERSION."""
    if "@" in name or (name.isascii() and name.isdecimal()):
        raise invalid("name", limit="a name without @ that is not a number")
