"""Reservations: many callers take and give back at once, on SQLite and on MariaDB: the rate, the cost of each, never one too many."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from libs.common.clock import SystemClock
from libs.common.context import CallContext
from libs.common.errors import PlatformError
from libs.common.rpc.deadline import Deadline
from libs.common.store.repository import PageRequest
from services.resource.domain.allowance import QuotaKind
from services.resource.repository import METADATA
from services.resource.service import ResourceService
from tests.support import mariadb
from tests.support.stores import caller, open_store

RESERVATIONS = int(os.environ.get("RESERVATIONS", "20000"))
CALLERS = 64
CAP = RESERVATIONS * 9 // 10
CTX = replace(caller(), deadline=Deadline.after(3600))


def main(_environments: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        _measure("SQLite", Path(folder), "")
    if not mariadb.can_start():
        print("reservations on MariaDB: not measured, mariadbd is missing")
        return
    with tempfile.TemporaryDirectory() as folder, mariadb.running(Path(folder)) as server:
        _measure("MariaDB", Path(folder), server.fresh())


def _measure(name: str, folder: Path, address: str) -> None:
    service = ResourceService(open_store(folder, "resource", METADATA, SystemClock(), address=address))
    _one(service, CTX, "warm")
    service.set_quota(replace(CTX, expected_version=0), kind=QuotaKind.SPACE, subject_id=1, replicas=CAP)
    processor, started = time.process_time(), time.monotonic()
    got = _at_once(service)
    seconds, cost = time.monotonic() - started, (time.process_time() - processor) / RESERVATIONS
    used = service.list_quotas(CTX, page=PageRequest(), kind=QuotaKind.SPACE).items[0].used.replicas
    assert (got, used) == (CAP - 1, CAP), f"{got} got one, {used} are held of {CAP}"
    print(
        f"reservations, {name}: {RESERVATIONS} asked by {CALLERS} at once for {CAP}: {RESERVATIONS / seconds:.0f}/s, "
        f"{cost * 1e6:.0f} µs of processor each, {used} held, none too many"
    )
    service.db.close()


def _at_once(service: ResourceService) -> int:
    """How many got theirs."""
    counts = [0] * CALLERS

    def work(number: int) -> None:
        for each in range(number, RESERVATIONS, CALLERS):
            counts[number] += _one(service, CTX, f"h{each}")

    _run([threading.Thread(target=work, args=(number,)) for number in range(CALLERS)])
    return sum(counts)


def _run(threads: Sequence[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _one(service: ResourceService, ctx: CallContext, holder: str) -> bool:
    """A busy store is asked again, like every client does."""
    while True:
        try:
            service.create_reservation(ctx, holder=holder, replicas=1, lease_seconds=3600)
            return True
        except PlatformError as error:
            if not error.retryable:
                return False
