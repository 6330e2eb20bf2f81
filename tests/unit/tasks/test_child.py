"""Real child processes: how they report, how they end, and that nothing of them is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from libs.common.errors import PlatformError, Reason
from libs.common.work import child as child_module
from libs.common.work.child import ENTRY, EXIT_FAILED, Child
from tests.support.engines import noted
from tests.support.toy import ENTRIES
from tests.support.until import alive, until


def start(work: Path, function: str, **job: Any) -> Child:
    return Child(f"tests.support.engines:{function}", job, work, {}, ENTRIES)


def run(work: Path, function: str, **job: Any) -> tuple[list[dict[str, Any]], int]:
    child = start(work, function, **job)
    messages = list(child.messages())
    return messages, child.wait()


def failure(work: Path, function: str, **job: Any) -> dict[str, Any]:
    messages, code = run(work, function, **job)
    assert code == EXIT_FAILED
    assert [list(message) for message in messages] == [["error"]]
    found: dict[str, Any] = messages[0]["error"]
    return found


FINISHED = [
    {"progress": [1, 2, "半"]},
    {"metric": [1, {"loss": 0.5}]},
    {"metric": [2, {"loss": 0.25}]},
    {"progress": [2, 2, "end"]},
]


def test_done(tmp_path: Path) -> None:
    job = {"词": "好\n", "ids": [1 << 62], "long": "x" * 300_000}
    messages, code = run(tmp_path / "new" / "work", "finish", **job)
    assert code == 0
    assert messages == [*FINISHED, {"done": {"answer": 42, "job": job}}]
    assert (tmp_path / "new" / "work" / "out" / "result.txt").read_text() == "done"


def test_a_refusal_arrives_with_its_facts(tmp_path: Path) -> None:
    error = failure(tmp_path, "refuse")
    assert (error["code"], error["reason"], error["field"], error["limit"]) == (400, "TOO_LARGE", "config.top_k", "at most 5")
    assert (error["retryable"], error["details"]) == (False, {"value": 9})
    assert set(error["message"]) == {"en", "zh"}
    assert failure(tmp_path, "peer_away")["retryable"] is True


def test_a_mistake_of_the_engine(tmp_path: Path) -> None:
    error = failure(tmp_path, "trip")
    assert (error["code"], error["reason"], error["retryable"]) == (500, "INTERNAL", True)
    assert error["details"]["cause"] == "ValueError: 词"
    assert "ValueError: 词" in (tmp_path / "engine.log").read_text()


def test_no_memory_left(tmp_path: Path) -> None:
    error = failure(tmp_path, "swell")
    assert (error["code"], error["reason"], error["retryable"]) == (422, "OUT_OF_MEMORY", False)


@pytest.mark.parametrize("function", ["answer_nothing", "answer_no_json", "answer_no_number"])
def test_an_answer_that_is_none(tmp_path: Path, function: str) -> None:
    error = failure(tmp_path, function)
    assert (error["reason"], error["retryable"]) == ("INTERNAL", True)
    assert error["details"]["cause"].split(":")[0] in ("TypeError", "ValueError")


@pytest.mark.parametrize(
    ("function", "job", "code"), [("leave", {}, 0), ("leave", {"code": 3}, 3), ("leave_politely", {}, 0), ("be_killed", {}, -9)]
)
def test_an_end_without_a_word(tmp_path: Path, function: str, job: dict[str, Any], code: int) -> None:
    assert run(tmp_path, function, **job) == ([], code)


def test_a_function_that_is_not_there(tmp_path: Path) -> None:
    assert "AttributeError" in failure(tmp_path, "nowhere")["details"]["cause"]


def test_stdout_is_not_the_pipe(tmp_path: Path) -> None:
    messages, code = run(tmp_path, "shout")
    assert (messages[:-1], messages[-1]["done"]["answer"], code) == (FINISHED, 42, 0)
    log = (tmp_path / "engine.log").read_bytes()
    assert b'{"done": {"forged": true}}' in log
    assert b"\xff\x00\xfe" in log


def test_nonsense_in_the_pipe_is_left_out(tmp_path: Path) -> None:
    messages, code = run(tmp_path, "garble")
    assert (messages[:-1], messages[-1]["done"]["answer"], code) == (FINISHED, 42, 0)


def test_an_endless_line_does_not_fill_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_module, "_LINE_MAX", 100_000)
    assert run(tmp_path, "garble")[0][:-1] == FINISHED


def test_kill_ends_the_whole_group(tmp_path: Path) -> None:
    child = start(tmp_path, "stay")
    pids = until(lambda: noted(tmp_path / "pids"))
    assert len(pids) == 2
    child.kill()
    assert [list(message) for message in child.messages()] in ([], [["progress"]])
    assert child.wait() == -signal.SIGKILL
    assert not alive(pids[0])
    until(lambda: not alive(pids[1]))


def test_kill_after_the_end_hurts_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The number of a process that was waited for may belong to somebody else by now."""
    child = start(tmp_path, "finish")
    list(child.messages())
    child.wait()
    killed: list[int] = []
    monkeypatch.setattr(os, "killpg", lambda group, _signal: killed.append(group))
    child.kill()
    assert killed == []


