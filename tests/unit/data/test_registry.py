"""A folder is a registry: adding a file is enough, and a folder that is not sound does not start."""

from __future__ import annotations

from pathlib import Path

import pytest

from libs.data.registry import Kind, kinds_in

FILE = "from libs.data.registry import Kind\n\nKIND = Kind(name={name!r}, place={place})\n"


def package(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, **files: str) -> str:
    (folder / name).mkdir()
    for file, text in {"__init__": "", **files}.items():
        (folder / name / f"{file}.py").write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(folder)
    return name


def test_what_lies_there_is_found_in_order_of_place_and_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"a": FILE.format(name="late", place=2), "z": FILE.format(name="b", place=1), "m": FILE.format(name="a", place=1)}
    found = kinds_in(package(tmp_path, monkeypatch, "toy_sorted", **files, _shared="x = 1\n"), Kind)
    assert list(found) == ["a", "b", "late"]


def test_a_file_without_a_kind_and_a_name_twice_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TypeError, match=r"toy_empty\.a declares no KIND of type Kind"):
        kinds_in(package(tmp_path, monkeypatch, "toy_empty", a="x = 1\n"), Kind)
    same = {"a": FILE.format(name="same", place=1), "b": FILE.format(name="same", place=2)}
    with pytest.raises(ValueError, match="the name same is taken"):
        kinds_in(package(tmp_path, monkeypatch, "toy_twice", **same), Kind)
