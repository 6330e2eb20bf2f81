"""The log of a task: what an engine prints is in the records while it runs, cleaned, bounded, and for who may see the task."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from libs.common.clock import ManualClock
from libs.common.errors import PlatformError, unavailable
from libs.common.work.lifecycle import TaskLifecycle
from libs.common.work.printed import LINE_MAX, Printed, secrets_of
from libs.common.work.task import MACHINE
from libs.common.work.tasklog import KEPT, STORE_SECONDS, LogKeeper
from tests.support.stores import caller
from tests.support.toy import ToyTask, create
from tests.unit.tasks.test_worker import until_ended, until_left, working

Toys = TaskLifecycle[ToyTask]
TOKEN = "mys_" + "a" * 43


def cleaned(*data: bytes, secrets: tuple[str, ...] = ()) -> str:
    printed = Printed(iter(secrets))
    for each in data:
        printed.take(each)
    printed.take(b"", last=True)
    return printed.text()


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ("loss 2.5, token: 512 词", "loss 2.5, token: 512 词"),
        ("10%\r50%\r100%", "100%"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("a\x07b\x9b2Jc\u202ed", "a\\x07b\\x9b2Jc\\u202ed"),
        ("password=hunter22 rest", "password=*** rest"),
        ('{"api_key": "abcdef123", "n": 1}', '{"api_key": "***", "n": 1}'),
        ("Authorization: Bearer abcdefghijk", "Authorization: Bearer ***"),
        (f"asked with {TOKEN}.", "asked with ***."),
        ("mysql://me:hunter@db/x", "mysql://me:***@db/x"),
        ("the release's own: 5f1e9a", "the release's own: ***"),
        ('File "/srv/my/home/services/train/loop.py", line 3', 'File "…/loop.py", line 3'),
    ],
)
def test_lines_are_fit_to_be_read(printed: str, shown: str) -> None:
    assert cleaned(printed.encode(), secrets=("5f1e9a",)) == shown + "\n"


def test_a_secret_is_hidden_wherever_a_read_cuts_it() -> None:
    whole = f"with {TOKEN} and 好\nnext".encode()
    for cut in range(len(whole)):
        assert cleaned(whole[:cut], whole[cut:]) == "with *** and 好\nnext\n"


def test_a_line_without_end_is_cut() -> None:
    assert cleaned(b"x" * 200_000).splitlines()[0] == "x" * LINE_MAX + "…"


def test_what_is_secret_among_what_an_engine_is_given() -> None:
    job = {"target": {"key": "one-key", "kind": "ENDPOINT"}, "more": [{"password": "two"}, {"records_path": "/x"}]}
    assert set(secrets_of(job)) == {"one-key", "two"}


def test_a_store_that_is_away_costs_nothing_but_time() -> None:
    clock, kept, away = ManualClock(), [""], True

    def store(text: str) -> None:
        if away:
            raise unavailable("database")
        kept[0] += text

    keeper = LogKeeper(store, clock, iter(()))
    keeper.keep(lambda: b"one\n")
    assert kept == [""]
    away = False
    keeper.keep(lambda: b"two\n")
    assert kept == [""], "at most once a second"
    clock.advance(STORE_SECONDS)
    keeper.keep(lambda: b"three")
    assert kept == ["one\ntwo\n"]
    keeper.last(lambda: b"", "done")
    assert re.fullmatch(r"one\ntwo\nthree\n[-0-9]+ [:0-9]+Z done\n", kept[0])


def test_what_a_task_printed_is_in_the_records(live: Toys, folder: Path) -> None:
    task = create(live, "leak", {"api_key": "very-secret", "n": "好"})
    with working(live, folder):
        until_ended(live, task)
    log = live.log(caller(), task.id, 0)
    lines = [line.partition("Z ")[2] or line for line in log.text.splitlines()]
    assert lines == ["attempt 1/3", '{"api_key": "***", "n": "\\u597d"}', "100%", "半 1/2", "step 1  loss=0.5", "end 2/2", "done"]
    assert (log.begins, log.ends, log.more) == (0, len(log.text), False)
    rest = live.log(caller(), task.id, 10)
    assert (rest.text, rest.begins) == (log.text[10:], 10)
    assert live.log(caller(), task.id, 1 << 40).text == ""
    with pytest.raises(PlatformError, match="no toy task"):
        live.log(caller(space=2), task.id, 0)


def test_every_attempt_is_told_and_why_it_ended(live: Toys, folder: Path) -> None:
    task = create(live, "trip")
    with working(live, folder):
        left = until_left(live, task)
    assert left.status not in MACHINE.terminal
    log = live.log(caller(), task.id, 0)
    assert log.more
    assert "Traceback" in log.text
    assert log.text.splitlines()[-1].endswith(f"500 INTERNAL: {left.error['message']['en']}")
    assert str(folder) not in log.text


def test_of_very_much_the_end_is_kept_in_whole_lines(live: Toys, folder: Path) -> None:
    task = live.claim("me") if create(live) else None
    assert task is not None
    for number in range(3):
        live.printed(task, f"{number} {'x' * 998}\n" * 30)
    log = live.log(caller(), task.id, 0)
    assert len(log.text) <= KEPT
    assert (log.ends, log.ends - log.begins) == (90_090, len(log.text))
    assert {len(line) for line in log.text.splitlines()} == {1000}
    assert log.text.endswith(f"2 {'x' * 998}\n")
