"""Options say all that is known about them beside the field, and are read from JSON by one reader."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import pytest

from libs.common.errors import PlatformError, Reason
from libs.data.options import check_options, deciding, option, options_of, read_options, schema_of


@dataclass(frozen=True, slots=True)
class Told:
    target: Literal["a", "b"] = option(en="where to", zh="去处")
    share: float = option(0.5, 0.0, 1.0, unit="0..1", en="how much", zh="多少")
    count: int | None = option(None, 1, en="how many", zh="几个", none=("all", "取全部"))
    names: tuple[str, ...] = option((), 0, 2, en="which", zh="哪些")
    columns: dict[str, str] | None = option(None, 1, 2, en="columns", zh="列")
    processes: int = option(1, 1, 64, en="processes", zh="进程", changes_output=False)


def refused(values: Any, exact: bool = False) -> tuple[str | None, Reason, str | None]:
    with pytest.raises(PlatformError) as caught:
        read_options(Told, values, exact=exact)
    assert caught.value.code == 400
    return caught.value.field, caught.value.reason, caught.value.limit


def test_what_is_absent_takes_its_default() -> None:
    assert read_options(Told, {"target": "a"}) == Told("a")
    assert read_options(Told, {"target": "a", "share": 1, "names": ["x"], "count": None}) == Told("a", 1.0, None, ("x",))


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ([], ("options", Reason.WRONG_TYPE, "an object")),
        ({}, ("options.target", Reason.MISSING_FIELD, "required")),
        ({"target": "c"}, ("options.target", Reason.UNKNOWN_ENUM, "one of a, b")),
        ({"target": "a", "nope": 1}, ("options.nope", Reason.INVALID_ARGUMENT, "one of target, share, count, names, columns, processes")),
        ({"target": "a", "share": 1.5}, ("options.share", Reason.TOO_LARGE, "0..1")),
        ({"target": "a", "share": "1"}, ("options.share", Reason.WRONG_TYPE, "number")),
        ({"target": "a", "share": float("nan")}, ("options.share", Reason.WRONG_TYPE, "a finite number")),
        ({"target": "a", "count": 0}, ("options.count", Reason.TOO_SMALL, "at least 1")),
        ({"target": "a", "count": True}, ("options.count", Reason.WRONG_TYPE, "integer")),
        ({"target": "a", "names": ["x", 1]}, ("options.names", Reason.WRONG_TYPE, "a list of texts")),
        ({"target": "a", "names": ["x", "y", "z"]}, ("options.names", Reason.TOO_LARGE, "0..2")),
        ({"target": "a", "columns": {}}, ("options.columns", Reason.TOO_SMALL, "1..2")),
    ],
)
def test_a_wrong_value_is_named_with_its_limit(values: Any, refusal: tuple[str, Reason, str]) -> None:
    assert refused(values) == refusal


def test_exact_takes_nothing_for_something_else() -> None:
    assert refused({"target": "a", "share": None}, exact=True)[:2] == ("options.share", Reason.WRONG_TYPE)
    whole = read_options(Told, {"target": "a", "share": 1}, exact=True)
    assert type(whole.share) is int  # a stored config keeps its spelling, and with it its hash
    with pytest.raises(PlatformError):
        check_options(Told("a", share=2.0))


def test_what_does_not_change_the_output_does_not_decide() -> None:
    one, other = {"target": "a", "processes": 7}, {"target": "b", "processes": 7}
    assert deciding(Told, one) == {"target": "a", "processes": 1}
    assert deciding(Told, one) != deciding(Told, other)
    assert deciding(Told, {"target": "a"}) == {"target": "a"}


def test_what_is_listed_is_what_is_declared() -> None:
    listed = {each.name: each for each in options_of("toy", Told)}
    assert listed["target"].required
    assert listed["count"].meaning == {"en": "how many; left out: all", "zh": "几个；不填则取全部"}
    schema = schema_of("toy", Told)
    assert schema["required"] == ["target"]
    assert schema["properties"]["target"] == {
        "type": "string",
        "description": "where to 去处",
        "x-meaning": {"en": "where to", "zh": "去处"},
        "enum": ["a", "b"],
    }
    which = {"description": "which 哪些", "x-meaning": {"en": "which", "zh": "哪些"}}
    assert schema["properties"]["names"] == {"type": "array", **which, "minItems": 0, "maxItems": 2, "default": []}
    columns = {"description": "columns 列", "x-meaning": {"en": "columns", "zh": "列"}}
    assert schema["properties"]["columns"] == {"type": "object", **columns, "minProperties": 1, "maxProperties": 2}
    assert schema["properties"]["share"]["x-unit"] == "0..1"
