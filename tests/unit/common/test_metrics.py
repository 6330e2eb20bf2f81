"""Every metric has a name in one table, the document shows that table, and no reading, however slow, holds up a scrape."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from libs.common.context import system_context
from libs.common.errors import PlatformError
from libs.common.sight import metrics as names
from libs.common.sight import samples
from libs.common.sight.health import Health, Pulse
from libs.common.sight.metrics import FAMILIES, Metrics
from libs.common.work.lifecycle import TaskLifecycle
from libs.common.work.samples import watch_store
from tests.support.ram import ram_folder
from tests.support.toy import ToyTask, create, open_toys
from tests.support.until import until

ROOT = Path(__file__).parents[3]
FORBIDDEN = ("id", "user", "space", "path", "url", "name", "digest", "address")


@pytest.fixture
def toys() -> Iterator[TaskLifecycle[ToyTask]]:
    with ram_folder() as folder:
        opened = open_toys(folder)
        yield opened
        opened.db.close()


def values(metrics: Metrics) -> dict[tuple[str, tuple[str, ...]], float]:
    """(name, labels without the process) -> value."""
    found = {}
    for family in text_string_to_metric_families(metrics.text().decode()):
        for each in family.samples:
            found[each.name, tuple(value for key, value in sorted(each.labels.items()) if key != "process")] = each.value
    return found


def test_the_document_is_the_table() -> None:
    assert (ROOT / "docs" / "operations" / "metrics.md").read_text() == names.document(), "python -m libs.common.sight.metrics writes it"


def test_every_family_can_be_made_and_is_named_as_documented() -> None:
    metrics = Metrics("p")
    for family in FAMILIES:
        child = metrics.of(family.name, *("x" for _ in family.labels))
        child.observe(1) if family.kind == names.HISTOGRAM else child.inc()
    scraped = names.known(name for name, _ in values(metrics) if name.startswith("modelyard_") and not name.endswith("_created"))
    assert scraped == {family.name for family in FAMILIES}
    assert all((family.kind == names.COUNTER) == family.name.endswith("_total") for family in FAMILIES)


def test_labels_never_hold_what_grows_without_end() -> None:
    for family in FAMILIES:
        assert not set(family.labels) & set(FORBIDDEN), family.name
        assert len(family.labels) <= 2


def test_a_name_that_is_not_in_the_table_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        Metrics("p").of("modelyard_invented_total")


def test_tasks_leases_and_outbox_of_a_store(toys: TaskLifecycle[ToyTask]) -> None:
    metrics = Metrics("toy-serve")
    for _ in range(3):
        create(toys)
    assert toys.claim("w") is not None
    with toys.db.begin(system_context(0, 0)) as tx:
        tx.publish("gone.away", {"id": 1})
    watch_store(metrics, toys.db, queues=True)
    toys.db.clock.advance(7)  # type: ignore[attr-defined]

    seen = until(lambda: (found := values(metrics)).get(("modelyard_task_leases", ("live",))) is not None and found)
    assert seen["modelyard_tasks", ("WAIT_CAPACITY", "PENDING")] == 2
    assert seen["modelyard_tasks", ("NONE", "RUNNING")] == 1
    assert seen["modelyard_task_queue_oldest_seconds", ()] == 7
    assert seen["modelyard_task_leases", ("live",)] == 1
    assert seen["modelyard_outbox_open", ("gone.away",)] == 1
    assert seen["modelyard_outbox_oldest_seconds", ("gone.away",)] == 7
    assert seen["modelyard_store_ping_seconds", ()] > 0


def test_store_latency_errors_and_connections(toys: TaskLifecycle[ToyTask]) -> None:
    metrics = Metrics("toy-work")
    watch_store(metrics, toys.db, queues=False)
    create(toys)
    with toys.db.begin(system_context(0, 0)), pytest.raises(PlatformError), toys.db.begin(system_context(0, 0, seconds=0.05)):
        raise AssertionError("two writers at once")
    seen = values(metrics)
    assert seen["modelyard_store_write_seconds_count", ()] == 2
    assert seen["modelyard_store_errors_total", ("write",)] == 1
    assert seen["modelyard_store_connections", ("write", "idle")] == 1
    assert not any(name == "modelyard_tasks" for name, _ in seen), "a worker tells what its service tells already"


def test_a_store_that_hangs_does_not_hold_up_a_scrape(toys: TaskLifecycle[ToyTask]) -> None:
    """The last sample stays, and its age grows."""
    metrics = Metrics("p")
    gate, asked = threading.Event(), threading.Event()
    gate.set()

    def slow() -> list[names.Reading]:
        asked.set()
        gate.wait(30)
        return [("modelyard_artifact_bytes", (), 5)]

    metrics.sample(slow, seconds=0)
    assert until(lambda: values(metrics).get(("modelyard_artifact_bytes", ()))) == 5
    gate.clear()
    asked.clear()
    try:
        before = values(metrics)["modelyard_sample_age_seconds", ()]
        assert asked.is_set()
        after = values(metrics)  # comes back while the reading hangs
        assert after["modelyard_artifact_bytes", ()] == 5
        assert after["modelyard_sample_age_seconds", ()] > before >= 0
    finally:
        gate.set()


def test_a_reading_that_fails_leaves_the_others(toys: TaskLifecycle[ToyTask]) -> None:
    metrics = Metrics("p")

    def broken() -> list[names.Reading]:
        raise OSError("away")

    metrics.sample(broken, seconds=0)
    metrics.sample(lambda: [("modelyard_artifact_bytes", (), 1)], seconds=0)
    assert until(lambda: values(metrics).get(("modelyard_artifact_bytes", ()))) == 1
    assert values(metrics)["modelyard_sample_age_seconds", ()] == -1


def test_pulses_of_a_process() -> None:
    metrics, now = Metrics("p"), [0.0]
    pulse = Pulse(2.0, lambda: now[0])
    health = Health("p", {}, {"rpc": pulse})
    samples.watch_process(metrics, health)
    now[0] = 1.5
    assert health.alive()
    assert values(metrics)["modelyard_pulse_silent_seconds", ("rpc",)] == 1.5
    now[0] = 2.5
    assert (health.alive(), health.ready(), health.stuck()) == (False, False, {"rpc": 2.5})
    pulse.beat()
    assert health.ready()


def test_bytes_of_artifacts(tmp_path: Path) -> None:
    metrics = Metrics("model-serve")
    (tmp_path / "objects" / "ab").mkdir(parents=True)
    (tmp_path / "objects" / "ab" / "one").write_bytes(b"x" * 1000)
    samples.watch_artifacts(metrics, tmp_path, whole=True)
    seen = until(lambda: (found := values(metrics)).get(("modelyard_artifact_bytes", ())) is not None and found)
    assert seen["modelyard_artifact_bytes", ()] == 1000
    assert seen["modelyard_artifact_disk_free_bytes", ()] > 0
