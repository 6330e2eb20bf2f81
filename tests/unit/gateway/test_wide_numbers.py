"""A browser has whole numbers up to 2^53: no answer of the platform says a wider one, but in what people brought along."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

import idl
from gateway import jsonwire
from libs.common.rpc.wire import LIST, domain_name, spec_fields

WIDE = 7_311_402_955_137_388_545  # as ids are
OBJECT = json.dumps(
    {"task_id": WIDE, "of": [{"version_id": -WIDE, "seed": 7}], "loss": 0.12345678901234567, "note": f"a,{WIDE}", "on": True}
)
SAFE = {"task_id": str(WIDE), "of": [{"version_id": str(-WIDE), "seed": 7}], "loss": 0.12345678901234567, "note": f"a,{WIDE}", "on": True}


def texts() -> Iterator[tuple[Any, str, int]]:
    """Every field of the contract that holds JSON: its struct, its name, its type."""
    for file in idl.FILES:
        for cls in vars(idl.load(file)).values():
            if isinstance(cls, type) and hasattr(cls, "thrift_spec"):
                yield from ((cls, name, kind) for name, kind, _ in spec_fields(cls) if name.endswith("_json"))


@pytest.mark.parametrize(("cls", "name", "kind"), list(texts()), ids=lambda value: getattr(value, "__name__", str(value)))
def test_no_object_says_a_number_a_browser_would_round(cls: Any, name: str, kind: int) -> None:
    struct = cls(**{name: [OBJECT] if kind == LIST else OBJECT})
    shown = json.loads(msgspec.json.encode(jsonwire.dump(struct)))[domain_name(name)]
    said = json.loads(OBJECT) if name in jsonwire.THEIRS else SAFE
    assert shown == ([said] if kind == LIST else said)


def test_what_people_brought_is_named_as_the_contract_has_it() -> None:
    assert {name for _, name, _ in texts()} >= jsonwire.THEIRS
