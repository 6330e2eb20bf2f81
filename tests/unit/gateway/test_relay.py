"""What the ``/v1`` door must do when a serving process, or who asks it, does not behave."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from gateway import relay
from libs.common import instance_key
from tests.unit.gateway.door_world import HELLO, Run, World, read_answer, until

SILENCE = 0.4
ANSWER_BYTES = 24 << 20


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(relay, "SILENT_SECONDS", SILENCE)
        patch.setattr(relay, "ANSWER_BYTES", ANSWER_BYTES)
        running = Run(tmp_path_factory.mktemp("door"))
        yield running
        running.close()


@pytest.fixture
def world(run: Run) -> World:
    return run.world


@pytest.fixture(autouse=True)
def nothing_stays(run: Run, world: World) -> Iterator[None]:
    yield
    run(until(lambda: world.app.gateway.in_flight == 0))


@pytest.mark.parametrize(
    ("token", "body", "status", "code"),
    [
        ("ended", b'{"model": "one"}', 401, "credential_ended"),
        ("good", b'{"model": ', 400, "invalid_argument"),
        ("good", b'{"model": 5}', 400, "wrong_type"),
        ("good", b"{}", 400, "missing_field"),
        ("good", b'{"model": "nobody knows it"}', 404, "model_not_found"),
        ("good", b" " * ((4 << 20) + 1), 413, "too_large"),
    ],
)
def test_what_no_instance_is_asked(run: Run, world: World, token: str, body: bytes, status: int, code: str) -> None:
    seen = world.instance.seen
    answer = run(world.send(world.raw(body, token)))
    assert (answer.status, answer.error["code"], world.instance.seen) == (status, code, seen)


def test_an_answer_is_passed_with_the_headers_that_are_for_the_caller(run: Run, world: World) -> None:
    answer = run(world.ask("well"))
    assert (answer.status, answer.body, answer.whole) == (200, b"{}", True)
    assert (answer.headers["x-modelyard-digest"], answer.headers["content-length"]) == ("sha256:ab", "2")
    assert not {"set-cookie", "server", "transfer-encoding"} & set(answer.headers)
    asked = world.instance.last
    assert (asked["x-request-id"], asked["x-modelyard-name"], asked["content-type"]) == ("asked-here", "one", "application/json")
    assert instance_key.proof("k" * 64, asked[instance_key.TICKET]) is not None
    assert not {"authorization", "user-agent", "accept-encoding", "cookie"} & set(asked)


def test_connections_are_used_again(run: Run, world: World) -> None:
    run(world.ask("well"))
    before = world.instance.connections
    assert [run(world.ask("well")).status for _ in range(5)] == [200] * 5
    assert world.instance.connections == before


def test_a_large_question_arrives_whole(run: Run, world: World) -> None:
    more = "y" * (3 << 20)
    answer = run(world.ask("size", more=more))
    assert int(answer.body) == len(world.question("size", more=more).partition(b"\r\n\r\n")[2])


def test_beside_an_instance_that_refuses_connections_another_is_asked(run: Run, world: World) -> None:
    assert [run(world.ask("well", "half")).status for _ in range(10)] == [200] * 10


def test_an_instance_that_says_it_did_nothing_leaves_the_question_to_another(run: Run, world: World) -> None:
    seen = world.instance.seen + world.other.seen
    answer = run(world.ask("busy", "two"))
    assert (answer.status, answer.headers["retry-after"], answer.body) == (503, "7", b"busy")
    assert world.instance.seen + world.other.seen == seen + 2


def test_idle_connections_that_the_instance_closes_cost_no_answer(run: Run, world: World) -> None:
    async def body() -> list[int]:
        found = []
        for _ in range(20):
            found.append((await world.ask("race")).status)
            await asyncio.sleep(0.005)
        return found

    assert run(body()) == [200] * 20


@pytest.mark.parametrize("kind", ["close", "garbage"])
def test_a_question_that_may_have_been_taken_is_not_sent_again(run: Run, world: World, kind: str) -> None:
    seen = world.instance.seen + world.other.seen
    answer = run(world.ask(kind, "two"))
    assert (answer.status, answer.error["code"]) == (502, "connection_lost")
    assert world.instance.seen + world.other.seen == seen + 1


def test_no_instance_takes_it(run: Run, world: World) -> None:
    answer = run(world.ask("well", "none"))
    assert (answer.status, answer.error["code"], answer.headers["retry-after"]) == (503, "not_ready", "1")


def test_a_redirect_is_not_followed(run: Run, world: World) -> None:
    seen = world.instance.seen
    answer = run(world.ask("elsewhere"))
    assert (answer.status, "location" in answer.headers, world.instance.seen) == (307, False, seen + 1)


@pytest.mark.parametrize("kind", ["cut", "short", "smuggle", "silent"])
def test_an_answer_that_is_not_whole_is_not_shown_as_one(run: Run, world: World, kind: str) -> None:
    answer = run(world.ask(kind))
    assert (answer.status, answer.whole) == (200, False)
    assert b"hello".startswith(answer.body)


def test_an_instance_that_says_nothing(run: Run, world: World) -> None:
    left = world.instance.left
    answer = run(world.ask("hang"))
    assert (answer.status, answer.error["code"]) == (504, "deadline_exceeded")
    run(until(lambda: world.instance.left == left + 1))


@pytest.mark.parametrize("kind", ["hang", "silent", "flood"])
def test_a_caller_who_leaves_ends_the_work(run: Run, world: World, kind: str) -> None:
    async def body() -> None:
        seen, left = world.instance.seen, world.instance.left
        reader, writer = await world.connect()
        writer.write(world.question(kind))
        if kind == "hang":
            await until(lambda: world.instance.seen == seen + 1)
        else:
            await reader.readuntil(b"\r\n\r\n")
        started = asyncio.get_running_loop().time()
        writer.transport.abort()
        await until(lambda: world.instance.left == left + 1)
        assert asyncio.get_running_loop().time() - started < SILENCE

    run(body())


def test_pieces_come_as_they_are_made(run: Run, world: World) -> None:
    async def body() -> None:
        world.instance.go_on.clear()
        reader, writer = await world.connect()
        writer.write(world.question("steps"))
        assert (await reader.readuntil(HELLO)).startswith(b"HTTP/1.1 200")
        world.instance.go_on.set()
        assert (await reader.readuntil(b"0\r\n\r\n")) == b"5\r\nworld\r\n0\r\n\r\n"
        writer.close()

    run(body())


def test_questions_that_come_in_one_piece_are_answered_in_order(run: Run, world: World) -> None:
    async def body() -> list[tuple[int, bytes]]:
        world.instance.go_on.set()
        reader, writer = await world.connect()
        writer.write(world.question("well") + world.question("well", "nobody knows it") + world.question("steps"))
        found = [await read_answer(reader) for _ in range(3)]
        writer.close()
        return [(answer.status, answer.body if answer.status == 200 else b"") for answer in found]

    assert run(body()) == [(200, b"{}"), (404, b""), (200, b"helloworld")]


def test_who_reads_slowly_is_not_read_for_and_no_answer_is_without_end(run: Run, world: World) -> None:
    async def body() -> None:
        reader, writer = await world.connect()
        writer.write(world.question("flood"))
        await until(lambda: world.instance.sent > 0)
        held = -1
        while world.instance.sent != held:  # until nothing moves: every buffer between here and there is full
            held = world.instance.sent
            await asyncio.sleep(SILENCE)
        assert held < ANSWER_BYTES
        answer = await read_answer(reader)
        assert (answer.status, answer.whole) == (200, False)
        assert ANSWER_BYTES - (1 << 20) < len(answer.body) <= ANSWER_BYTES
        writer.close()

    run(body())


def test_an_instance_with_all_its_connections_in_use_is_passed_over(run: Run, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "CONNECTIONS", 1)
    monkeypatch.setattr(relay, "CONNECT_SECONDS", 0.1)

    async def body() -> None:
        upstream, address = relay.Upstream(), f"http://127.0.0.1:{world.instance.port}"
        question = world.question("silent").partition(b"\r\n\r\n")[2]
        first = await upstream.ask(address, "/", question, {}, "model one")
        seen = world.instance.seen
        with pytest.raises(relay.NotTakenError):
            await upstream.ask(address, "/", question, {}, "model one")
        assert world.instance.seen == seen
        first.close()
        second = await upstream.ask(address, "/", question, {}, "model one")
        second.close()
        await upstream.close()

    run(body())
