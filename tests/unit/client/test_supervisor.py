"""The supervisor with real processes: restarts, pauses, nothing left behind, one per home, and no trust in leftovers."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from libs.common.errors import PlatformError, Reason
from libs.common.settings import Settings
from libs.ops import supervisor
from libs.ops.supervisor import AlreadyUpError, Part, Supervisor, read_state, wait_down
from tests.support.ports import free_port
from tests.unit.client.toys import alive, toy, until

Start = Callable[..., Supervisor]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=str(tmp_path / "home"), drain_seconds=1.0)


@pytest.fixture
def start(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """``start(*parts)``: a supervisor in this process that watches in a thread, closed at the end of the test."""
    monkeypatch.setattr(supervisor, "BACKOFF_SECONDS", (0.01, 0.08))
    monkeypatch.setattr(supervisor, "GRACE_SECONDS", 1.0)
    running: list[tuple[Supervisor, threading.Thread]] = []

    def begin(*parts: Part) -> Supervisor:
        made = Supervisor(settings, parts)
        watcher = threading.Thread(target=made.watch, daemon=True)
        running.append((made, watcher))
        made.start()
        watcher.start()
        return made

    yield begin
    for made, watcher in running:
        made.stop.set()
        if watcher.ident is not None:
            watcher.join()
        made.close()


def part_state(settings: Settings, name: str) -> dict[str, Any]:
    state = read_state(settings, starting=True)
    assert state is not None
    return next(part for part in state["parts"] if part["name"] == name)


# --- restarts


def test_what_is_killed_comes_back(start: Start, settings: Settings) -> None:
    parts = [toy("a-serve", free_port()), toy("b-work", free_port())]
    start(*parts)
    before = {name: part_state(settings, name)["pid"] for name in ("a-serve", "b-work")}
    os.kill(before["b-work"], signal.SIGKILL)
    until(lambda: part_state(settings, "b-work")["pid"] not in (0, before["b-work"]), "it did not come back")
    until(parts[1].ready, "it is not ready again")
    assert part_state(settings, "b-work")["restarts"] == 1
    assert part_state(settings, "a-serve") == {
        "name": "a-serve",
        "pid": before["a-serve"],
        "address": parts[0].address,
        "probe": parts[0].probe,
        "restarts": 0,
    }
    assert not alive(before["b-work"])


def test_pauses_double_up_to_the_longest(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "BACKOFF_SECONDS", (0.01, 0.05))
    dying = Part("dying", [sys.executable, "-S", "-c", ""], "http://127.0.0.1:9/readyz", "http://127.0.0.1:9")
    made = Supervisor(settings, [dying])
    pauses = []
    for _ in range(5):
        until(lambda: made._revive(dying) or dying.next_start, "no restart is due")
        pauses.append(dying.pause)
        until(lambda: made._revive(dying) or not dying.next_start, "it was not started")
        assert dying.process is not None
        dying.process.wait()
    made.close()
    assert pauses == [0.01, 0.02, 0.04, 0.05, 0.05]
    assert dying.restarts == 5


def test_after_a_steady_life_the_first_pause_is_short_again(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "BACKOFF_SECONDS", (0.01, 10.0))
    part = Part("part", [sys.executable, "-S", "-c", ""], "", "", pause=5.0, started=-1e9)
    made = Supervisor(settings, [part])
    made._revive(part)
    made.close()
    assert part.pause == 0.01


def test_a_machine_that_cannot_start_a_process_now_is_tried_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(supervisor, "BACKOFF_SECONDS", (0.001, 0.001))
    program = tmp_path / "program"
    part = Part("part", [str(program)], "", "")
    made = Supervisor(settings, [part])
    until(lambda: made._revive(part) or part.restarts == 2, "it gave up")
    program.symlink_to("/bin/true")
    until(lambda: made._revive(part) or part.process is not None, "it was not started")
    made.close()


# --- nothing is left


def test_stopping_ends_everybody_even_who_ignores_it_and_what_they_started(start: Start, settings: Settings, tmp_path: Path) -> None:
    grandchild = tmp_path / "grandchild"
    parts = [toy("a-serve", free_port()), toy("b-work", free_port(), "stubborn", str(grandchild)), toy("gateway", free_port())]
    made = start(*parts)
    pids = [part.pid for part in parts]
    until(lambda: grandchild.exists() and grandchild.read_text(), "the grandchild was not started")
    pids.append(int(grandchild.read_text()))
    assert all(map(alive, pids))
    made.stop.set()
    made.close()
    until(lambda: not any(map(alive, pids)), f"left: {[pid for pid in pids if alive(pid)]}")
    assert read_state(settings, starting=True) is None
    assert wait_down(settings, 0)


def test_doors_close_before_workers_and_services_from_left_to_right(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = [toy(name, free_port()) for name in ("a-serve", "b-serve", "b-work", "gateway")]
    made = start(*parts)
    ended: list[str] = []
    end = supervisor._end
    monkeypatch.setattr(supervisor, "_end", lambda part: (ended.append(part.name), end(part)))
    made.stop.set()
    made.close()
    assert ended == ["gateway", "b-work", "b-serve", "a-serve"]


# --- starting


def test_a_part_that_does_not_start_is_named_with_the_end_of_its_log(start: Start) -> None:
    broken = Part("broken", [sys.executable, "-S", "-c", "print('[bold] the reason'); raise SystemExit(3)"], "http://127.0.0.1:9/", "")
    with pytest.raises(RuntimeError, match=r"(?s)broken did not start.*\[bold\] the reason"):
        start(toy("a-serve", free_port()), broken)


def test_a_foreign_process_on_a_port_is_not_taken_for_a_part(start: Start) -> None:
    with socket.socket() as foreign:
        foreign.bind(("127.0.0.1", 0))
        foreign.listen()
        port = foreign.getsockname()[1]
        part = toy("a-serve", port)
        with pytest.raises(PlatformError) as caught:
            start(part)
    assert (caught.value.reason, caught.value.field, caught.value.details["port"]) == (Reason.PORT_TAKEN, "a-serve", port)
    assert part.process is None


def test_a_probe_of_something_that_speaks_no_http_is_not_ready() -> None:
    with socket.socket() as foreign:
        foreign.bind(("127.0.0.1", 0))
        foreign.listen()

        def gibberish() -> None:
            taken, _ = foreign.accept()
            taken.recv(4096)
            taken.sendall(b"\x80\x01gibberish\r\n\r\n")
            taken.close()

        thread = threading.Thread(target=gibberish)
        thread.start()
        assert toy("x", foreign.getsockname()[1]).ready() is False
        thread.join()


def test_a_large_log_is_set_aside_at_the_next_start(start: Start, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "LOG_BYTES", 1000)
    logs = settings.home_path / "logs"
    logs.mkdir(parents=True)
    (logs / "a-serve.log").write_text("x" * 2000)
    start(toy("a-serve", free_port()))
    assert (logs / "a-serve.log.1").stat().st_size == 2000
    assert (logs / "a-serve.log").stat().st_size < 1000


# --- one per home, and no trust in leftovers


def test_a_second_one_is_refused(start: Start, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "LOCK_SECONDS", 0.1)
    start(toy("a-serve", free_port()))
    pid = part_state(settings, "a-serve")["pid"]
    with pytest.raises(AlreadyUpError):
        Supervisor(settings, [])
    assert alive(pid)
    assert part_state(settings, "a-serve")["pid"] == pid


def test_looking_is_not_holding(settings: Settings) -> None:
    """`status` and `down` look at the lock; a supervisor that starts meanwhile must not take them for another one."""
    over = threading.Event()
    Supervisor(settings, []).close()

    def look() -> None:
        while not over.is_set():
            wait_down(settings, 0)
            read_state(settings, starting=True)

    watchers = [threading.Thread(target=look) for _ in range(3)]
    for watcher in watchers:
        watcher.start()
    try:
        for _ in range(30):
            Supervisor(settings, []).close()
    finally:
        over.set()
        for watcher in watchers:
            watcher.join()


@pytest.mark.parametrize("locked", [False, True])
def test_a_leftover_state_is_ignored(settings: Settings, locked: bool) -> None:
    """Even while a new supervisor already holds the lock and has not written its own state yet."""
    run = settings.home_path / "run"
    run.mkdir(parents=True)
    (run / "up.json").write_text(json.dumps({"pid": os.getpid(), "ready": True, "parts": []}))
    with (run / "up.lock").open("w") as lock:
        if locked:
            fcntl.flock(lock, fcntl.LOCK_EX)
        assert read_state(settings, starting=True) is None


def test_a_state_that_is_replaced_while_it_is_read_is_read_again(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The supervisor lets go of the old file right after the rename: its reader is not to take that for the end of the platform."""
    path = settings.home_path / "run" / "up.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = []

    def write(pid: int) -> None:
        beside = path.with_suffix(".new").open("w")
        fcntl.flock(beside, fcntl.LOCK_EX)
        beside.write(json.dumps({"pid": pid, "ready": True, "parts": []}))
        beside.flush()
        os.replace(beside.name, path)
        if kept:
            kept.pop().close()
        kept.append(beside)

    read = json.load

    def slow(file: Any) -> Any:
        found = read(file)
        if found["pid"] < 4:  # three times in a row
            write(found["pid"] + 1)
        return found

    write(1)
    monkeypatch.setattr(supervisor.json, "load", slow)
    assert read_state(settings) == {"pid": 4, "ready": True, "parts": []}
    kept.pop().close()
    assert read_state(settings) is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 1}'])
