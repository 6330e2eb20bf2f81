"""Instruction data from one layout to another: Alpaca, ShareGPT, messages. Every layout is read into turns and written from turns.

Keys that belong to no layout are kept. A conversation that the target cannot hold, that is not one, or in which somebody says nothing is
dropped with its reason: what comes out can be trained on. What is kept comes back unchanged by the way back, but for the spelling of roles.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

from libs.common.work.engine import Reporter
from libs.data.options import option
from libs.data.records import Record
from libs.data.versions import PartFile, read_manifest, read_part
from services.dataset.engine import publishing, shards
from services.dataset.engine.consent import allowed
from services.dataset.engine.converters import Converter
from services.dataset.engine.ledger import Drop, Operator, sift
from services.dataset.engine.shards import ShardWriter, Stage, ticker, working_processes

Layout = Literal["alpaca", "sharegpt", "messages"]
Turn = tuple[str, str]  # (system, user or assistant; text)
LAYOUT_KEYS = frozenset(("instruction", "input", "output", "system", "history", "conversations", "messages"))
ROLE_OF = {  # as others spell them, in any case
    "system": "system",
    "developer": "system",
    "human": "user",
    "user": "user",
    "gpt": "assistant",
    "assistant": "assistant",
}
SHAREGPT_NAMES = {"system": "system", "user": "human", "assistant": "gpt"}


@dataclass(frozen=True, slots=True)
class FormatOptions:
    """target: the layout to write; the layout of each record is recognised."""

    target: Layout = option(en="layout that is written; that of each record is recognised", zh="目标格式；来源格式自动识别")
    allow_drop_share: float = allowed()
    processes: int = working_processes()


class NotConvertible(ValueError):
    """Why a record cannot be read as a conversation."""


class FormatConversion(Operator):
    rule = "Format_Conversion"
    version = 2

    def __init__(self, options: FormatOptions) -> None:
        self._target = options.target

    def judge(self, record: Record) -> Record | Drop:
        try:
            turns = read_turns(record)
            if layout_of(record) == self._target:
                return record
            extra = {key: value for key, value in record.items() if key not in LAYOUT_KEYS}
            return {**extra, **write_turns(turns, self._target)}
        except NotConvertible as why:
            return Drop(str(why))


def layout_of(record: Record) -> Layout:
    """The layout of a record. Raises NotConvertible."""
    if isinstance(record.get("messages"), list):
        return "messages"
    if isinstance(record.get("conversations"), list):
        return "sharegpt"
    if isinstance(record.get("instruction"), str):
        return "alpaca"
    raise NotConvertible("no_conversation")


def read_turns(record: Record) -> list[Turn]:
    """The turns: perhaps one of the system, then user and assistant by turns, the assistant last. Raises NotConvertible."""
    layout = layout_of(record)
    turns = _alpaca_turns(record) if layout == "alpaca" else _listed_turns(record, "messages" if layout == "messages" else "conversations")
    turns = [turn for turn in turns if turn[0] != "system" or turn[1].strip()]  # a system that says nothing is none
    if isinstance(record.get("system"), str) and record["system"].strip() and (not turns or turns[0][0] != "system"):
        turns.insert(0, ("system", record["system"]))
    talk = turns[1:] if turns and turns[0][0] == "system" else turns
    if not talk or talk[-1][0] != "assistant":
        raise NotConvertible("no_answer")
    if any(role != ("user", "assistant")[place % 2] for place, (role, _) in enumerate(talk)):
        raise NotConvertible("turns_do_not_alternate")
    if not all(text.strip() for _, text in talk):
        raise NotConvertible("empty_turn")
    return turns


def _alpaca_turns(record: Record) -> list[Turn]:
    turns: list[Turn] = []
    history = record.get("history") or []
    if not isinstance(history, list):
        raise NotConvertible("history_is_no_list")
    for pair in history:
        if not isinstance(pair, (list, tuple)) or len(pair) != 2 or not all(isinstance(text, str) for text in pair):
            raise NotConvertible("history_is_no_list_of_pairs")
        turns += [("user", pair[0]), ("assistant", pair[1])]
    question, more, answer = str(record["instruction"]), record.get("input") or "", record.get("output")
    if not isinstance(answer, str) or not isinstance(more, str):
        raise NotConvertible("no_answer")
    return [*turns, ("user", f"{question}\n{more}" if more else question), ("assistant", answer)]


def _listed_turns(record: Record, key: str) -> list[Turn]:
    turns = []
    for turn in record[key]:
        if not isinstance(turn, dict):
            raise NotConvertible("turn_is_no_object")
        role = ROLE_OF.get(str(turn.get("role", turn.get("from"))).strip().lower())
        if role is None:
            raise NotConvertible("unknown_role")
        turns.append((role, _content(turn.get("content", turn.get("value")))))
    return turns


def _content(value: Any) -> str:
    """A text, or the text parts of a list of parts."""
    if isinstance(value, str):
        return value
    parts: list[Any] = value if isinstance(value, list) else [None]
    if not all(isinstance(part, dict) and part.get("type") == "text" and isinstance(part.get("text"), str) for part in parts):
        raise NotConvertible("content_is_no_text")
    return "".join(part["text"] for part in parts)


def write_turns(turns: list[Turn], target: Layout) -> Record:
    """The fields of ``target`` for turns that ``read_turns`` gave."""
    if target == "messages":
        return {"messages": [{"role": role, "content": text} for role, text in turns]}
    if target == "sharegpt":
        return {"conversations": [{"from": SHAREGPT_NAMES[role], "value": text} for role, text in turns]}
    system = [text for role, text in turns if role == "system"]
    talk = [text for role, text in turns if role != "system"]
    pairs = [talk[at : at + 2] for at in range(0, len(talk), 2)]
    fields: Record = {"instruction": pairs[-1][0], "input": "", "output": pairs[-1][1]}
    if system:
        fields["system"] = system[0]
    if pairs[:-1]:
        fields["history"] = pairs[:-1]
    return fields


def run(folder: Path, options: FormatOptions, work: Path, report: Reporter) -> dict[str, Any]:
    """Returns records, bytes, content_hash, ledger. Raises CHECKSUM_MISMATCH, NO_RECORDS_LEFT, TOO_MANY_DROPPED."""
    manifest = read_manifest(folder)
    facts = {"engine": "conversion", "converter": "instruction_format", "target": options.target, "input": manifest.facts()}
    if (finished := publishing.begin(work, facts)) is not None:
        return finished
    stage = publishing.stage_of(work, 0)
    work_one = partial(reshape_shard, folder, manifest.files, options, stage.folder)
    marks = shards.map_shards(stage, len(manifest.files), work_one, options.processes, ticker(report, len(manifest.files)))
    return publishing.publish(work, [(stage, marks)], allow=options.allow_drop_share, source=folder)


def reshape_shard(folder: Path, files: tuple[PartFile, ...], options: FormatOptions, stage: Path, index: int) -> None:
    """Brings every record of shard ``index`` into the target layout."""
    operators = [FormatConversion(options)]
    with ShardWriter(Stage(stage), index) as writer:
        for record in read_part(folder, files[index]):
            writer.ledger.entered += 1
            kept, rejected, changed = sift(operators, record)
            if rejected is not None:
                writer.drop(rejected)
            elif kept is not None:
                writer.keep(kept, changed_by=changed)
        writer.finish()


KIND = Converter(name="instruction_format", options=FormatOptions, run=run, makes=("whole",), place=51)
