"""The route of a classifier, and the thread that works behind it.

``POST /v1/classify {"model", "input": text or picture, or a list, "top"}`` (a picture as a data URL) answers, for each input in order,
``label``, its ``probability`` and ``probabilities`` by label, the likeliest first (of the ``top`` first ones; all where it is left out).

Decided here: a request that finds the thread idle is worked on alone and at once; what waits meanwhile is worked on together. A request
that finds all places taken is refused with BUSY (429).
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from libs.common.clock import Clock
from libs.common.errors import PlatformError, Reason, busy, invalid, missing, not_found, unavailable
from libs.data.pictures import is_picture
from libs.models.classifier import OnnxClassifier, probabilities
from libs.models.families import family_of
from libs.models.tasks import CLASSIFY, CLASSIFY_PATH
from services.deploy.engine.serving.answers import Head
from services.deploy.engine.serving.body import read_json
from services.deploy.engine.serving.options import ServingOptions
from services.deploy.engine.serving.server import NAME_HEADER, Identity, ModelServer, answer_json

MOST_INPUTS = 64  # of one request
MOST_CHARACTERS = 100_000  # of one input
TOGETHER = 64  # inputs
_FIELDS = ("model", "input", "top", "user")


@dataclass(frozen=True)
class Ask:
    """A checked request. top: labels that are answered."""

    inputs: tuple[str, ...]
    top: int


@dataclass
class Waiting:
    """A request on its way: its answer is set on the loop's thread."""

    inputs: tuple[str, ...]
    done: asyncio.Future[Any]


class Worker:
    """The thread that classifies, and the bounded queue in front of it."""

    def __init__(self, classifier: OnnxClassifier, capacity: int, loop: asyncio.AbstractEventLoop) -> None:
        self._classifier, self._capacity, self._loop = classifier, capacity, loop
        self._waiting: deque[Waiting] = deque()
        self._now: list[Waiting] = []
        self._closing = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="classify", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    @property
    def rows(self) -> int:
        return sum(len(each.inputs) for each in self._now)

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def submit(self, inputs: tuple[str, ...]) -> asyncio.Future[Any]:
        """The probabilities [inputs, labels], once they are there. Raises: PlatformError 429 BUSY, 503 when closing."""
        with self._changed:
            if self._closing:
                raise unavailable("the server")
            if len(self._waiting) + len(self._now) >= self._capacity:
                raise busy("inference", limit=f"{self._capacity} requests at a time")
            found = Waiting(inputs, self._loop.create_future())
            self._waiting.append(found)
            self._changed.notify()
        return found.done

    def close(self, timeout_s: float) -> bool:
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def abandon(self, timeout_s: float) -> None:
        with self._changed:
            left, self._closing = list(self._waiting), True
            self._waiting.clear()
            self._changed.notify()
        self._tell([(each, unavailable("the server")) for each in left])
        self._thread.join(timeout_s)

    def _run(self) -> None:
        while self._take():
            questions = [question for each in self._now for question in each.inputs]
            try:
                found: Any = probabilities(self._classifier.logits(questions))
            except Exception:  # of some of these inputs: the others may be better alone
                told: list[tuple[Waiting, Any]] = [(each, self._alone(each)) for each in self._now]
            else:
                ends = [sum(len(each.inputs) for each in self._now[: at + 1]) for at in range(len(self._now))]
                told = [(each, found[end - len(each.inputs) : end]) for each, end in zip(self._now, ends, strict=True)]
            with self._changed:
                self._now = []
            self._tell(told)

    def _alone(self, asked: Waiting) -> Any:
        try:
            return probabilities(self._classifier.logits(asked.inputs))
        except Exception as error:
            return _failed(error)

    def _take(self) -> bool:
        """What waits becomes what is worked on; False once nothing will come any more."""
        with self._changed:
            while not self._waiting:
                if self._closing:
                    return False
                self._changed.wait()
            self._now = [self._waiting.popleft()]
            while self._waiting and self.rows + len(self._waiting[0].inputs) <= TOGETHER:
                self._now.append(self._waiting.popleft())
            return True

    def _tell(self, told: Sequence[tuple[Waiting, Any]]) -> None:
        try:
            self._loop.call_soon_threadsafe(_settle, told)
        except RuntimeError:
            return  # the loop is closed: the process is ending and nobody reads any more


def _settle(told: Sequence[tuple[Waiting, Any]]) -> None:
    for each, found in told:
        if each.done.done():
            continue  # its client has gone
        if isinstance(found, PlatformError):
            each.done.set_exception(found)
        else:
            each.done.set_result(found)