def test_a_state_that_is_broken_is_none(settings: Settings, text: str) -> None:
    (settings.home_path / "run").mkdir(parents=True)
    (settings.home_path / "run" / "up.json").write_text(text)
    assert read_state(settings) is None


# --- as `modelyard up`, in a process of its own


def environ(settings: Settings) -> dict[str, str]:
    known = {key: value for key, value in supervisor.child_environ().items() if not key.startswith("MODELYARD_")}
    return {**known, "MODELYARD_HOME": settings.home, "MODELYARD_DRAIN_SECONDS": "1", "LANG": "en_US.UTF-8"}


def toy_command(toys: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "tests.unit.client.toy_up", toys, *arguments]


@contextmanager
def up(settings: Settings, *modes: str, stdin: int = subprocess.DEVNULL) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    toys = " ".join(f"part{number}-serve:{free_port()}:{mode}" for number, mode in enumerate(modes or ("", "")))
    log = (settings.home_path.parent / "up.log").open("wb")
    process = subprocess.Popen(toy_command(toys, "up"), stdin=stdin, stdout=log, stderr=log, env=environ(settings), start_new_session=True)
    try:
        yield process, toys
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(30)
        log.close()
        if process.stdin is not None:
            process.stdin.close()


def wait_up(settings: Settings) -> list[int]:
    """The process numbers of the parts once all are ready."""
    until(lambda: read_state(settings) is not None, "it did not come up")
    return [part["pid"] for part in (read_state(settings) or {})["parts"]]


