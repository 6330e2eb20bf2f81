"""People's items: how many are given out a second, one by one and by tens; and a crowd of whom a fifth vanish with items in their hands.

On SQLite and on MariaDB, THREADS callers at once. Does each item get exactly so many different people, and is nothing lost? Do the loads
differ by more than one? Does the rate stay flat?
"""

from __future__ import annotations

import os
import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from libs.common.clock import SystemClock
from libs.common.errors import PlatformError
from libs.people.records import Job
from libs.people.states import AssignmentStatus
from tests.support import mariadb
from tests.support.stores import caller
from tests.unit.people.office import Office

ITEMS, CROWD, EACH = int(os.environ.get("ITEMS", "10000")), 50, 3
GIVEN = int(os.environ.get("GIVEN", "20000"))  # of a measurement of claims alone
THREADS, AT_ONCE, LEASE = 8, 50, 10


def main(_environments: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        _measure("SQLite", Path(folder), "")
    if not mariadb.can_start():
        print("people on MariaDB: not measured, mariadbd is missing")
        return
    with tempfile.TemporaryDirectory() as folder, mariadb.running(Path(folder)) as server:
        _measure("MariaDB", Path(folder), server.fresh().replace("{service}", "people"))


def _measure(name: str, folder: Path, address: str) -> None:
    offices = [Office(folder, SystemClock(), address, worker) for worker in range(THREADS)]
    for many in (1, 10):
        rate, flat = _claims(offices, many)
        how = "one by one" if many == 1 else "by tens"
        print(f"people, {name}: {GIVEN} items given out {how}, {rate:.0f}/s; last fifth / first: rate {flat:.2f}")
    print(f"people, {name}: {_crowd(offices)}")
    for office in offices:
        office.db.close()


def _patiently(call: Callable[[], Any]) -> Any:
    """A busy store is asked again, like a client does."""
    while True:
        try:
            return call()
        except PlatformError as error:
            if not error.retryable:
                raise


def _side_by_side(work: Callable[[int], None]) -> None:
    threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _claims(offices: list[Office], many: int) -> tuple[float, float]:
    """(items a second, rate of the last fifth over that of the first). Nobody answers: each person takes as many as they may hold."""
    items = GIVEN // EACH + AT_ONCE  # some to spare: the last place left may be of an item that its last asker has
    job = offices[0].create(items=items, people=EACH, at_once=AT_ONCE, lease_seconds=3600)
    people = GIVEN // AT_ONCE
    moments: list[float] = []

    def ask(number: int) -> None:
        for holds in range(many, AT_ONCE + 1, many):
            for person in range(number, people, THREADS):
                _patiently(lambda person=person, holds=holds: offices[number].claim(1000 + person, job, want=holds))
                moments.append(time.monotonic())

    started = time.monotonic()
    _side_by_side(ask)
    given = len(offices[0].assignments(job, AssignmentStatus.HELD))
    assert given == people * AT_ONCE, f"{given} were given out, {people * AT_ONCE} were asked for"
    moments = [started, *sorted(moments)]
    fifth = len(moments) // 5
    with offices[0].db.begin(caller()) as tx:
        offices[0].tasks.cancel(tx, job.id, "measured")
    return given / (moments[-1] - started), (moments[fifth] - moments[0]) / (moments[-1] - moments[-1 - fifth])


def _crowd(offices: list[Office]) -> str:
    job = offices[0].create(items=ITEMS, people=EACH, lead=1, lease_seconds=LEASE)
    chance = random.Random(7)
    vanish = {person: chance.randrange(ITEMS * EACH // CROWD) for person in range(CROWD // 5)}  # after so many answers
    answers: Counter[int] = Counter()
    over = threading.Event()

    def work(number: int) -> None:
        people = list(range(number, CROWD, THREADS))
        while people and not over.is_set():
            for person in people[:]:
                if _answered(offices[number], job, person, vanish.get(person) == answers[person]):
                    answers[person] += 1
                elif vanish.get(person) == answers[person]:
                    people.remove(person)

    def mind() -> None:
        while not over.wait(1.0):
            _patiently(offices[0].people.sweep)
            task = offices[0].task(job)
            if task.progress_done == task.progress_total:
                over.set()

    started = time.monotonic()
    minder = threading.Thread(target=mind)
    minder.start()
    _side_by_side(work)
    over.set()
    minder.join()
    seconds = time.monotonic() - started
    wrong = [len(said) for _, said in offices[0].people.answered(job) if len({each.person_id for each in said}) != EACH]
    stayed = [count for person, count in answers.items() if person not in vanish]
    assert not wrong, f"{len(wrong)} items have other than {EACH} different people"
    return (
        f"{ITEMS} items by {EACH} of {CROWD} people each, {len(vanish)} vanished with an item: {sum(answers.values()) / seconds:.0f}"
        f" answers/s, each item {EACH} different people, loads of those who stayed {min(stayed)}–{max(stayed)}"
    )


def _answered(office: Office, job: Job, person: int, vanishes: bool) -> bool:
    """One step of a person; False where there was nothing for them, or where they left with what they had."""
    claimed = _patiently(lambda: office.claim(1000 + person, job))
    if not claimed.work:
        time.sleep(0.01)  # nothing is left, or others come first
        return False
    if vanishes:
        return False
    _patiently(lambda: office.submit(1000 + person, claimed.work[0]))
    return True
