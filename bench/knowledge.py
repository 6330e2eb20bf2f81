"""Knowledge: passages in two languages with planted answers: how long a search takes, and how often the answer is among the first five."""

from __future__ import annotations

import os
import random
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from libs.common.clock import SystemClock
from libs.common.rpc.deadline import Deadline
from services.app.domain.document import DocumentKind
from services.app.repository import METADATA
from services.app.service import AppService
from tests.support.stores import caller, open_store

PASSAGES = int(os.environ.get("PASSAGES", "12000"))
DOCUMENTS = 60
QUESTIONS = 400
CTX = replace(caller(), deadline=Deadline.after(3600))
NOBODY: Any = None


def main(_environments: Path) -> None:
    random.seed(7)
    with tempfile.TemporaryDirectory() as folder:
        service = AppService(open_store(Path(folder), "app", METADATA, SystemClock()), NOBODY, NOBODY, NOBODY, NOBODY)
        base, passages = service.create_base(CTX, name="bench"), [_passage(number) for number in range(PASSAGES)]
        started = time.monotonic()
        for at in range(DOCUMENTS):
            content = "\n\n".join(f"# {number}\n\n{passages[number][0]}" for number in range(at, PASSAGES, DOCUMENTS))
            service.add_document(CTX, base_id=base.id, name=f"d{at}", kind=DocumentKind.MARKDOWN, content=content)
        added, started = time.monotonic() - started, time.monotonic()
        service.search_base(CTX, base_id=base.id, question="first")
        built = time.monotonic() - started
        found, took, processor = 0, [], time.process_time()
        for number in random.sample(range(PASSAGES), QUESTIONS):
            text, question = passages[number]
            started = time.monotonic()
            nearest = service.search_base(CTX, base_id=base.id, question=question)
            took.append((time.monotonic() - started) * 1000)
            found += text in {passage.text for passage in nearest}
        cost = (time.process_time() - processor) * 1000 / QUESTIONS
        held = service.get_base(CTX, id=base.id).chunks
        took.sort()
        print(
            f"knowledge: {held} passages taken in in {added:.1f} s, index made in {built:.1f} s; "
            f"a search {statistics.median(took):.1f} ms, "
            f"p95 {took[int(len(took) * 0.95)]:.1f} ms, {cost:.1f} ms of processor; "
            f"planted answer among the first five {found / QUESTIONS:.3f}"
        )
        service.db.close()


_WORDS = [f"w{number}" for number in range(3000)]
_SIGNS = [chr(0x4E00 + number) for number in range(1500)]


def _passage(number: int) -> tuple[str, str]:
    """(text, question): of words that many have, rare ones least; the question has a few of them and some it has not."""
    if number % 2:
        signs = [random.choice(_SIGNS[: random.choice((50, 300, 1500))]) for _ in range(200)]
        at = random.randrange(180)
        return "".join(signs), f"请问{''.join(signs[at : at + 8])}是什么？"
    said = [random.choice(_WORDS[: random.choice((50, 500, 3000))]) for _ in range(100)]
    at = random.randrange(90)
    return " ".join(said), f"what is {' '.join(said[at : at + 6])} about?"
