"""A folder that somebody else made, checked and taken over into one of ours. Needs numpy and ``tokenizers``, never torch.

Nothing of it is believed or run: the numbers are checked against bounds before anything is made of their size, the weights must be
safetensors with exactly the tensors that the numbers describe, every value finite, the template becomes data. Files with other names are
left alone. What comes out is an artifact of the family; names, numbers and values are as they came.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

import numpy as np

from libs.common.errors import PlatformError, Reason
from libs.data.beneath import checked_name, open_beneath, scan
from libs.models import folder as folders
from libs.models import safetensors_file
from libs.models.causal_lm import template
from libs.models.causal_lm.chat import END, Chat, plainly
from libs.models.causal_lm.config import OURS, DecoderConfig
from libs.models.causal_lm.layouts import FAMILY, Layout, layout_of
from libs.models.causal_lm.tokenizer import MOST_BYTES, FolderTokenizer
from libs.models.safetensors_file import Entry, NotSafetensors

CONFIG, TOKENIZER, WEIGHTS, INDEX = "config.json", "tokenizer.json", "model.safetensors", "model.safetensors.index.json"
TOKENIZER_CONFIG, GENERATION, TEMPLATE, TOKENS = (
    "tokenizer_config.json",
    "generation_config.json",
    "chat_template.jinja",
    "special_tokens_map.json",
)
LICENCE = "LICENSE"
KEPT = (TOKENIZER_CONFIG, GENERATION, TEMPLATE, TOKENS)
"""Goes into the artifact as it came. Nothing of ours reads it there."""
MOST_FILES = 1000
_LICENCES = re.compile(r"licen[sc]e(\.(txt|md))?", re.IGNORECASE)
_PICKLED = re.compile(r".*\.(bin|pt|pth|ckpt|pkl|pickle)", re.IGNORECASE)
_LEFT_OUT = re.compile(r".*rotary_emb\.inv_freq")  # written by old versions: worked out from the config
_SMALL = 16 << 20
_NOT_FINITE = {"F32": (np.uint32, 0x7F800000), "F16": (np.uint16, 0x7C00), "BF16": (np.uint16, 0x7F80)}
"""All bits of the exponent are set in infinity and NaN, and in nothing else."""

Tick = Callable[[int, int], None]


class Source:
    """The files of a checkpoint by the names they have in it, wherever below ``root`` they lie."""

    def __init__(self, root: Path, files: Mapping[str, str]) -> None:
        self._root, self._files = root, files

    @classmethod
    def of(cls, root: Path, folder: str, files: Mapping[str, str]) -> Source:
        """Those of ``folder``, or ``files``: names and paths below ``root``. Raises INVALID_PATH, FILE_MISSING, TOO_LARGE."""
        if files:
            return cls(root, {name: checked_name(path, f"files.{name}") for name, path in files.items()})
        found = scan(root, [folder], MOST_FILES)
        inside = PurePosixPath(checked_name(folder, "path"))
        direct = (file.name for file in found if PurePosixPath(file.name).parent == inside)
        return cls(root, {PurePosixPath(name).name: name for name in direct})

    @property
    def names(self) -> list[str]:
        return sorted(self._files)

    def open(self, name: str) -> BinaryIO:
        """Raises FILE_MISSING, INVALID_PATH."""
        if name not in self._files:
            raise PlatformError(422, Reason.FILE_MISSING, field="files", file=name)
        return open_beneath(self._root, self._files[name])

    def text(self, name: str, most: int = _SMALL) -> str:
        """A whole small file. Raises CHECKPOINT_REFUSED for one that is larger, or no UTF-8."""
        with self.open(name) as file:
            data = file.read(most + 1)
        if len(data) > most:
            raise refused(name, f"at most {most} bytes")
        try:
            return data.decode()
        except UnicodeDecodeError:
            raise refused(name, "UTF-8 text") from None

    def json(self, name: str, most: int = _SMALL) -> dict[str, Any]:
        """A JSON object, {} where the file is not there."""
        if name not in self._files:
            return {}
        try:
            found = json.loads(self.text(name, most))
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise refused(name, "a JSON object")
        return found


def take_over(source: Source, out: Path, tick: Tick = lambda _done, _total: None) -> dict[str, Any]:
    """Checks ``source`` and writes it to ``out`` as an artifact. tick: is told bytes done and bytes in all.

    Returns family, layout, parameters, context (tokens) and licence (its first line, "" where there is none).
    Raises CHECKPOINT_REFUSED naming the file and what it must be; FILE_MISSING, INVALID_PATH.
    """
    values = source.json(CONFIG, folders.MOST_CONFIG)
    layout, shape = _shape(source, values)
    with ExitStack() as opened:
        weights = Weights(source, opened, tick)
        weights.check(shape, layout)
        tokenizer = _tokenizer(source, values, shape)
        licence = next((source.text(name) for name in source.names if _LICENCES.fullmatch(name)), "")

        def fill(folder: Path) -> None:
            (folder / CONFIG).write_text(json.dumps({**values, OURS: tokenizer.kept()}, indent=1, sort_keys=True) + "\n", encoding="utf-8")
            tokenizer.save(folder / TOKENIZER)
            for name, text in [*((name, source.text(name)) for name in KEPT if name in source.names), (LICENCE, licence)]:
                if text:
                    (folder / name).write_text(text, encoding="utf-8")

        folders.write(out, fill, weights.entries, weights.data)
        weights.refuse_changed()
    said = next((line.strip() for line in licence.splitlines() if line.strip()), "")
    return {
        "family": FAMILY,
        "layout": layout.name,
        "parameters": shape.parameters,
        "context": shape.block_size,
        "licence": said[:200],
    }


def refused(file: str, limit: str, **facts: Any) -> PlatformError:
    """422: ``file`` is not what it must be."""
    return PlatformError(422, Reason.CHECKPOINT_REFUSED, file=file, limit=limit, **facts)


class Weights:
    """The tensors of a checkpoint, in one file or several."""

    def __init__(self, source: Source, opened: ExitStack, tick: Tick) -> None:
        self._places: dict[str, tuple[str, Entry]] = {}  # tensor -> file and where it lies there
        self._files: dict[str, BinaryIO] = {}
        self._states: dict[str, tuple[int, ...]] = {}
        self._tick, self._read = tick, 0
        for name in _weight_files(source):
            file = self._files[name] = opened.enter_context(source.open(name))
            self._states[name] = _state(file)
            for entry in self._header(name, file):
                if entry.name in self._places:
                    raise refused(name, f"tensors that are in no other file: {entry.name[:100]} is")
                self._places[entry.name] = (name, entry)
        _check_index(source, {tensor: name for tensor, (name, _) in self._places.items()})

    @property
    def entries(self) -> list[Entry]:
        return [entry for _, entry in self._places.values()]

    def check(self, shape: DecoderConfig, layout: Layout) -> None:
        """Exactly the tensors of ``shape``, each of its size. Raises CHECKPOINT_REFUSED naming file and tensor."""
        expected = shape.shapes
        dropped = [name for name in self._places if _LEFT_OUT.fullmatch(name) or (shape.tied and name == "lm_head.weight")]
        for name in dropped:
            del self._places[name]
        for name in sorted(set(expected) - set(self._places)):
            raise refused(CONFIG, f"a shape whose tensors are all there: {name} is not")
        for name, (file, entry) in self._places.items():
            if name not in expected:
                raise refused(file, f"tensors of this layout: {name[:100]} is none")
            if entry.shape != expected[name] or entry.dtype not in layout.dtypes:
                wanted, found = f"{' or '.join(layout.dtypes)} {list(expected[name])}", f"{entry.dtype} {list(entry.shape)}"
                raise refused(file, f"tensors as {CONFIG} says: {name[:100]} is {found}, not {wanted}")

    def data(self, tensor: str) -> Iterator[bytes]:
        """The bytes of one tensor. Raises CHECKPOINT_REFUSED for a value that is not finite."""
        name, entry = self._places[tensor]
        kind, exponent = _NOT_FINITE[entry.dtype]
        try:
            for piece in safetensors_file.chunks(self._files[name], entry):
                bits = np.frombuffer(piece, kind)
                if np.any((bits & exponent) == exponent):
                    raise refused(name, f"finite numbers: {tensor[:100]} has others")
                self._read += len(piece)
                self._tick(self._read, 2 * sum(each.bytes for each in self.entries))
                yield piece
        except NotSafetensors as error:
            raise refused(name, f"safetensors: {error}") from None

    def refuse_changed(self) -> None:
        """What was checked must be what was written."""
        for name, file in self._files.items():
            if _state(file) != self._states[name]:
                raise refused(name, "a file that does not change while it is read")

    @staticmethod
    def _header(name: str, file: BinaryIO) -> Iterable[Entry]:
        try:
            return safetensors_file.read_header(file, os.fstat(file.fileno()).st_size)[0].values()
        except NotSafetensors as error:
            raise refused(name, f"safetensors: {error}") from None


def _shape(source: Source, values: dict[str, Any]) -> tuple[Layout, DecoderConfig]:
    if CONFIG not in source.names:
        raise PlatformError(422, Reason.FILE_MISSING, field="files", file=CONFIG)
    try:
        layout = layout_of(values)
        shape = layout.shape(values)
    except PlatformError as error:
        raise refused(CONFIG, f"{error.field}: {error.limit}", **error.details) from None
    if not isinstance(shape, DecoderConfig):
        raise refused(CONFIG, "architectures: a name")
    return layout, shape


def _weight_files(source: Source) -> list[str]:
    found = [name for name in source.names if name.endswith(".safetensors")]
    if not found and any(map(_PICKLED.fullmatch, source.names)):
        pickled = next(name for name in source.names if _PICKLED.fullmatch(name))
        raise refused(pickled, "safetensors: it is pickled, which runs code when it is read: save the weights as safetensors")
    if not found:
        raise PlatformError(422, Reason.FILE_MISSING, field="files", file=WEIGHTS)
    if INDEX in source.names:
        return sorted(set(map(str, _index(source).values())))
    if WEIGHTS not in found:
        raise PlatformError(422, Reason.FILE_MISSING, field="files", file=INDEX)
    return [WEIGHTS]


def _index(source: Source) -> dict[str, Any]:
    found = source.json(INDEX, 4 * _SMALL).get("weight_map")
    if not isinstance(found, dict) or not all(isinstance(name, str) and name.endswith(".safetensors") for name in found.values()):
        raise refused(INDEX, "a weight_map of tensors and files")
    return found


def _check_index(source: Source, places: Mapping[str, str]) -> None:
    if INDEX in source.names and (odd := sorted(set(_index(source).items()) ^ set(places.items()))):
        raise refused(INDEX, f"where each tensor is: {odd[0][0][:100]} is elsewhere")


def _state(file: BinaryIO) -> tuple[int, ...]:
    facts = os.fstat(file.fileno())
    return facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns


def _tokenizer(source: Source, values: Mapping[str, Any], shape: DecoderConfig) -> FolderTokenizer:
    """With its chat, compared with what the maker's library makes of the same chats."""
    text, said = source.text(TOKENIZER, MOST_BYTES), source.json(TOKENIZER_CONFIG)
    names = _token_names(said, source.json(TOKENS))
    program = _template(source, said)
    reduced = template.reduce(program, names) if program else None
    chat = reduced.chat if reduced else plainly(names.get("bos_token", ""), names.get("eos_token", ""))
    try:
        first = FolderTokenizer(text, chat, 0, ())
    except Exception as error:  # the library raises bare Exception for every kind of damage
        raise refused(TOKENIZER, f"a tokenizer that can be read ({str(error)[:150]})") from None
    if first.vocab_size > shape.vocab_size:
        raise refused(TOKENIZER, f"at most {shape.vocab_size} tokens, as {CONFIG} says: it has {first.vocab_size}")
    ends = _ends(values, source.json(GENERATION), names, first, shape)
    tokenizer = FolderTokenizer(text, chat, _end_of(chat, first, ends), ends, _begin(first))
    _refuse_typed(tokenizer)
    for asked, rendered in reduced.examples if reduced else ():
        if tokenizer.ids(chat.pieces(asked.messages, asked.then)) != tokenizer.rendered(rendered):
            raise refused(TOKENIZER, "one that cuts text beside a control token as it cuts it elsewhere")
    return tokenizer


