"""What all commands share: the global options, the client they make, and how answers and failures are printed.

Results go to stdout, everything said on the way (progress, hints, failures) to stderr, so that ``--json`` gives exactly one document. Text
that came from elsewhere is never read as markup.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from libs.client.failure import ApiError
from libs.client.speech import language_of
from libs.common.settings import load
from libs.common.visible import json_text, one_line, visible
from libs.common.words.fields import heading
from libs.common.words.messages import told
from libs.common.words.phrases import chinese

if TYPE_CHECKING:
    from libs.client.sdk import Modelyard


class SafeConsole(Console):
    """Shows control characters instead of sending them: text of others never moves the cursor, clears the screen or hides a line."""

    def render(self, renderable: Any, options: Any = None) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=visible(segment.text))


out = SafeConsole(highlight=False, emoji=False)
err = SafeConsole(stderr=True, highlight=False, emoji=False)

PIPE_COLUMNS = 100_000  # a table that goes into a file or another program is never folded
SHOWN_CHARACTERS = 300  # of one value in a table; --json shows all of it
_GREEN = frozenset({"SUCCEEDED", "QUALIFIED", "ONLINE", "PASS", "READY", "BETTER", "ok", "True"})
_RED = frozenset({"FAILED", "REJECTED", "QUARANTINED", "FAIL", "WORSE", "unavailable"})
_YELLOW = frozenset({"PENDING", "RUNNING", "CANCELLING", "PAUSED", "AWAITING_APPROVAL", "NO_DATA", "ROLLING_BACK", "OFF"})

Limit = Annotated[int, typer.Option("--limit", "-n", min=1, help="how many at most 最多条数")]
Config = Annotated[
    str | None, typer.Option("--config", metavar="JSON", help="options as one JSON object, or @FILE 选项的 JSON 对象，或 @文件")
]
Sets = Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="one option; repeat it 单个选项，可重复")]


@dataclass(frozen=True)
class Global:
    """Options before the command. gateway: "" = the one of this machine's settings. account: "" = who signed in last. space: None = the
    caller's first. lang: "" = by the terminal."""

    json: bool = False
    gateway: str = ""
    account: str = ""
    space: int | None = None
    lang: str = ""


_current = Global()
"""Of this process, which is one run of the command line: set once by its callback, read by every command (docs/decisions/0023)."""


def set_global(found: Global) -> None:
    """Called once per run by the command line's callback."""
    global _current
    _current = found


def given() -> Global:
    return _current


def language() -> str:
    """ "zh" or "en"."""
    return language_of(_current.lang)


def say(en: str, zh: str) -> str:
    return zh if language() == "zh" else en


def note(en: str, zh: str, style: str = "") -> None:
    """Something said on the way, on stderr."""
    err.print(Text(say(en, zh), style), soft_wrap=True)


def gateway_address() -> str:
    return _current.gateway or load().gateway_address


def connect() -> Modelyard:
    """A client that speaks for MODELYARD_TOKEN, or for who signed in on this machine."""
    from libs.client.credentials import Credentials  # with what speaks HTTP: a help needs neither
    from libs.client.sdk import Modelyard

    address, settings = gateway_address(), load()
    token = settings.token or Credentials(settings.home_path).token(address, _current.account)
    return Modelyard(address, token=token, space=_current.space or settings.space, language=language())


# --- answers


def show(item: Mapping[str, Any]) -> None:
    """One object: JSON, or a table of its fields."""
    if _current.json:
        print_json(item)
        return
    table = Table(show_header=False, box=None, pad_edge=False)
    for key, value in item.items():
        table.add_row(Text(heading(key, language()), "bold"), cell(key, value))
    print_table(table)


def show_list(items: Iterable[Mapping[str, Any]], columns: Sequence[str], limit: int) -> None:
    """The first ``limit`` items: a JSON array, or a table of ``columns``."""
    found = list(islice(items, limit))
    if _current.json:
        print_json(found)
        return
    if not found:
        note("Nothing here yet.", "暂无内容。")
        return
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(heading(column, language()), overflow="fold")
    for item in found:
        table.add_row(*[cell(column, item.get(column)) for column in columns])
    print_table(table)


def print_table(table: Table) -> None:
    """As wide as the terminal; into a file or pipe as wide as it is, one row per line."""
    if out.is_terminal:
        out.print(table)
        return
    wide = SafeConsole(width=PIPE_COLUMNS, highlight=False, emoji=False)
    with wide.capture() as captured:
        wide.print(table)
    print("\n".join(line.rstrip() for line in captured.get().splitlines()))


def print_json(value: Any) -> None:
    print(json_text(value, indent=2))


