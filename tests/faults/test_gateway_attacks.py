"""Invariants I2 and I12 at the HTTP door: no stranger stops the audit trail, the writes of others, or the door itself.

Floods without a credential, bodies and headers that never end, headers without measure, kill -9 between a change and its row: meanwhile and
after it people sign in, change things, and every change they were told of stands in the trail once.
"""

from __future__ import annotations

import json
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from libs.client.credentials import Credentials
from tests.faults.sweep import whole
from tests.support.evidence import Evidence
from tests.support.rawhttp import connect, error_of, flood, head, heard, timed
from tests.support.stage import Stage
from tests.support.until import until, worked

PLACES, UNFINISHED = 16, 64
FLOOD = 10_000 if whole() else 1_500
LOOKS = 50  # of somebody else, a tenth of them each under another attack
HUGE = 74 << 20 if whole() else 40 << 20


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    stage = Stage(
        tmp_path_factory.mktemp("door"),
        ("model-serve", "gateway"),
        gateway_in_flight=str(PLACES),
        gateway_unfinished=str(UNFINISHED),
        head_seconds="2",
        body_seconds="2",
        believed_seconds="60",
        leave_seconds="0",
    )
    try:
        stage.start_all()
        yield stage
    finally:
        stage.close()


@pytest.fixture
def owner(stage: Stage) -> Iterator[httpx.Client]:
    address = stage.settings.gateway_address
    with httpx.Client(base_url=address, headers=bearer(stage), trust_env=False, timeout=30) as client:
        yield client


def bearer(stage: Stage) -> dict[str, str]:
    return {"authorization": f"Bearer {Credentials(stage.home).token(stage.settings.gateway_address)}"}


def create(owner: httpx.Client, name: str) -> str:
    answer = owner.post("/api/v1/models", json={"name": name})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["project"]["id"])


def trail(owner: httpx.Client) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    page: dict[str, Any] = {"limit": 500}
    while True:
        answer = owner.get("/api/v1/platform/audit", params=page)
        assert answer.status_code == 200, answer.text
        rows += answer.json()["events"]
        if not answer.json()["next_cursor"]:
            return rows
        page["cursor"] = answer.json()["next_cursor"]


def waiting(stage: Stage) -> int:
    line = next(line for line in stage.metrics("gateway").splitlines() if line.startswith("modelyard_audit_rows_waiting"))
    return int(float(line.split()[-1]))


STRANGERS = {
    "a route that is not there": head("POST", "/api/v1/nope"),
    "a verb that is not there, with NUL": head("PUT", "/api/v1/models/%00%1b%0a"),
    "a change without a credential": head("POST", "/api/v1/models"),
    "a change with a wrong credential": head("DELETE", "/api/v1/models/7", authorization="Bearer nobody"),
    "chat without a credential": head("POST", "/v1/chat/completions"),
}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("what", STRANGERS)
def test_a_flood_of_strangers_makes_no_rows_and_stops_no_write(stage: Stage, owner: httpx.Client, evidence: Evidence, what: str) -> None:
    before = len(trail(owner))
    codes = Counter(flood(stage.settings.gateway_address, STRANGERS[what], FLOOD))
    id = create(owner, f"after {what}")
    signed = owner.post("/api/v1/auth/sign-in", json={"account": "nobody", "password": "wrong"})
    until(lambda: waiting(stage) == 0)
    rows = trail(owner)
    evidence("I12", "floods without a credential at HTTP", tries=FLOOD, violations=codes[503] + (len(rows) - before > 4))
    assert set(codes) <= {401, 404, 405}
    assert signed.status_code in (401, 429)
    assert [row["object"] for row in rows[: len(rows) - before]] in (
        ["account=nobody", f"project={id}"],
        [f"project={id}", "account=nobody"],
    )


def test_what_people_write_is_cleaned_before_it_is_a_row(stage: Stage, owner: httpx.Client) -> None:
    answer = owner.put("/api/v1/models/%00%1b%5b2J%e2%80%aeevil" + "x" * 600 + "/gate", json={})
    assert answer.status_code == 400
    until(lambda: waiting(stage) == 0)
    found = next(row for row in trail(owner) if "evil" in row.get("object", ""))
    assert found["object"].startswith("project_id=\ufffd\ufffd[2J\ufffdevil")
    assert len(found["object"]) <= 400


