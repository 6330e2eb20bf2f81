"""The lexicon of cleaning against a search term by term and against pyahocorasick, over the same folded texts and terms, with equal hits.

The peer lives in an environment of its own, made at the first run; what it is asked is a script of a few lines that it is good at: one
``iter`` over each text. ``python -m bench.lexicon`` is no bench of its own: ``bench.clean`` prints its lines.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

from services.dataset.engine.lexicon import Lexicon, fold

PEER = "pyahocorasick==2.2.0"
PLAIN = 3  # texts that are searched term by term
SCRIPT = """
import ahocorasick, json, sys, time
said = json.load(sys.stdin)
automaton = ahocorasick.Automaton()
for number, term in enumerate(said["terms"]):
    automaton.add_word(term, (number, len(term)))
automaton.make_automaton()
glued = lambda a, b: a.isascii() and a.isalnum() and b.isascii() and b.isalnum()
def first(text):
    best = None
    for end, (number, size) in automaton.iter(text):
        start = end - size + 1
        alone = not (glued(text[start - 1 : start], text[start]) or glued(text[end], text[end + 1 : end + 2]))
        if alone and (best is None or number < best):
            best = number
    return None if best is None else said["terms"][best]
start = time.process_time()
found = [first(text) for text in said["texts"]]
json.dump({"seconds": time.process_time() - start, "found": found}, sys.stdout)
"""


def compare(environment: Path, texts: list[str], terms: list[str]) -> None:
    folded = [fold(text + (f" {terms[-number - 1]}." if number % 3 == 0 else "")) for number, text in enumerate(texts)]
    signs = sum(map(len, folded))
    few, many = (ours(folded, terms[:size]) for size in (len(terms) // 100, len(terms)))
    print(f"\nlexicon ({len(texts)} texts, {signs / len(texts):.0f} characters each; compiled in {many[1] * 1e3:.0f} ms, once a process)")
    for size, (seconds, _, found) in ((len(terms) // 100, few), (len(terms), many)):
        print(f"  {size:6} terms              {seconds / len(texts) * 1e3:7.3f} ms a text, {len(found) - found.count(None)} with a hit")
    plainly = [plain(text, terms) for text in folded[:PLAIN]]
    print(f"  term by term, {PLAIN} texts    equal hits: {plainly == many[2][:PLAIN]}")
    seconds, found = peer(environment, folded, terms)
    print(f"  {PEER:25} {seconds / len(texts) * 1e3:7.3f} ms a text, ours {seconds / many[0]:.1f} x, equal hits: {found == many[2]}")


def ours(folded: list[str], terms: list[str]) -> tuple[float, float, list[str | None]]:
    """(seconds, seconds to compile, the first term of each text)."""
    begun = time.process_time()
    lexicon = Lexicon((term, "") for term in terms)
    start = time.process_time()
    found = [lexicon.first(text) for text in folded]
    return time.process_time() - start, start - begun, [hit[0] if hit else None for hit in found]


def plain(text: str, terms: list[str]) -> str | None:
    return next((term for term in sorted(map(fold, terms)) if _alone(term, text)), None)


def _alone(term: str, text: str) -> bool:
    at = text.find(term)
    while at >= 0:
        if not (_glued(text[:at][-1:], term[0]) or _glued(term[-1], text[at + len(term) :][:1])):
            return True
        at = text.find(term, at + 1)
    return False


def _glued(one: str, other: str) -> bool:
    return all(sign.isascii() and sign.isalnum() for sign in (one, other))


def peer(environment: Path, folded: list[str], terms: list[str]) -> tuple[float, list[str | None]]:
    python, ready = environment / "bin" / "python", environment / f".{PEER}"
    if not ready.exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(environment)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", PEER], check=True)
        ready.touch()
    said = json.dumps({"terms": sorted({fold(term) for term in terms}), "texts": folded})
    answer = json.loads(subprocess.run([str(python), "-c", SCRIPT], input=said, capture_output=True, text=True, check=True).stdout)
    return answer["seconds"], answer["found"]