def _failed(error: Exception) -> PlatformError:
    return (
        error if isinstance(error, PlatformError) else PlatformError(500, Reason.INTERNAL, what=f"the classifier: {type(error).__name__}")
    )


@dataclass(frozen=True)
class LoadedClassifier:
    """A classifier in memory, and the limits it is served under."""

    classifier: OnnxClassifier
    options: ServingOptions

    @classmethod
    def open(cls, folder: Path, options: ServingOptions, threads: int) -> LoadedClassifier:
        """Raises: PlatformError when a part cannot be read."""
        return cls(family_of(folder).exported(folder, threads), options)

    def begin(self, loop: asyncio.AbstractEventLoop) -> Worker:
        return Worker(self.classifier, self.options.max_rows + self.options.max_queue, loop)

    def server(self, identity: Identity, work: Any, clock: Clock, new_id: Callable[[], str], key: str) -> ClassifyServer:
        return ClassifyServer(identity, self, work, clock, new_id, key)


class ClassifyServer(ModelServer):
    """A classifier behind HTTP."""

    def __init__(
        self, identity: Identity, loaded: LoadedClassifier, worker: Worker, clock: Clock, new_id: Callable[[], str], key: str
    ) -> None:
        self._worker, self._labels, self._named = worker, loaded.classifier.labels, (identity.model, identity.version)
        card = {"task": CLASSIFY.name, "labels": list(self._labels), "max_inputs": MOST_INPUTS, "max_characters": MOST_CHARACTERS}
        super().__init__(identity, worker, loaded.classifier.providers, card, clock, new_id, key)

    def asked(self) -> list[Route]:
        return [Route(CLASSIFY_PATH, self._classify, methods=["POST"])]

    async def _classify(self, request: Request) -> Response:
        model = None if NAME_HEADER in request.headers else self._named
        ask = read_ask(await read_json(request.scope, request.receive), model, len(self._labels))
        found = await self._worker.submit(ask.inputs)
        return answer_json(said(self.head_of(request), self._labels, found, ask.top))


def read_ask(body: Any, served: tuple[str, int] | None, labels: int) -> Ask:
    """A ``/v1/classify`` body. served: (name, version); None where the gateway has found this process. Raises: PlatformError 400, 404."""
    if not isinstance(body, Mapping):
        raise invalid("body", Reason.WRONG_TYPE, limit="a JSON object")
    for key in body:
        if key not in _FIELDS:
            raise invalid(str(key)[:100], limit="one of " + ", ".join(_FIELDS))
    model = body.get("model")
    if served is not None and model not in (None, served[0], f"{served[0]}@{served[1]}"):
        raise not_found("model", str(model)[:200])
    top = body.get("top", labels)
    if type(top) is not int or top < 1:
        raise invalid("top", Reason.WRONG_TYPE if type(top) is not int else Reason.TOO_SMALL, limit="a whole number from 1 on")
    return Ask(_inputs(body.get("input")), min(top, labels))


def _inputs(value: Any) -> tuple[str, ...]:
    if value is None:
        raise missing("input")
    several = isinstance(value, list)
    inputs = value if several else [value]
    if not 1 <= len(inputs) <= MOST_INPUTS:
        raise invalid("input", Reason.TOO_LARGE if inputs else Reason.TOO_SMALL, limit=f"1..{MOST_INPUTS} texts")
    for at, text in enumerate(inputs):
        field = f"input[{at}]" if several else "input"
        if not isinstance(text, str):
            raise invalid(field, Reason.WRONG_TYPE, limit="a text")
        if not text.strip():
            raise invalid(field, Reason.TOO_SMALL, limit="a text that is not empty")
        if len(text) > MOST_CHARACTERS and not is_picture(text):  # the body bounds those
            raise invalid(field, Reason.TOO_LARGE, limit=f"at most {MOST_CHARACTERS} characters")
    return tuple(inputs)


def said(head: Head, labels: Sequence[str], likely: Any, top: int) -> dict[str, Any]:
    """The body of an answer. likely: [inputs, labels]."""
    data = []
    for at, row in enumerate(likely):
        order = sorted(range(len(labels)), key=lambda place: -row[place])[:top]
        probabilities = {labels[place]: float(row[place]) for place in order}
        data.append({"index": at, "label": labels[order[0]], "probability": float(row[order[0]]), "probabilities": probabilities})
    return head.listed("cls-") | {"data": data}