@pytest.mark.timeout(120)
def test_kill_9_of_the_gateway_loses_no_row_and_doubles_none(stage: Stage, owner: httpx.Client, evidence: Evidence) -> None:
    create(owner, "believed")  # the gateway knows the credential from here on
    stage.kill("identity-serve")
    made = [create(owner, f"unseen {number}") for number in range(30)]
    assert waiting(stage) >= len(made)
    stage.kill("gateway")
    poison = {"method": "x\0", "object": "planted", "outcome": 200, "event_time": 1, "user_id": 1}
    good = {"method": "planted.Behind", "object": "behind the poison", "outcome": 200, "event_time": 1, "user_id": 1}
    lines = [json.dumps(row) for row in (poison, good)]
    (stage.home / "trail" / "0" / "audit-00000000planted.rows").write_text("\n".join(lines) + '\n{"torn": ')
    stage.start("identity-serve")
    stage.start("gateway")
    until(lambda: waiting(stage) == 0, 30)
    assert 'modelyard_audit_rows_total{outcome="refused",process="gateway"} 1.0' in stage.metrics("gateway")
    stage.restart("gateway")  # nothing of it comes again
    until(lambda: waiting(stage) == 0, 30)
    rows = Counter(row.get("object") for row in trail(owner))
    wrong = [id for id in made if rows[f"project={id}"] != 1]
    evidence("I2", "kill -9 of the gateway with rows that wait", tries=len(made), violations=len(wrong))
    assert not wrong
    assert (rows["behind the poison"], rows["planted"]) == (1, 0)
    aside = [json.loads(line) for line in (stage.home / "trail" / "0" / "refused.jsonl").read_text().splitlines()]
    assert [row["object"] for row in aside] == ["planted"]
    assert not list((stage.home / "trail" / "0").glob("*.rows"))
    refused = [line for line in stage.log("gateway").splitlines() if "audit_refused" in line]
    assert len(refused) == 1


@pytest.mark.timeout(120)
def test_bodies_that_never_end_take_nobodys_place(stage: Stage, owner: httpx.Client, evidence: Evidence) -> None:
    start = head("POST", "/api/v1/auth/sign-in", 500) + b'{"account": '
    slow = [connect(stage.settings.gateway_address) for _ in range(PLACES * 3)]
    for connection in slow:
        connection.sendall(start)
    codes = [owner.get("/api/v1/models").status_code for _ in range(20)]
    codes.append(owner.post("/api/v1/models", json={"name": "beside slow bodies"}).status_code)
    ends = [error_of(heard(connection)) for connection in slow]
    evidence("I12", "unfinished bodies at HTTP", tries=len(slow), violations=sum(code >= 400 for code in codes))
    assert set(codes) == {200, 201}
    assert {(code, error["reason"], error["field"]) for code, error in ends} == {(408, "REQUEST_UNFINISHED", "body")}
    for _, error in ends:
        assert until(lambda given=error["request_id"]: given in stage.log("gateway"))  # type: ignore[misc]  # written just after the answer


@pytest.mark.timeout(120)
def test_a_body_that_comes_slowly_but_comes_is_heard(stage: Stage, owner: httpx.Client) -> None:
    body = json.dumps({"name": "x" * 5000}).encode()  # too long: answered with 400 once it is whole
    with connect(stage.settings.gateway_address) as connection:
        connection.sendall(head("POST", "/api/v1/models", len(body), **bearer(stage)))
        gone = threading.Event()
        for start in range(0, len(body), 1000):
            connection.sendall(body[start : start + 1000])
            gone.wait(0.1)
        connection.shutdown(socket.SHUT_WR)
        assert error_of(heard(connection))[0] == 400