@pytest.mark.parametrize("killed", [False, True])
@pytest.mark.parametrize("escaped", [False, True])
def test_what_a_child_leaves_running_does_not_keep_us_waiting(tmp_path: Path, escaped: bool, killed: bool) -> None:
    """A forked process holds the report pipe. In our group it ends with the child; one that escaped is not waited for."""
    begun = time.monotonic()
    messages, code = run(tmp_path, "leave_a_child", escaped=escaped, killed=killed)
    assert time.monotonic() - begun < 60
    leader, left = noted(tmp_path / "pids")
    try:
        assert messages[:4] == FINISHED
        assert (messages[4:], code) == (([], -9) if killed else ([{"done": {"answer": 42}}], 0))
        assert not alive(leader)
        if not escaped:
            until(lambda: not alive(left))
    finally:
        if escaped:
            os.kill(left, signal.SIGKILL)


PARENT = """
import sys, time
from pathlib import Path
from libs.common.work.child import Child
from tests.support.toy import ENTRIES
child = Child("tests.support.engines:stay", {}, Path(sys.argv[1]), {}, ENTRIES)
time.sleep(600)
"""


def test_a_child_dies_with_its_parent(tmp_path: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path)])
    pids = until(lambda: noted(tmp_path / "pids"))
    assert all(alive(pid) for pid in pids)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    try:
        until(lambda: not any(alive(pid) for pid in pids), what="the child outlived its parent")
    finally:
        for pid in filter(alive, pids):
            os.kill(pid, signal.SIGKILL)


def test_two_engines_never_work_in_one_folder(tmp_path: Path) -> None:
    """The first belongs to a worker that froze and lost its lease; the second waits until it is gone."""
    first = start(tmp_path, "hold", name="first")
    pid = until(lambda: noted(tmp_path / "began-first"))[0]
    second = start(tmp_path, "hold", name="second")
    (tmp_path / "go-second").touch()
    until(lambda: "engine.lock" in _open_files(second.process.pid))
    assert not (tmp_path / "began-second").exists()
    os.kill(pid, signal.SIGKILL)
    list(first.messages())
    assert first.wait() == -9
    messages = list(second.messages())
    assert messages[-1]["done"]["answer"] == 42
    assert second.wait() == 0


def _open_files(pid: int) -> str:
    try:
        return " ".join(os.readlink(link) for link in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return ""


def test_children_leave_no_handle_and_no_thread(tmp_path: Path) -> None:
    run(tmp_path, "finish")
    threads, handles = threading.active_count(), len(os.listdir("/proc/self/fd"))
    for function in ("finish", "refuse", "be_killed"):
        run(tmp_path, function)
    assert (threading.active_count(), len(os.listdir("/proc/self/fd"))) == (threads, handles)


def test_a_child_that_cannot_start_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    handles = len(os.listdir("/proc/self/fd"))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no python here"))
    with pytest.raises(FileNotFoundError):
        start(tmp_path, "finish")
    assert len(os.listdir("/proc/self/fd")) == handles


@pytest.mark.parametrize(
    "entry",
    [
        "os:system",
        "services.train.engine.loop",
        "services.train.worker:run",
        "services.train.engine:run.x",
        "tests.support.engines:finish",
        "",
    ],
)
def test_only_engines_may_run(tmp_path: Path, entry: str) -> None:
    assert ENTRY.fullmatch("services.train.engine.loop:run")
    with pytest.raises(PlatformError) as caught:
        Child(entry, {}, tmp_path, {})
    assert (caught.value.reason, caught.value.field) == (Reason.INVALID_ARGUMENT, "entry")


def test_the_chassis_of_a_child_is_light() -> None:
    """An engine knows no database, and a child does not load one for it."""
    heavy = "{'sqlalchemy', 'thriftpy2', 'torch'}"
    code = f"import sys, libs.common.work.child, libs.common.words.messages; print({heavy} & set(sys.modules) or 'none')"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True).stdout.strip() == "none"
