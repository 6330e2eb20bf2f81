"""``idl/enums.py``: every enumeration of the contract as an ``IntEnum``, so that no number is typed twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import idl

FILE = idl.FOLDER / "enums.py"
HEAD = '''"""Generated from idl/*.thrift by `make contract`; not edited by hand. The contract's enumerations."""

from enum import IntEnum


def name_of(kind: type[IntEnum], number: int) -> str:
    """A member's name; the number as text where a newer service has one that is not known here."""
    return kind(number).name if number in kind._value2member_map_ else str(number)
'''


def files() -> dict[Path, str]:
    found = [enum for name in idl.FILES for enum in idl.load(name).__thrift_meta__["enums"]]
    return {FILE: HEAD + "".join(_enum(enum) for enum in found)}


def _enum(enum: Any) -> str:
    members = sorted(enum._VALUES_TO_NAMES.items())
    return f"\n\nclass {enum.__name__}(IntEnum):\n" + "".join(f"    {member} = {number}\n" for number, member in members)