@pytest.mark.timeout(120)
def test_heads_that_never_end_are_closed_and_keep_nobody_out(stage: Stage, owner: httpx.Client, evidence: Evidence) -> None:
    slow = []
    for number in range(UNFINISHED * 4):
        slow.append(connect(stage.settings.gateway_address))
        slow[-1].sendall(b"" if number % 4 == 0 else b"GET /api/v1/models HTTP/1.1\r\nhost: door\r\nx: ")
    codes = [httpx.get(f"{stage.settings.gateway_address}/healthz", trust_env=False).status_code for _ in range(20)]
    codes += [owner.get("/api/v1/models").status_code for _ in range(20)]
    ends = [heard(connection) for connection in slow]
    evidence("I12", "unfinished heads at HTTP", tries=len(slow), violations=sum(code != 200 for code in codes))
    assert set(codes) == {200}
    assert {end[:12] for end in ends} <= {b"", b"HTTP/1.1 408"}
    assert ends[1]


LARGE = {
    "one header": b"GET / HTTP/1.1\r\nx: " + b"a" * HUGE,
    "one name": b"GET / HTTP/1.1\r\n" + b"a" * HUGE,
    "one address": b"GET /" + b"a" * HUGE,
    "many headers": b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * (HUGE // 60),
    "a trailer": head("POST", "/api/v1/auth/sign-in").replace(b"content-length: 0", b"transfer-encoding: chunked")
    + b"1\r\n{\r\n0\r\nx: "
    + b"a" * HUGE,
}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("what", LARGE)
def test_headers_without_measure_hold_nobody_up(stage: Stage, evidence: Evidence, what: str) -> None:
    answer: list[bytes] = []
    enough = threading.Event()

    def attack() -> None:
        while not enough.is_set():
            with connect(stage.settings.gateway_address) as connection:
                try:
                    connection.sendall(LARGE[what])
                except OSError:  # it was not heard to its end, which is right
                    pass
                answer.append(heard(connection))

    attacker = threading.Thread(target=attack)
    worst, held, process = 0.0, 0.0, stage.parts["gateway"].process
    assert process is not None
    with httpx.Client(base_url=stage.settings.gateway_address, trust_env=False, timeout=30) as client:
        client.get("/healthz")
        attacker.start()
        try:
            for look in range(LOOKS):
                before = worked(process.pid)
                seconds, other = timed(lambda: client.get("/healthz"))
                worst, held = max(worst, seconds), max(held, worked(process.pid) - before)
                assert other.status_code == 200
                until(lambda look=look: len(answer) > look // 10, 60, "no attack")  # type: ignore[misc]
        finally:
            enough.set()
            attacker.join()
    evidence("I12", "headers without measure", tries=len(answer), violations=int(held > 2), worst_ms=round(worst * 1000))
    assert held < 2, "the event loop was held"
    if what == "a trailer":
        return  # its request was whole enough to be answered, or was cut
    code, error = error_of(answer[0])
    assert (code, error["reason"], error["field"]) == (431, "TOO_LARGE", "headers")
    assert error["request_id"] in stage.log("gateway")


@pytest.mark.parametrize(("size", "code"), [(60_000, 404), (65_000, 404), (66_500, 431), (90_000, 431)])
def test_64_kib_is_the_bound(stage: Stage, size: int, code: int) -> None:
    with connect(stage.settings.gateway_address) as connection:
        connection.sendall(b"GET /nowhere HTTP/1.1\r\nhost: door\r\nconnection: close\r\nx: " + b"a" * size + b"\r\n\r\n")
        assert error_of(heard(connection))[0] == code


def test_several_requests_at_once_are_answered_in_order(stage: Stage) -> None:
    ask = head("GET", "/nowhere") + head("POST", "/api/v1/auth/sign-in", 2) + b"{}" + head("GET", "/healthz", connection="close")
    with connect(stage.settings.gateway_address) as connection:
        connection.sendall(ask)
        found = heard(connection)
    assert [part[:3] for part in found.split(b"HTTP/1.1 ")[1:]] == [b"404", b"400", b"200"]


def test_a_home_that_cannot_be_written_to_is_named(stage: Stage, tmp_path: Path) -> None:
    import subprocess
    import sys

    (tmp_path / "trail").write_text("no folder")
    environ = {**stage.environ, "MODELYARD_HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-m", "gateway"], env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "MODELYARD_HOME" in done.stderr
