"""Finds what a stripped pydoc page documents, and the one sentence that says what each thing does.

Works on the text that ``strip_html`` leaves: a function is a line with its signature and indented lines below it; a class is a line
``class Name(bases)`` and what follows it. Decides which sentences are clean enough to be an answer; all others are named with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from libs.data.records import Record
from services.dataset.engine.ledger import Drop

Kind = Literal["module", "class", "function", "method"]
SECTIONS = frozenset(("Package Contents", "Modules", "Classes", "Functions", "Data", "Version", "Date", "Author", "Credits"))
_TITLE = re.compile(r"Pydoc: (?:built-in )?(?:module|package) (\S+)")
_HEADER = re.compile(r"\S+(?: \(version [^)]*\))? +index")
_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*", re.ASCII)
_CLASS = re.compile(r"class ([A-Za-z]\w*)(?:\(.*\))?", re.ASCII)
_ENTRY = re.compile(r"([A-Za-z]\w*)(?: = \w+)?\(.*", re.ASCII)
_CLASS_BODY = re.compile(r"(?:Method resolution order|(?:.*) (?:defined here|inherited from .*)):")
_METHODS = re.compile(r"(?:Methods|Class methods|Static methods) defined here:")
_END_OF_SENTENCE = re.compile(r"[.!?](?=\s|\Z)")
_ARROW = re.compile(r"[\w.]+\(.*(?:->|\) *-- )")
_ABBREVIATION = re.compile(r"(?:\b(?:e\.g|i\.e|etc|vs|cf|approx|incl|resp|Dr|Mr|St|No)|\b[A-Z])\.\Z")
_MARKUP = (
    (re.compile(r":[a-z]+(?::[a-z]+)?:`~?([^`<]+)`"), r"\1"),  # :mod:`json`
    (re.compile(r"``([^`]+)``"), r"\1"),
    (re.compile(r"`([^`']+)[`']"), r"\1"),
    (re.compile(r"(?<![\w*])\*{1,2}(\w[^*]*?)\*{1,2}(?![\w*])"), r"\1"),  # *emphasis*
)
_UNCLEAN = re.compile(r"[^\x20-\x7e]|[<>|{}\\=_`\[\]^~@#$;*]|--|::|https?:|\.\.|>>>|\bPEP \d")
_EMPTY_WORDS = re.compile(
    r"(?:See |Deprecated|Obsolete|TODO|XXX|FIXME|Helper |Implement |Return self|Initialize self|Create and return a new|Alias|Same as|"
    r"Like |Equivalent|Inherit|This (?:is|method|function|class)|Internal|Private|Undocumented|Override|Note|Usage|Example|Subclass of|"
    r"Docstring|The same|Analogous|As |Similar|Without |If |When called|Returns? an? \w+ object\.)"
)
_POINTS_AWAY = re.compile(
    r"\b(?:deprecated|obsolete|above|below|following|as follows|see also|this module|these|aforementioned|previous)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Found:
    """One documented thing. module: the page it stands on; doc: its documentation without the signature, indentation removed."""

    subject: str
    module: str
    kind: Kind
    doc: str


def module_of(record: Record) -> str | None:
    """The dotted module a page documents; None when it is not a page of a module.

    The file name counts before the title: pydoc calls the page of os.path by the name of its implementation.
    """
    title = _TITLE.fullmatch(str(record.get("title", "")))
    if title is None or not isinstance(record.get("text"), str):
        return None
    named = record.get("own_source") or record.get("source", "")  # a page inside a row may say itself where it is from
    stem = PurePosixPath(str(named)).name.removesuffix(".html")
    return stem if _DOTTED.fullmatch(stem) else title[1]


def found_in(text: str, module: str) -> Iterator[Found]:
    """Everything public on the page of ``module``, in page order: the module, its classes with their own methods, its functions."""
    header, sections = _sections(text.split("\n"))
    prefix = "" if module == "builtins" else module + "."
    yield Found(module, module, "module", "\n".join(header))
    for name, lines in sections:
        if name == "Classes":
            yield from _classes(lines, module, prefix)
        elif name == "Functions":
            yield from (Found(prefix + entry, module, "function", doc) for entry, doc in _entries(lines))


def _sections(lines: Sequence[str]) -> tuple[list[str], list[tuple[str, list[str]]]]:
    """(documentation of the module, [(section, its lines)])."""
    starts = [at for at, line in enumerate(lines) if line in SECTIONS and (at == 0 or not lines[at - 1].strip())]
    ends = [*starts, len(lines)][1:]
    head = lines[: starts[0]] if starts else lines
    top = next((at for at, line in enumerate(head) if _HEADER.fullmatch(line)), -1) + 1
    body = [line for line in head[top:] if line not in ("Module Reference", "(built-in)") and not line.startswith("/")]
    return body, [(lines[start], list(lines[start + 1 : end])) for start, end in zip(starts, ends, strict=True)]


def _entries(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """(name, documentation) of every signature line with its indented lines."""
    at = 0
    while at < len(lines):
        entry = _ENTRY.fullmatch(lines[at])
        at += 1
        doc = []
        while at < len(lines) and (not lines[at].strip() or lines[at].startswith("    ")):
            doc.append(lines[at][4:])
            at += 1
        if entry is not None:
            yield entry[1], "\n".join(doc)


def _classes(lines: Sequence[str], module: str, prefix: str) -> Iterator[Found]:
    starts = [at for at, line in enumerate(lines) if _CLASS.fullmatch(line) and at and not lines[at - 1].strip()]
    for start, end in zip(starts, [*starts, len(lines)][1:], strict=True):
        name = str(_CLASS.fullmatch(lines[start])[1])  # type: ignore[index]
        body = lines[start + 1 : end]
        heads = [at for at, line in enumerate(body) if _CLASS_BODY.fullmatch(line)]
        doc = body[: heads[0]] if heads else body
        yield Found(prefix + name, module, "class", "\n".join(doc))
        for head, stop in zip(heads, [*heads, len(body)][1:], strict=True):
            if _METHODS.fullmatch(body[head]):
                yield from (Found(f"{prefix}{name}.{entry}", module, "method", text) for entry, text in _entries(body[head + 1 : stop]))


def answer_of(found: Found, min_words: int, max_words: int) -> str | Drop:
    """The first sentence of the documentation as an answer, or why there is none."""
    sentence = first_sentence(found.doc, found.subject.rpartition(".")[2])
    if not sentence:
        return Drop("no_sentence")
    sentence = plain(sentence)
    words = len(sentence.split())
    if words < min_words:
        return Drop("answer_too_short", words, min_words)
    if words > max_words:
        return Drop("answer_too_long", words, max_words)
    unclean = _unclean(sentence)
    return Drop(unclean) if unclean else sentence


def first_sentence(doc: str, name: str) -> str:
    """The first sentence of the first paragraph that is not a signature of ``name``; empty when there is none."""
    for paragraph in re.split(r"\n\s*\n", doc.strip("\n")):
        lines = [line.strip() for line in paragraph.split("\n") if line.strip()]
        if not lines or _ARROW.match(lines[0]):
            continue  # "name(x) -> what it returns": the lines below go on with what the arrow started
        if re.match(rf"(?:[\w.]+\.)?{re.escape(name)}\(.*[),]\Z", lines[0]):
            lines.pop(0)
        if lines:
            return _until_end(" ".join(lines))
    return ""


def _until_end(text: str) -> str:
    for end in _END_OF_SENTENCE.finditer(text):
        sentence = text[: end.end()]
        if not _ABBREVIATION.search(sentence) and sentence.count("(") == sentence.count(")"):
            return sentence
    return text


def plain(sentence: str) -> str:
    """Without markup, one space between words, a capital at the start, a full stop at the end."""
    for pattern, replacement in _MARKUP:
        sentence = pattern.sub(replacement, sentence)
    sentence = " ".join(sentence.split()).rstrip(" ,")
    first = sentence.partition(" ")[0]
    if first.isalpha() and first.islower():
        sentence = sentence[0].upper() + sentence[1:]
    return sentence if sentence.endswith((".", "!", "?", ":")) else sentence + "."


def _unclean(sentence: str) -> str | None:
    """Why a sentence must not be an answer."""
    if _UNCLEAN.search(sentence):
        return "answer_has_code"
    if not sentence[0].isupper() or not sentence.endswith("."):
        return "answer_is_no_sentence"
    quotes = len(re.findall(r"(?<!\w)'", sentence)), len(re.findall(r"'(?!\w)", sentence))
    if sentence.count("(") != sentence.count(")") or sentence.count('"') % 2 or quotes[0] > quotes[1]:
        return "answer_is_cut"
    if _EMPTY_WORDS.match(sentence) or _POINTS_AWAY.search(sentence):
        return "answer_says_nothing"
    return None
