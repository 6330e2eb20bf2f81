"""Evaluating an endpoint: a real HTTP server that answers, refuses, hangs, cuts, lies about its digest, and is asked by a child that is
killed.
"""

from __future__ import annotations

import math
import socket
import threading
from pathlib import Path
from typing import Any

import pytest

from libs.common.errors import PlatformError, Reason
from libs.common.work.engine import SilentReporter
from libs.data.prompt import from_text
from services.eval.engine.endpoint import Endpoint
from services.eval.engine.evaluation import run
from services.eval.engine.journal import read_items
from services.eval.engine.options import EvalOptions
from services.eval.engine.records import TestRecord
from services.eval.engine.target import Answer
from tests.unit.eval.engines import evaluate, finish_child, kill_child_after, timeless, until
from tests.unit.eval.material import record, write_version
from tests.unit.eval.target_server import CUT, DIGEST, FREEZE, HANG, KEY, LOGPROB, OTHER_DIGEST, Reply, TargetServer

ASKED = [f"q{number}" for number in range(10)]


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten questions whose expected answer is the question itself, which is what the server says unless told otherwise."""
    return write_version(tmp_path_factory.mktemp("version"), [record(number, text, text) for number, text in enumerate(ASKED)])


def _job(records: Path, address: str, metrics: tuple[str, ...] = (), **options: Any) -> dict[str, Any]:
    target = {"kind": "ENDPOINT", "address": address, "digest": DIGEST}
    return {"records_path": str(records), "target": target, "metrics": list(metrics), "options": {"in_flight": 3, **options}}


def _refused(job: dict[str, Any], work: Path) -> PlatformError:
    with pytest.raises(PlatformError) as caught:
        run(job, work, SilentReporter())
    return caught.value


def test_every_item_is_asked_and_scored(records: Path, tmp_path: Path) -> None:
    with TargetServer({"q3": "something else", "q4": "Q4 q4"}) as server:
        summary, items = evaluate(_job(records, server.address), tmp_path)
    assert [item.output for item in items] == ["q0", "q1", "q2", "something else", "Q4 q4", *ASKED[5:]]
    assert summary["metrics"]["exact_match"] == 0.8
    assert items[4].token_f1 == pytest.approx(2 / 3)
    assert all(item.nll == pytest.approx(-LOGPROB) and item.answer_tokens == len(item.expected) + 1 for item in items)
    assert summary["metrics"]["perplexity"] == pytest.approx(math.exp(-LOGPROB))
    assert all(item.latency_ms > 0 for item in items)
    chats = [body for body in server.bodies if "echo" not in body]
    assert sorted(body["messages"][0]["content"] for body in chats) == ASKED
    assert chats[0] | {"messages": []} == {"model": "toy", "max_tokens": 64, "temperature": 0, "messages": []}
    assert chats[0]["messages"] == [{"role": "user", "content": chats[0]["messages"][0]["content"]}]
    scored = next(body for body in server.bodies if "echo" in body)
    assert scored | {"messages": []} == {"model": "toy", "messages": [], "echo": True, "max_tokens": 0, "logprobs": 0}
    assert [message["role"] for message in scored["messages"]] == ["user", "assistant"]


def test_system_prompt_and_earlier_turns_are_asked_with(tmp_path: Path) -> None:
    """The same last question in two talks: told apart only by what was said before, in the messages and in the stored item."""
    talks = [[["We talk about Basel.", "Fine."]], [["We talk about Turin.", "Fine."]]]
    rows = [record(n, "And its postcode?", "?", system="Numbers only.", history=talk) for n, talk in enumerate(talks)]
    version = write_version(tmp_path / "version", rows)
    with TargetServer({"Numbers only.": "1000"}) as server:
        _, items = evaluate(_job(version, server.address, measure_loss=False, metrics=("exact_match",)), tmp_path / "work")
    asked = sorted((body["messages"] for body in server.bodies), key=str)
    assert asked == [
        [
            {"role": "system", "content": "Numbers only."},
            {"role": "user", "content": talk[0][0]},
            {"role": "assistant", "content": "Fine."},
            {"role": "user", "content": "And its postcode?"},
        ]
        for talk in talks
    ]
    assert [from_text(item.input) for item in items] == asked, "whoever asks the stored question again asks something else"


def test_the_limits_of_the_digest_are_respected(records: Path, tmp_path: Path) -> None:
    with TargetServer(card={"max_new_tokens": 16}) as server:
        evaluate(_job(records, server.address, max_new_tokens=40, measure_loss=False, metrics=("exact_match",)), tmp_path)
    assert {body["max_tokens"] for body in server.bodies} == {16}


def test_requests_are_in_flight_together_but_not_more_than_asked(records: Path, tmp_path: Path) -> None:
    together = threading.Barrier(3)  # an answer comes only when three questions wait for theirs
    with TargetServer({question: Reply(question, together=together) for question in ASKED[:9]}) as server:
        summary, _ = evaluate(_job(records, server.address, measure_loss=False, metrics=("exact_match",)), tmp_path)
    assert summary["metrics"]["exact_match"] == 1.0


def test_items_fail_alone_and_are_never_scored(records: Path, tmp_path: Path) -> None:
    refusal = b'{"error": {"message": "no idea", "code": "bad"}}'
    script = {
        "q1": Reply(status=500, body=b"oops"),
        "q2": Reply(status=400, body=refusal),
        "q3": Reply(body=b"not json"),
        "q4": Reply(body=b'{"choices": []}'),
        "q5": Reply(body=b'{"choices": [{"message": {"content": "\\ud800"}}]}'),
        "q6": HANG,
        "q7": Reply("q7", scored=Reply(status=500, body=b"{}")),
        "q8": Reply("q8", scored=Reply(body=b'{"choices": [{"logprobs": {"answer_start": 1, "token_logprobs": [-1, null]}}]}')),
        "q9": Reply("q9", scored=Reply(status=400, body=b'{"error": {"message": "long", "code": "context_length_exceeded"}}')),
    }
    with TargetServer(script) as server:
        summary, items = evaluate(_job(records, server.address, request_seconds=0.5), tmp_path)
    assert [item.error.split(":")[0] for item in items] == [
        "", "HTTP 500", "HTTP 400", "INVALID_ANSWER", "INVALID_ANSWER", "INVALID_ANSWER", "TIMEOUT", "HTTP 500", "INVALID_ANSWER", "",
    ]  # fmt: skip
    assert items[2].error == "HTTP 400: no idea"
    assert items[9].nll == -1  # it does not fit together with its answer: not measured, not failed
    assert (summary["items"], summary["failed_items"], summary["loss_items"]) == (10, 8, 1)
    assert summary["metrics"]["exact_match"] == 1.0  # of the two that were scored
    assert not any(item.exact_match or item.token_f1 for item in items if item.error)
    assert items[7].output == "q7"  # what it said is kept


def test_a_busy_server_is_asked_again(records: Path, tmp_path: Path) -> None:
    with TargetServer({"q0": Reply("q0", busy=2)}) as server:
        summary, _ = evaluate(_job(records, server.address, limit_items=2), tmp_path)
    assert summary["failed_items"] == 0
    assert server.asked.count("q0") == 3


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_stays_busy_is_unreachable_for_now(status: int, records: Path) -> None:
    with TargetServer({"q0": Reply(status=status, body=b"{}")}) as server, pytest.raises(PlatformError) as caught:
        _drive(server, ["q0"])
    assert (caught.value.reason, caught.value.retryable) == (Reason.TARGET_UNREACHABLE, True)
    assert caught.value.details["cause"] == f"HTTP {status} 2 times in a row"


def test_a_question_that_cuts_the_connection_fails_alone() -> None:
    with TargetServer({"q1": CUT}) as server:
        answers = _drive(server, ["q0", "q1", "q2"])
    assert [answer.error.split(":")[0] for answer in answers] == ["", "CONNECTION_LOST", ""]
    assert server.asked.count("q1") == 2


def test_a_target_that_hangs_as_a_whole_is_unreachable() -> None:
    """One slow answer is the item's failure; when not even the model list comes any more, it is the target's."""
    with TargetServer({"q1": FREEZE}) as server, pytest.raises(PlatformError) as caught:
        _drive(server, ["q0", "q1", "q2"])
    assert (caught.value.reason, caught.value.details["cause"]) == (Reason.TARGET_UNREACHABLE, "TimeoutError")


def _drive(server: TargetServer, questions: list[str]) -> list[Answer]:
    """Answers of a target that gives up soon."""
    found: list[Answer] = []
    options = EvalOptions(in_flight=2, measure_loss=False, request_seconds=0.3)
    endpoint = Endpoint(server.address, DIGEST, options, clock=float, pauses=(0.01,), probe_seconds=0.3)
    asked = (TestRecord(question, question, question, {}) for question in questions)
    endpoint.evaluate(asked, 0, lambda answered: found.extend(answer for _, answer in answered))
    return found


@pytest.mark.parametrize("digest", [OTHER_DIGEST, "", None])
@pytest.mark.parametrize("question", ["q0", "q7"])
def test_one_answer_of_another_digest_ends_it_all(question: str, digest: str | None, records: Path, tmp_path: Path) -> None:
    with TargetServer({question: Reply(question, digest=digest)}) as server:
        error = _refused(_job(records, server.address), tmp_path)
    assert (error.code, error.reason, error.retryable) == (422, Reason.DIGEST_MISMATCH, False)
    assert (error.limit, error.details["found"]) == (DIGEST, digest or "")
    assert not (tmp_path / "out" / "summary.json").exists()


def test_another_digest_behind_an_error_or_a_score_is_seen_too(records: Path, tmp_path: Path) -> None:
    script = {"q1": Reply(status=500, body=b"", digest=OTHER_DIGEST), "q2": Reply("q2", scored=Reply(body=b"{}", digest=OTHER_DIGEST))}
    for question, reply in script.items():
        with TargetServer({question: reply}) as server:
            assert _refused(_job(records, server.address), tmp_path / question).reason == Reason.DIGEST_MISMATCH


def test_nobody_there(records: Path, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, never listening
        error = _refused(_job(records, f"http://127.0.0.1:{taken.getsockname()[1]}"), tmp_path)
    assert (error.code, error.reason, error.retryable) == (503, Reason.TARGET_UNREACHABLE, True)
    message = finish_child(_job(records, "http://127.0.0.1:1"), tmp_path / "child")
    assert (message["error"]["reason"], message["error"]["retryable"]) == ("TARGET_UNREACHABLE", True)


def test_a_server_that_is_no_model_server(records: Path, tmp_path: Path) -> None:
    with TargetServer(card={"id": "x", "max_new_tokens": "many"}) as server:
        error = _refused(_job(records, server.address), tmp_path)
    assert (error.code, error.reason, error.field) == (503, Reason.TARGET_UNREACHABLE, "target_address")


def test_a_target_that_dies_on_the_way_is_gone_on_with_later(records: Path, tmp_path: Path) -> None:
    """What was kept stays; the next attempt asks only for the rest, at another address of the same digest."""
    job = _job(records, "", in_flight=1, measure_loss=False, metrics=("exact_match",))
    with TargetServer({"q6": HANG}) as first:
        job["target"]["address"] = first.address
        ended: list[PlatformError] = []
        attempt = threading.Thread(target=lambda: ended.append(_refused(job, tmp_path)))
        attempt.start()
        until(lambda: "q6" in first.asked)
        first._http.shutdown()
        first._http.server_close()
        first.release.set()
        attempt.join(30)
    assert [error.reason for error in ended] == [Reason.TARGET_UNREACHABLE]
    with TargetServer() as second:
        job["target"]["address"] = second.address
        summary, items = evaluate(job, tmp_path)
    assert (summary["items"], summary["failed_items"]) == (10, 0)
    assert [item.output for item in items] == ASKED
    assert second.asked == ASKED[6:]


def test_killed_child_goes_on_where_it_was(records: Path, tmp_path: Path) -> None:
    """The server holds the seventh answer back, so the kill comes at a known moment: six items are there, the others are not."""
    with TargetServer({"q6": HANG}) as server:
        job = _job(records, server.address, in_flight=1)
        kept = kill_child_after(job, tmp_path / "work", lines=6)
        assert kept.count(b"\n") == 6
        before = len(server.asked)
        server.script.clear()
        message = finish_child(job, tmp_path / "work")
        assert message["done"]["failed_items"] == 0
        assert server.asked[before:] == ASKED[6:]
        _, undisturbed = evaluate(job, tmp_path / "undisturbed")
    assert (tmp_path / "work" / "out" / "items.jsonl").read_bytes().startswith(kept)
    assert timeless(list(read_items(tmp_path / "work" / "out"))) == timeless(undisturbed)


# --- whom it believes


def test_an_instance_of_ours_proves_itself_with_every_answer(records: Path, tmp_path: Path) -> None:
    with TargetServer() as server:
        job = _job(records, server.address)
        job["target"]["key"] = KEY
        assert evaluate(job, tmp_path / "right")[0]["failed_items"] == 0
        server.key = "another" * 10  # somebody else took the port over
        error = _refused(job, tmp_path / "wrong")
    assert (error.reason, error.retryable, error.details["what"]) == (Reason.TARGET_UNREACHABLE, True, "the instance under test")
    assert server.address not in str(error.details)


def test_a_server_somebody_named_fails_in_one_way_only(records: Path, tmp_path: Path) -> None:
    """Nothing there, something else there, another digest, a redirect, a place nobody may ask: one and the same failure."""
    found = set()
    with TargetServer(card={"id": "x", "max_new_tokens": "many"}) as odd, TargetServer() as other, socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, never listening
        other.script = {question: Reply(status=302, digest=OTHER_DIGEST, body=b"{}") for question in ASKED}
        places = {
            odd.address: "127.0.0.1",
            other.address: "127.0.0.1",
            f"http://127.0.0.1:{taken.getsockname()[1]}": "127.0.0.1",
            "http://no-such-name.invalid:80": "no-such-name.invalid",
            "http://10.0.0.1:80": "127.0.0.1",
        }
        for number, (address, hosts) in enumerate(places.items()):
            job = _job(records, address)
            job["target"]["outside"] = {"hosts": hosts, "loopback": False}
            error = _refused(job, tmp_path / str(number))
            facts = {name: value for name, value in error.details.items() if name != "what"}
            found.add((error.code, error.reason, error.field, error.limit, error.retryable, str(facts)))
    assert found == {(503, Reason.TARGET_UNREACHABLE, "target_address", None, True, "{}")}


def test_a_named_server_is_asked_at_the_address_that_was_looked_at(records: Path, tmp_path: Path) -> None:
    with TargetServer() as server:
        job = _job(records, server.address.replace("127.0.0.1", "localhost"))
        job["target"]["outside"] = {"hosts": "localhost", "loopback": False}
        assert evaluate(job, tmp_path)[0]["failed_items"] == 0
