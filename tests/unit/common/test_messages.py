"""What people read: every reason in both languages, and every hole filled by the facts of whoever raises it."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

from libs.common import errors
from libs.common.errors import PlatformError, Reason
from libs.common.words import messages
from libs.common.words.messages import LANGUAGES, error_facts, holes, sentence

ROOT = Path(__file__).parents[3]
CHINESE = re.compile(r"[\u4e00-\u9fff]")
# What the small constructors of libs.common.errors fill in by themselves.
SHORT = {
    "invalid": {"field", "limit"},
    "missing": {"field", "limit"},
    "not_found": {"kind", "id"},
    "unavailable": {"what"},
    "deadline_exceeded": {"what"},
    "busy": {"what", "limit"},
}


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_a_sentence_in_both_languages(reason: Reason) -> None:
    facts = {hole: f"<{hole}>" for hole in holes(reason)}
    error = PlatformError(400, reason, field=facts.pop("field", None), limit=facts.pop("limit", None), **facts)
    english, chinese = sentence(error, "en"), sentence(error, "zh")
    assert LANGUAGES == ("en", "zh")
    assert CHINESE.search(chinese)
    assert not CHINESE.search(english)
    for text in (english, chinese):
        assert "?" not in text
        assert "{" not in text
    assert sentence(error, "fr") == english == str(error)
    # Both languages tell the same facts, unless the sentence of one has no place for them.
    assert {hole for hole in holes(reason) if f"<{hole}>" in english} == holes(reason) or reason in (Reason.STALE_VERSION,)


NEXT = re.compile(
    r"must be|\b(?:Add|Ask|Ch(?:eck|oose)|Copy|Convert|Correct|Evaluate|Finish|Free|Import|Install|Keep|Let|Look|Loosen|Lower|Make|Mount|"
    r"Move|Nothing needs doing|Put|Raise|Read|Repeat|Report|Restore|Run|See|Send|Set|Sign in|Split|Start|Stop|Train|Try|Use|install|"
    r"lists those|runs GRANT|use|look into|Go on|Go on|can give|goes on by itself)\b|MODELYARD_\w+"
)
# Their limit is what would be right: "at most 100 characters", "PAUSE, CANCEL", "deploy a version of it first".
LIMIT_SAYS = {Reason.TOO_LARGE, Reason.TOO_SMALL, Reason.ILLEGAL_TRANSITION, Reason.INVALID_PATH, Reason.NOT_DEPLOYED}
ZH_NEXT = re.compile("请|可用|应为|可按|无需处理|自动继续|MODELYARD_")


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_says_what_to_do_next(reason: Reason) -> None:
    facts = dict.fromkeys(holes(reason), "-")
    error = PlatformError(400, reason, field=facts.pop("field", None), limit=facts.pop("limit", None), **facts)
    if reason in LIMIT_SAYS:
        assert "{limit}" in messages._TEXT[reason][0]
        return
    assert NEXT.search(sentence(error, "en")), sentence(error, "en")
    assert ZH_NEXT.search(sentence(error, "zh")), sentence(error, "zh")


def test_a_fact_that_is_missing_is_a_question_mark_not_a_crash() -> None:
    assert "?" in sentence(PlatformError(404, Reason.NOT_FOUND), "en")
    assert "%s{field}" in sentence(PlatformError(404, Reason.NOT_FOUND, kind="a", id="%s{field}"), "en")


def test_reason_numbers_belong_to_their_domain_and_are_unique() -> None:
    numbers = [int(reason) for reason in Reason]
    assert len(set(numbers)) == len(numbers)
    assert all(number // 1000 == 1 or number // 10000 in range(1, 10) for number in numbers)


def test_error_facts_are_json_with_both_sentences() -> None:
    facts = error_facts(PlatformError(422, Reason.ROW_INVALID, limit="文", file=Path("a.txt"), row=3, odd={"a": 1}, nothing=None))
    assert json.loads(json.dumps(facts)) == facts
    assert (facts["code"], facts["reason"], facts["field"], facts["limit"]) == (422, "ROW_INVALID", None, "文")
    assert facts["details"] == {"file": "a.txt", "row": 3, "odd": "{'a': 1}", "nothing": "None"}
    assert set(facts["message"]) == set(LANGUAGES)


def raisers() -> list[tuple[str, Reason, set[str]]]:
    """(place, reason, facts given) of every construction in the source whose reason and facts are written out."""
    found = []
    for path in sorted(path for folder in ("libs", "services", "gateway") for path in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or any(keyword.arg is None for keyword in node.keywords):
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr if isinstance(node.func, ast.Attribute) else ""
            given = {
                str(keyword.arg)
                for keyword in node.keywords
                if not (isinstance(keyword.value, ast.Constant) and keyword.value.value is None)
            }
            if name == "PlatformError" and len(node.args) == 2:
                reason = node.args[1]
            elif name == "invalid":
                reason = node.args[1] if len(node.args) > 1 else ast.parse("Reason.INVALID_ARGUMENT", mode="eval").body
                given |= {"field"} | ({"limit"} if len(node.args) > 2 else set())
            else:
                continue
            if isinstance(reason, ast.Attribute) and reason.attr in Reason.__members__:
                found.append((f"{path.relative_to(ROOT)}:{node.lineno}", Reason[reason.attr], given))
    return found


def test_whoever_raises_fills_every_hole() -> None:
    found = raisers()
    assert len(found) > 50
    lacking = [f"{place}: {reason.name} lacks {sorted(holes(reason) - given)}" for place, reason, given in found if holes(reason) - given]
    assert lacking == []


@pytest.mark.parametrize("name", SHORT)
def test_the_short_constructors_fill_theirs(name: str) -> None:
    made = {
        "invalid": lambda: errors.invalid("a", limit="b"),
        "missing": lambda: errors.missing("a"),
        "not_found": lambda: errors.not_found("a", 1),
        "unavailable": lambda: errors.unavailable("a"),
        "deadline_exceeded": lambda: errors.deadline_exceeded("a"),
        "busy": lambda: errors.busy("a", "b"),
    }[name]()
    for language in LANGUAGES:
        assert "?" not in sentence(made, language)
    given = set(made.details) | ({"field"} if made.field else set()) | ({"limit"} if made.limit else set())
    assert given == SHORT[name]


def test_the_table_holds_nothing_but_reasons() -> None:
    assert set(messages._TEXT) == set(Reason)
