"""The contract as it was, as it is and as it may become, each loaded as modules of its own in one process.

``released`` reads the files of the first release (tests/contract/idl_v1). ``grown`` writes what the rules allow to be added to the present
ones: to every enum a member, to every struct an optional field.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import idl

V1 = Path(__file__).parents[1] / "contract" / "idl_v1"
NEW_MEMBER = 7077
NEW_FIELD = 199


def load(folder: Path, version: str) -> dict[str, Any]:
    """domain -> its thriftpy2 module, sharing nothing with the modules of ``idl``."""
    import thriftpy2
    from thriftpy2.parser import parser

    cache = parser._thrift_cache  # by file name whatever the folder: the only way to have two files "base.thrift"
    kept = dict(cache)
    cache.clear()
    try:
        return {
            name: thriftpy2.load(str(folder / f"{name}.thrift"), module_name=f"{version}_{name}_thrift")
            for name in idl.DOMAINS
            if (folder / f"{name}.thrift").exists()
        }
    finally:
        cache.clear()
        cache.update(kept)


def released() -> dict[str, Any]:
    return load(V1, "v1")


def present() -> dict[str, Any]:
    return {name: idl.load(name) for name in idl.DOMAINS}


def grown(folder: Path) -> dict[str, Any]:
    """The present contract with additions everywhere, written to ``folder``."""
    for path in sorted(idl.FOLDER.glob("*.thrift")):
        text = path.read_text(encoding="utf-8")
        text = re.sub(r"^(enum \w+ \{)", rf"\1\n    Grown = {NEW_MEMBER},", text, flags=re.MULTILINE)
        text = re.sub(r"^(struct \w+ \{)", rf"\1\n    {NEW_FIELD}: optional string grown,", text, flags=re.MULTILINE)
        (folder / path.name).write_text(text, encoding="utf-8")
    return load(folder, "grown")


def service(modules: dict[str, Any], domain: str) -> Any:
    return getattr(modules[domain], f"{domain.capitalize()}Service")
