"""The auditor over the deploy domain: orders that went their way are clean; every planted lie is found."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from libs.common.store.audit import Books, Patience, Report
from libs.common.store.storage import ArtifactStore
from services.deploy import audit
from services.deploy.domain.instance import BUNDLE
from services.deploy.domain.order import WorkOrderStatus
from services.deploy.repository import METADATA
from tests.support.stores import caller
from tests.support.until import until
from tests.unit.deploy import drive
from tests.unit.deploy.conftest import Bare, Built
from tests.unit.deploy.world import PASS, VERSIONS

S = WorkOrderStatus


def report_of(bare: Bare) -> Report:
    books, report = Books("deploy", bare.service.db.url, METADATA), Report()
    audit.check(books, report, Patience(bare.clock.now_ms(), 1000, 1000))
    books.close()
    return report


@pytest.fixture
def walked(bare: Bare) -> Bare:
    """One order online, the one before it out of its slot, one cancelled, and one that waits."""
    bare.world.set(gate=PASS)
    first = drive.order(bare.service, drive.config(bare.service))
    drive.online(bare.service, first.id)
    second = drive.order(bare.service, first.deployment_config_id, VERSIONS[1])
    drive.online(bare.service, second.id)
    third = drive.order(bare.service, first.deployment_config_id)
    bare.service.cancel_work_order(caller(), id=third.id)
    drive.order(bare.service, first.deployment_config_id)
    with bare.service.db.begin(caller()) as tx:
        tx.conn.execute(sa.text("UPDATE outbox SET delivered = 1"))
    return bare


def test_orders_that_went_their_way_are_clean(walked: Bare) -> None:
    report = report_of(walked)
    assert report.violations == []
    seen = report.looked
    assert (seen["I9", "orders"], seen["I9", "instances"], seen["I10", "slots"], seen["I10", "weights"]) == (4, 2, 1, 1)
    assert seen["I5", "histories"] == 4 + 1


LIES = {
    "two open orders": ("I9", "UPDATE deplyment_session SET status = 0 WHERE status = 92"),
    "an open order that keeps no slot": ("I9", "UPDATE deplyment_session SET open_slot_id = NULL WHERE status = 0"),
    "an instance of no order": ("I9", "UPDATE instance SET work_order_id = 7"),
    "an instance too many": (
        "I9",
        "INSERT INTO instance SELECT id + 1, project_space_id, slot_id, work_order_id, purpose, digest, bundle_uri, model_name,"
        " model_version_id, model_version_number, threads, keep_until, state, address, port, pid, qps, p99_ms, requests, errors,"
        " crashes, error, create_time, update_time, key, node FROM instance",
    ),
    "an instance for ever of an order that is over": ("I9", "UPDATE instance SET work_order_id = (SELECT id FROM over)"),
    "traffic without an instance": ("I9", "DELETE FROM instance"),
    "shares that do not sum to 100": ("I10", "UPDATE serving_slot SET weights = replace(weights, '100', '90')"),
    "traffic for an order that is over": ("I10", "UPDATE deplyment_session SET status = 95 WHERE status = 90"),
    "a canary without a weight": ("I10", "UPDATE deplyment_session SET status = 80 WHERE status = 92"),
    "another digest in the slot": ("LINEAGE", "UPDATE serving_slot SET weights = replace(weights, 'sha256:2', 'sha256:9')"),
    "another digest in an instance": ("LINEAGE", "UPDATE instance SET digest = 'sha256:9'"),
    "an order whose lease is long over": ("I3", "UPDATE deplyment_session SET lease_until = 5 WHERE status = 0"),
    "a step no table has": ("I5", "UPDATE state_event SET event = 'FINISH' WHERE event = 'CONVERTED'"),
    "weights nobody set": ("I5", "DELETE FROM state_event WHERE entity = 'slot'"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_planted_lie_is_found(walked: Bare, lie: str) -> None:
    invariant, statement = LIES[lie]
    with walked.service.db.begin(caller()) as tx:
        tx.conn.execute(sa.text("CREATE TEMP VIEW over AS SELECT id FROM deplyment_session WHERE status = 92"))
        assert tx.conn.execute(sa.text(statement)).rowcount > 0
    assert invariant in {found.invariant for found in report_of(walked).violations}


def test_the_digest_of_an_order_is_that_of_its_bundle(built: Built, tmp_path: Path) -> None:
    """On what a real worker built; then with one byte of the manifest's word against the order's."""
    books = Books("deploy", f"sqlite:///{built.home / 'records' / 'deploy.db'}", METADATA)
    store, clean, wrong = ArtifactStore(built.home / "artifacts"), Report(), Report()
    audit.check_bundles(books, store, clean)
    assert (clean.violations, clean.looked["I6", "bundles"]) == ([], 2)
    assert (store.open(built.order.bundle_uri) / BUNDLE).is_dir()
    books.close()

    copy = tmp_path / "deploy.db"
    copy.write_bytes((built.home / "records" / "deploy.db").read_bytes())
    engine = sa.create_engine(f"sqlite:///{copy}")
    with engine.begin() as conn:
        conn.execute(sa.text("UPDATE deplyment_session SET digest = 'sha256:0' WHERE id = :id"), {"id": built.order.id})
    engine.dispose()
    books = Books("deploy", f"sqlite:///{copy}", METADATA)
    audit.check_bundles(books, store, wrong)
    books.close()
    assert [(found.invariant, found.id) for found in wrong.violations] == [("I6", str(built.order.id))]


def test_a_serving_process_nobody_knows_is_found(walked: Bare, tmp_path: Path) -> None:
    """A process that looks like one of ours and sleeps."""
    books, before, during = Books("deploy", walked.service.db.url, METADATA), Report(), Report()
    audit.check_processes(books, tmp_path, before)
    words = ["-c", "import time; time.sleep(600)", "-m", audit.MODULE, "--bundle", str(tmp_path / "artifacts" / "x")]
    with subprocess.Popen([sys.executable, *words]) as process:
        try:
            until(lambda: audit.serving_processes(tmp_path))
            audit.check_processes(books, tmp_path, during)
        finally:
            process.kill()
    books.close()
    assert before.violations == []
    assert [(found.invariant, found.id) for found in during.violations] == [("I9", str(process.pid))]