def test_nothing_outlives_a_supervisor_that_is_killed(settings: Settings) -> None:
    with up(settings) as (process, _):
        pids = wait_up(settings)
        assert len(pids) == 2
        assert all(map(alive, pids))
        process.kill()
        process.wait()
        until(lambda: not any(map(alive, pids)), "parts outlived their supervisor")
        assert read_state(settings, starting=True) is None
    with up(settings):  # and the next one starts at once
        wait_up(settings)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everything_and_is_no_failure(settings: Settings, number: signal.Signals) -> None:
    with up(settings) as (process, _):
        pids = wait_up(settings)
        process.send_signal(number)
        assert process.wait(30) == 0
        assert not any(map(alive, pids))


def test_a_supervisor_ends_with_whoever_started_it_through_a_pipe(settings: Settings) -> None:
    with up(settings, stdin=subprocess.PIPE) as (process, _):
        pids = wait_up(settings)
        assert process.stdin is not None
        process.stdin.close()
        process.wait(30)
        assert not any(map(alive, pids))


def test_up_down_and_status_from_other_terminals(settings: Settings) -> None:
    def command(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(toy_command(toys, *arguments), env=environ(settings), capture_output=True, text=True, timeout=60, check=False)

    with up(settings) as (process, toys):
        pids = wait_up(settings)
        second = command("up")
        assert (second.returncode, second.stdout) == (1, "")
        assert "Already up" in second.stderr
        shown = command("--json", "status")
        assert shown.returncode == 0
        assert [(part["pid"], part["ready"]) for part in json.loads(shown.stdout)["parts"]] == [(pid, True) for pid in pids]
        down = command("down")
        assert (down.returncode, down.stdout) == (0, "Stopped.\n")
        assert process.wait(30) == 0
    assert not any(map(alive, pids))
    down = command("down")
    assert (down.returncode, down.stdout) == (0, "Nothing is running.\n")
    shown = command("status")
    assert (shown.returncode, shown.stdout.count(" no ")) == (1, 2)


def test_down_stops_a_platform_that_is_still_starting_and_nobody_else(settings: Settings) -> None:
    with up(settings, "", "never") as (process, toys):
        until(lambda: any(part["pid"] for part in (read_state(settings, starting=True) or {"parts": []})["parts"]), "nothing started")
        assert read_state(settings) is None
        down = subprocess.run(toy_command(toys, "down"), env=environ(settings), capture_output=True, text=True, timeout=60, check=False)
        assert (down.returncode, down.stdout) == (0, "Stopped.\n")
        process.wait(30)
