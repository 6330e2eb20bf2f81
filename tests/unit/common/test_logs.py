"""Logs: one JSON object a line on stderr, Chinese unescaped, from every thread, and no secret in them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.support.full_disk import small_disk

CODE = """
import threading
from libs.common.sight import logs
early = logs.get("early")
logs.setup("model-serve", "INFO")
log = logs.get("x")
log.debug("not shown")
early.info("词", id=1 << 62, path="/models/\\x1b[2J\\x9b31m\\x7f\\u202e")
thread = threading.Thread(target=lambda: log.warning("of a thread"))
thread.start(); thread.join()
log.info("secrets", password="P1", api_key="P2", Authorization="P3", access_token="P4", accessToken="P5", auth="P6", tokens=7, author="A",
    nested={"token": "P7", "deep": [{"client_secret": "P8"}]}, cause="mysql+pymysql://user:P9@host/db is away", url="http://host/path")
try:
    raise ValueError("connect to mysql://root:P10@127.0.0.1")
except ValueError as error:
    log.error("failed", exc_info=error)
"""


def lines() -> list[dict[str, Any]]:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == ""
    return [json.loads(line) for line in done.stderr.splitlines()], done.stderr  # type: ignore[return-value]


def test_lines_and_secrets() -> None:
    events, raw = lines()
    assert [event["event"] for event in events] == ["词", "of a thread", "secrets", "failed"]  # type: ignore[index]
    assert "词" in raw
    assert events[0]["path"] == "/models/\x1b[2J\x9b31m\x7f\u202e"  # type: ignore[index]
    assert not {"\x1b", "\x9b", "\x7f", "\u202e"} & set(raw), "who follows a log on a terminal is not written to by strangers"
    assert all(event["process"] == "model-serve" and event["level"] and event["timestamp"].endswith("Z") for event in events)  # type: ignore[index]
    for number in range(1, 11):
        assert f"P{number}" not in str(raw).replace("mysql+pymysql", "")
    secrets = events[2]  # type: ignore[index]
    assert (secrets["tokens"], secrets["author"], secrets["url"]) == (7, "A", "http://host/path")
    assert secrets["cause"] == "mysql+pymysql://user:***@host/db is away"
    assert secrets["nested"] == {"token": "***", "deep": [{"client_secret": "***"}]}
    assert "ValueError" in events[3]["exception"]  # type: ignore[index]


FULL = """
import sys
from libs.common.sight import logs
logs.setup("model-serve", "INFO")
log = logs.get("x")
for step in sys.stdin:
    log.info(step.strip())
    print("goes on", flush=True)
"""


def test_a_log_on_a_full_disk_is_no_failure_and_says_what_is_missing(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 1) as disk:
        path = disk.folder / "model.log"
        with path.open("ab") as out:
            command = [sys.executable, "-u", "-c", FULL]
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=out, text=True, bufsize=1)
        assert process.stdin is not None
        assert process.stdout is not None

        def step(word: str) -> str:
            process.stdin.write(word + "\n")  # type: ignore[union-attr]
            return process.stdout.readline()  # type: ignore[union-attr]

        assert step("before") == "goes on\n"
        path.write_bytes(path.read_bytes() + b" " * (4096 - path.stat().st_size % 4096))  # no room in the last page either
        disk.fill()
        assert [step("lost"), step("lost")] == ["goes on\n"] * 2
        disk.free()
        assert step("after") == "goes on\n"
        process.stdin.close()
        assert process.wait(30) == 0
        process.stdout.close()
        seen = [json.loads(line) for line in path.read_text().splitlines()]
    assert [event["event"] for event in seen] == ["before", "log_lines_lost", "after"]
    assert seen[1]["lines"] == 2