def _token_names(said: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, str]:
    """``bos_token`` and such, which a template asks for by name."""
    found = {}
    for name, value in {**more, **said}.items():
        token = value.get("content") if isinstance(value, dict) else value
        if name.endswith("_token") and isinstance(token, str):
            found[name] = token
    return found


def _template(source: Source, said: Mapping[str, Any]) -> str:
    """Of a file of its own, or of ``tokenizer_config.json``, where several have names. "" where there is none."""
    if TEMPLATE in source.names:
        return source.text(TEMPLATE)
    found = said.get("chat_template")
    if isinstance(found, list):
        named = {each.get("name"): each.get("template") for each in found if isinstance(each, dict)}
        found = named.get("default")
    if found is not None and not isinstance(found, str):
        raise refused(TOKENIZER_CONFIG, "a chat_template that is text")
    return found or ""


def _ends(
    values: Mapping[str, Any], generation: Mapping[str, Any], names: Mapping[str, str], tokenizer: FolderTokenizer, shape: DecoderConfig
) -> list[int]:
    """Ids that end an answer, by whatever file says so, the tokenizer's own word first."""
    own = tokenizer.control(names.get("eos_token", ""))
    said: list[Any] = [] if own is None else [own]
    for given in (generation.get("eos_token_id"), values.get("eos_token_id")):
        said += given if isinstance(given, list) else [] if given is None else [given]
    if not all(type(id) is int and 0 <= id < shape.vocab_size for id in said):
        raise refused(CONFIG, f"eos_token_id: ids of 0..{shape.vocab_size - 1}")
    return list(dict.fromkeys(said))


def _end_of(chat: Chat, tokenizer: FolderTokenizer, ends: list[int]) -> int:
    """What an answer is taught to end with: the control token the template puts behind it, else what the files call the end."""
    behind = tokenizer.rendered(chat.joints.get(f"assistant>{END}", "").lstrip())[:1]
    if behind and tokenizer.steers(behind[0]):
        return behind[0]
    if not ends:
        raise refused(CONFIG, "eos_token_id: the id that ends an answer")
    return ends[0]


def _begin(tokenizer: FolderTokenizer) -> list[int]:
    """Ids the tokenizer puts before every text."""
    bare, dressed = tokenizer.rendered("a"), tokenizer.dressed("a")
    return dressed[: len(dressed) - len(bare)] if bare and dressed[-len(bare) :] == bare else []


def _refuse_typed(tokenizer: FolderTokenizer) -> None:
    """A control token that people can type would let them speak for the system."""
    for name in tokenizer.controls:
        if any(tokenizer.steers(id) for id in tokenizer.encode(name)):
            raise refused(TOKENIZER, f"control tokens that nobody can type: {name[:100]} can be")
