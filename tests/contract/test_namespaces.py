"""Code generated from all files of the contract fits into one program, in every language: no class of one domain takes another's place."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

import idl
from tests import needs
from tests.contract.idl_text import enums, namespaces, structs

LANGUAGES = ("cpp", "go", "java", "js", "netstd", "php", "py", "rb")
# generator -> what declares a class in what it writes. A class's full name is the folder of its file, and what the pattern finds.
DECLARED = {
    "java": r"^public (?:class|enum) (\w+)",
    "go": r"^type (\w+) (?:struct|int64)",
    "py": r"^class (\w+)\(",
    "js": r"^((?:\w+\.)+\w+) = class ",
}


@pytest.mark.parametrize("file", idl.FILES)
def test_every_file_says_where_its_code_goes(file: str) -> None:
    assert {language: where.lower() for language, where in namespaces(file).items()} == dict.fromkeys(LANGUAGES, f"modelyard.{file}")


def test_some_names_stand_in_several_files() -> None:
    """Which is why the namespaces are needed."""
    names = Counter(name for file in idl.FILES for name in (*structs(file), *enums(file)))
    assert sum(count > 1 for count in names.values()) >= 18


@pytest.mark.parametrize("language", DECLARED)
def test_no_class_is_written_twice(language: str, tmp_path: Path) -> None:
    if shutil.which("thrift") is None:
        assert not needs.in_ci(), "the program 'thrift'"
        pytest.skip("needs the program 'thrift' (Debian package thrift-compiler)")
    seen: Counter[str] = Counter()
    for file in idl.FILES:
        out = tmp_path / file
        out.mkdir()
        generator = "js:es6" if language == "js" else language
        subprocess.run(["thrift", "--gen", generator, "-out", str(out), str(idl.FOLDER / f"{file}.thrift")], check=True)
        made = [path for path in out.rglob(f"*.{language}") if path.stat().st_size > 0]
        classes = {
            f"{'' if language == 'js' else path.parent.relative_to(out)} {name}"
            for path in made
            for name in re.findall(DECLARED[language], path.read_text(), re.MULTILINE)
        }
        assert len(classes) >= len(structs(file))
        seen.update(classes)
    assert [name for name, times in seen.items() if times > 1] == []
