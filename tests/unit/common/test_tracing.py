"""Traces of one process, read by a collector: who decides what is sampled, what a failure leaves, and which request a task came from."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from libs.common.sight import tracing
from tests.support.collector import Collector, collecting
from tests.support.ram import ram_folder

ROOT = Path(__file__).parents[3]
SAMPLED = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
UNSAMPLED = SAMPLED[:-1] + "0"


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as found:
        yield found


def run(collector: Collector, code: str, ratio: float = 1.0, *arguments: str) -> str:
    """``code`` in a process of its own with traces on; spans have arrived when it ends."""
    head = f"""
import sys
from libs.common.sight import tracing
from libs.common.errors import PlatformError, Reason
from libs.common.settings import Settings
tracing.setup("traced", Settings(otlp={collector.address!r}, trace_ratio={ratio}))
"""
    done = subprocess.run(
        [sys.executable, "-c", head + code, *arguments], capture_output=True, text=True, timeout=120, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_off_is_one_shared_nothing() -> None:
    assert not tracing.enabled
    assert tracing.span("a") is tracing.span("b", tracing.CLIENT, fact=1) is tracing.incoming("c", {"traceparent": SAMPLED})
    assert (tracing.carrier(), tracing.ids()) == (None, None)


def test_the_caller_decides_where_the_ratio_does_not(collector: Collector) -> None:
    code = f"""
for name, parent in (("root", ""), ("sampled", {SAMPLED!r}), ("unsampled", {UNSAMPLED!r})):
    with tracing.incoming(name, {{"traceparent": parent}}):
        print(name, int(tracing.carrier()["traceparent"][-2:], 16) & 1)
"""
    assert run(collector, code, 0.0).split() == ["root", "0", "sampled", "1", "unsampled", "0"]
    assert [span.name for span in collector.spans] == ["sampled"]


def test_a_span_keeps_the_kind_of_a_failure_and_nothing_a_user_typed(collector: Collector) -> None:
    code = """
for error in (ValueError("typed by somebody"), PlatformError(404, Reason.NOT_FOUND, what="typed"), PlatformError(503, Reason.UNAVAILABLE)):
    try:
        with tracing.span(error.__class__.__name__):
            raise error
    except Exception:
        pass
"""
    run(collector, code)
    assert [(span.facts["modelyard.reason"], span.failed) for span in collector.spans] == [
        ("ValueError", True),
        ("NOT_FOUND", False),
        ("UNAVAILABLE", True),
    ]
    assert "typed" not in str(collector.spans)


def test_an_attempt_names_the_request_that_created_its_task(collector: Collector) -> None:
    code = """
import threading
from pathlib import Path
from dataclasses import replace
from libs.common.clock import SystemClock
from tests.support.stores import caller
from tests.support.toy import ToyTask, open_toys, snapshot_hash, stored, toy_worker
from tests.support.until import until
folder = Path(sys.argv[1])
toys = open_toys(folder, SystemClock(), worker=1)
snapshot = {"entry": "tests.support.engines:finish", "job": {}}
with toys.db.begin(replace(caller(), log_id="the-request")) as tx:
    task = toys.create(tx, ToyTask(toys.db.ids.next(), "t", 1, 1, snapshot, snapshot_hash(snapshot)))
worker = toy_worker(toys, folder)
thread = threading.Thread(target=worker.run)
thread.start()
until(lambda: stored(toys, task).status.name == "SUCCEEDED")
worker.stop.set()
thread.join()
print(task.id)
"""
    with ram_folder() as folder:
        id = run(collector, code, 1.0, str(folder)).split()[-1]
    (attempt,) = [span for span in collector.spans if span.name == "task.attempt"]
    assert attempt.facts == {"task": id, "attempt": 1, "request": "the-request"}
    assert any(span.parent == attempt.id for span in collector.spans if span.name == "store.transaction")


def test_a_collector_that_is_away_costs_no_call(collector: Collector) -> None:
    """Spans are lost; nothing is raised, nothing hangs."""
    gone = Collector("http://127.0.0.1:1")
    assert run(gone, 'with tracing.span("a"):\n    print("done")\n').strip() == "done"