def cell(key: str, value: Any) -> Text:
    """A value for people: times as times, objects as JSON, long ones cut, states in colour."""
    if value is None or value == "":
        return Text("-", "dim")
    if key.endswith("_time") or key == "as_of":
        return Text(moment(value))
    text = json_text(value) if isinstance(value, (dict, list)) else one_line(str(value))
    if len(text) > SHOWN_CHARACTERS:
        text = text[:SHOWN_CHARACTERS] + " …"
    return Text(text, colour(text) if key in ("status", "verdict", "state", "exact_match") else "")


def colour(state: str) -> str:
    """The style of a state's name, "" for one without."""
    return "green" if state in _GREEN else "red" if state in _RED else "yellow" if state in _YELLOW else ""


def moment(milliseconds: Any) -> str:
    """Local time of milliseconds since the epoch; "-" for 0 and for what is no time."""
    try:
        found = int(milliseconds)
        return datetime.fromtimestamp(found / 1000).astimezone().strftime("%Y-%m-%d %H:%M:%S") if found > 0 else "-"
    except (TypeError, ValueError, OverflowError, OSError):
        return "-"


# --- options that are JSON


def options(text: str | None, sets: Sequence[str] | None, option: str = "--config") -> dict[str, Any] | None:
    """The JSON object of ``text`` with each ``key=value`` of ``sets`` put in; None when there is neither. Raises ApiError."""
    found = parse_json(text, option) if text else {}
    for each in sets or ():
        key, separator, value = each.partition("=")
        if not key or not separator:
            raise wrong_option("--set", "KEY=VALUE", each)
        found[key] = _value(value)
    return found or None


def parse_json(text: str, option: str) -> dict[str, Any]:
    """The value of an option that takes a JSON object, or @FILE that holds one. Raises ApiError naming the option."""
    try:
        value = json.loads(Path(text[1:]).expanduser().read_text() if text.startswith("@") else text)
    except (ValueError, OSError, RecursionError):
        raise wrong_option(option, "one JSON object, or @FILE with one", text) from None
    if not isinstance(value, dict):
        raise wrong_option(option, "one JSON object, or @FILE with one", text)
    return value


def wrong_option(option: str, limit: str, value: str) -> ApiError:
    message = say(f"{option} must be {limit}, not {value[:200]!r}.", f"{option} 应为 {limit}，而不是 {value[:200]!r}。")
    return ApiError({"code": 400, "reason": "INVALID_ARGUMENT", "field": option, "limit": limit, "message": message})


def _unsaid(value: Any, sentence: str) -> bool:
    return bool(str(value)) and str(value) not in sentence


_DETAILS = {
    "why": ("why", "原因"),
    "cause": ("cause", "原因"),
    "what": ("of", "对象"),
    "kind": ("kind", "类型"),
    "id": ("id", "编号"),
    "state": ("state", "状态"),
    "event": ("event", "操作"),
    "machine": ("object", "对象"),
    "service": ("service", "服务"),
    "file": ("file", "文件"),
    "row": ("row", "行"),
    "value": ("value", "取值"),
    "found": ("found", "实际"),
    "step": ("step", "步"),
    "attempts": ("attempts", "次数"),
    "port": ("port", "端口"),
    "host": ("host", "主机"),
    "tokens": ("tokens", "词元数"),
    "characters": ("characters", "字符数"),
    "work_order_id": ("work order", "工单"),
    "questions": ("questions", "问题"),
    "unequal": ("differs", "不一致"),
}
"""Facts of an error as people call them, in both languages."""


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


# --- failures


def fail(error: ApiError) -> int:
    """Prints a failure with its reason, field and limit. Returns the exit status."""
    if _current.json:
        print(json_text({"error": error.facts}), file=sys.stderr)
        return 1
    err.print(f"[red bold]{escape(error.reason)}[/red bold] {escape(str(error))}", soft_wrap=True)
    blame(error.facts, str(error))
    return 1


def blame(error: Mapping[str, Any], sentence: str) -> None:
    """What exactly was wrong, one line each: the facts of an error that its sentence does not hold already."""
    limit = error.get("limit")
    shown = [(say("field", "字段"), error.get("field")), (say("limit", "限制"), limit and say(limit, chinese(limit)))]
    details = error.get("details")
    facts = told(details, language()) if isinstance(details, dict) else {}
    shown += [(say(*_DETAILS.get(name, (name, name))), str(facts[name])) for name in facts if _unsaid(facts[name], sentence)]
    shown.append((say("request id", "请求编号"), error.get("request_id")))
    for name, value in shown:
        if value:
            err.print(Text(f"  {name}: {str(value)[:SHOWN_CHARACTERS]}"), soft_wrap=True)
