"""Logs: one JSON object a line on stderr, Chinese unescaped, from every thread, and no secret in them."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

CODE = """
import threading
from libs.common.sight import logs
early = logs.get("early")
logs.setup("model-serve", "INFO")
log = logs.get("x")
log.debug("not shown")
early.info("词", id=1 << 62)
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
    assert all(event["process"] == "model-serve" and event["level"] and event["timestamp"].endswith("Z") for event in events)  # type: ignore[index]
    for number in range(1, 11):
        assert f"P{number}" not in str(raw).replace("mysql+pymysql", "")
    secrets = events[2]  # type: ignore[index]
    assert (secrets["tokens"], secrets["author"], secrets["url"]) == (7, "A", "http://host/path")
    assert secrets["cause"] == "mysql+pymysql://user:***@host/db is away"
    assert secrets["nested"] == {"token": "***", "deep": [{"client_secret": "***"}]}
    assert "ValueError" in events[3]["exception"]  # type: ignore[index]
