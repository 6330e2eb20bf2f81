"""Two evaluations of one test, item by item: what is said of them, and what is not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from idl import load
from libs.common.errors import PlatformError, Reason
from libs.common.store.repository import PageRequest
from services.eval.domain.comparison import ComparisonVerdict
from services.eval.domain.item import EvalItem
from services.eval.domain.task import EvalTask
from services.eval.engine.comparison import compare
from tests.support.stores import caller
from tests.unit.eval.world import World

LONG = PageRequest(None, 500)


def item(position: int, right: bool, f1: float | None = None, nll: float = -1.0, **facts: Any) -> EvalItem:
    score = float(right) if f1 is None else f1
    known = {"input": f"question {position}", "expected": "yes", "output": "yes" if right else "no"}
    tokens = 2 if nll >= 0 else 0
    return EvalItem(
        0,
        0,
        1,
        position,
        f"r{position}",
        **{**known, **facts},
        exact_match=right,
        token_f1=score,
        nll=nll,
        answer_tokens=tokens,
        latency_ms=1,
    )  # type: ignore[arg-type]


def run(world: World, items: list[EvalItem], failed: int = 0) -> EvalTask:
    return kept(world, world.task(config=world.config(name=f"c{world.db.ids.next()}")), items, failed)


def kept(world: World, task: EvalTask, items: list[EvalItem], failed: int = 0) -> EvalTask:
    held = world.service.lifecycle.claim("w")
    assert held is not None
    assert held.id == task.id
    own = [replace(each, id=world.db.ids.next(), task_id=held.id) for each in items]
    world.service.keep_result(held, own, {"exact_match": 0.5}, failed, {})
    return world.service.finish(world.now(held))


def released(world: World, items: list[EvalItem], against: int, failed: int = 0, **config: Any) -> EvalTask:
    """One that deploy ordered, of a package."""
    made = world.service.create_release_task(
        caller(service="deploy"),
        eval_config_id=world.config(name=f"c{world.db.ids.next()}", **config).id,
        model_version_id=world.trained().id,
        target_digest="sha256:" + "44" * 32,
        target_address="http://127.0.0.1:9",
        target_key="k" * 64,
        work_order_id=55,
        against_task_id=against,
    )
    return kept(world, made, items, failed)


def refused(world: World, **facts: Any) -> PlatformError:
    with pytest.raises(PlatformError) as found:
        world.service.compare_tasks(facts.pop("ctx", caller()), **facts)
    return found.value


def test_a_difference_is_shown_where_enough_items_say_so() -> None:
    """8 of 40 turned right and none wrong: p = 2/2^8, and 3 scores were compared."""
    pairs = [(item(n, n >= 8, nll=1.0 + n / 100), item(n, True, nll=0.5 + n / 100)) for n in range(40)]
    count, found = compare(pairs, ["token_f1", "perplexity", "exact_match", "latency"])
    assert count == 40
    exact, f1, loss = found
    assert (exact.metric, exact.test, exact.pairs, exact.first_better, exact.second_better) == ("exact_match", "mcnemar", 40, 0, 8)
    assert (exact.first, exact.second, exact.difference, exact.p) == (0.8, 1.0, pytest.approx(0.2), 2 / 2**8)
    assert exact.low is not None
    assert exact.high is not None
    assert 0 < exact.low < 0.2 < exact.high
    assert exact.p_corrected == pytest.approx(2 * exact.p)
    assert (f1.metric, f1.test, f1.p) == ("token_f1", "sign_flip", 2 / 2**8)
    assert (loss.metric, loss.less_is_better, loss.second_better, loss.low, loss.high) == ("perplexity", True, 40, None, None)
    assert loss.difference == pytest.approx(-0.5)
    assert [each.verdict for each in found] == [ComparisonVerdict.BETTER] * 3


def test_few_items_show_nothing_and_many_scores_are_corrected_for() -> None:
    few = [(item(n, n != 0), item(n, True)) for n in range(40)]
    assert [each.verdict for each in compare(few, ["exact_match"])[1]] == [ComparisonVerdict.NO_DIFFERENCE_SHOWN]
    six = [(item(n, True), item(n, n >= 6)) for n in range(40)]  # p = 2/2^6 = 0.031: shown alone, not beside two others
    assert [each.verdict for each in compare(six, ["exact_match"])[1]] == [ComparisonVerdict.WORSE]
    assert {each.verdict for each in compare(six, ["exact_match", "token_f1"])[1]} == {ComparisonVerdict.NO_DIFFERENCE_SHOWN}


def test_equal_scores_and_a_single_item_show_nothing() -> None:
    same = [(item(n, n % 2 == 0), item(n, n % 2 == 0)) for n in range(30)]
    for each in compare(same, ["exact_match", "token_f1"])[1]:
        assert (each.difference, each.p, each.verdict) == (0, 1, ComparisonVerdict.NO_DIFFERENCE_SHOWN)
    one = compare([(item(0, False), item(0, True))], ["exact_match", "token_f1"])[1]
    assert [(each.p, each.verdict) for each in one] == [(1, ComparisonVerdict.NO_DIFFERENCE_SHOWN)] * 2
    assert compare([], ["exact_match"]) == (0, [])


def test_loss_that_one_of_them_lacks_is_not_compared() -> None:
    count, (exact,) = compare([(item(0, True, nll=1.0), item(0, True))], ["exact_match", "perplexity"])
    assert (count, exact.metric) == (1, "exact_match")


def test_failed_items_are_left_out_and_counted(world: World) -> None:
    first = run(world, [item(n, True) for n in range(10)])
    second = run(world, [item(n, n > 3, output="", error="TIMED_OUT") if n < 3 else item(n, n > 3) for n in range(8)], failed=3)
    found = world.door.call(caller(), "CompareTasks", first_task_id=first.id, second_task_id=second.id).comparison
    assert (found.pairs, found.left_out, found.first.id, found.second.id) == (5, 5, first.id, second.id)
    assert [(each.metric, each.pairs, each.second) for each in found.metrics] == [("exact_match", 5, 0.8), ("token_f1", 5, 0.8)]


def test_items_that_differ_are_paged_filtered_and_found(world: World) -> None:
    first = run(world, [item(0, True), item(1, False), item(2, False, 0.2), item(3, True), item(4, True), item(5, False)])
    later = [
        item(0, True),  # the same
        item(1, True),
        item(2, False, 0.4, output="NO, but 50%_ÖL"),
        item(3, False),
        item(4, True, output="", error="TIMED_OUT"),
        item(5, False, output="neither"),
    ]
    second = run(world, later, failed=1)

    def listed(page: Any = None, **facts: Any) -> Any:
        asked = {"first_task_id": first.id, "second_task_id": second.id, "page": page, **facts}
        return world.door.call(caller(), "ListDifferences", **asked)

    def positions(**facts: Any) -> list[int]:
        return [each.first.position for each in listed(**facts).differences]

    assert positions() == [1, 2, 3, 4, 5]
    assert [(each.second.position, each.verdict) for each in listed().differences] == [(1, 1), (2, 1), (3, 2), (4, 2), (5, 0)]
    assert positions(verdict=ComparisonVerdict.BETTER) == [1, 2]
    assert positions(verdict=ComparisonVerdict.WORSE) == [3, 4]
    assert positions(verdict=ComparisonVerdict.NO_DIFFERENCE_SHOWN) == [5]
    assert positions(contains="QUESTION 3") == [3]
    assert positions(contains="50%_ÖL") == [2]
    assert positions(contains="5_%") == []
    seen: list[int] = []
    cursor: str | None = None
    while cursor is not None or not seen:
        answer = listed(page=load("base").PageReq(cursor=cursor, limit=1))
        seen += [each.first.position for each in answer.differences]
        cursor = answer.page.next_cursor
    assert seen == [1, 2, 3, 4, 5]


def test_only_two_finished_evaluations_of_one_test_are_compared(world: World) -> None:
    first = run(world, [item(0, True)])
    assert refused(world, first_task_id=first.id, second_task_id=first.id).field == "second_task_id"
    open_one = world.task()
    found = refused(world, first_task_id=first.id, second_task_id=open_one.id)
    assert (found.reason, found.field) == (Reason.ILLEGAL_TRANSITION, "second_task_id")
    world.service.cancel_task(caller(), id=open_one.id)
    assert refused(world, first_task_id=1, second_task_id=first.id).reason == Reason.NOT_FOUND
    assert refused(world, ctx=caller(space=2), first_task_id=first.id, second_task_id=first.id).reason == Reason.NOT_FOUND
    other = run(world, [item(0, False)])
    with world.db.begin(caller()) as tx:
        of_another_test = {**other.snapshot, "dataset": {**other.snapshot["dataset"], "content_hash": "sha256:" + "33" * 32}}
        world.service.store.tasks.update(tx, world.now(other), snapshot=of_another_test)
    found = refused(world, first_task_id=first.id, second_task_id=other.id)
    assert (found.reason, found.field) == (Reason.INVALID_ARGUMENT, "second_task_id")
    with world.db.begin(caller()) as tx:
        world.service.store.tasks.update(tx, world.now(other), purged=True)
    assert refused(world, first_task_id=other.id, second_task_id=first.id).reason == Reason.PURGED


def test_a_comparison_over_secret_data_is_not_there(world: World) -> None:
    first, second = run(world, [item(0, True)]), run(world, [item(0, False)])
    low = replace(caller(), clearance=10)
    assert world.service.compare_tasks(low, first_task_id=first.id, second_task_id=second.id).pairs == 1
    world.dataset.secret.add(world.test_version)
    assert refused(world, ctx=low, first_task_id=first.id, second_task_id=second.id).reason == Reason.NOT_FOUND


def test_a_page_of_items_that_ends_at_the_first_goes_on(world: World) -> None:
    task = run(world, [item(0, True), item(1, True)])
    page = world.service.list_items(caller(), task_id=task.id, page=PageRequest(None, 1))
    assert [each.position for each in page.items] == [0]
    assert [each.position for each in world.service.list_items(caller(), task_id=task.id, page=PageRequest(page.next_cursor, 1)).items] == [
        1
    ]


def test_a_release_says_how_much_better_it_is_than_what_served(world: World) -> None:
    live = released(world, [item(n, n >= 8, nll=1.0) for n in range(40)], 0)
    assert not [name for name in live.metrics if "gain" in name]
    new = released(world, [item(n, n >= 2, nll=0.5 + n / 1000) for n in range(40)], live.id)
    assert new.against_task_id == live.id
    found = new.metrics
    assert (found["exact_match.gain"], found["gain.coverage"]) == (pytest.approx(6 / 40), 1.0)
    assert found["exact_match.gain.low"] < found["exact_match.gain"] < found["exact_match.gain.high"]
    assert found["perplexity.gain.low"] < found["perplexity.gain"] == pytest.approx(0.4805)  # less loss is a gain
    assert found["perplexity.gain"] < found["perplexity.gain.high"]
    worse = released(world, [item(n, n >= 10) for n in range(40)], new.id)
    assert worse.metrics["exact_match.gain"] == pytest.approx(-8 / 40)
    assert "perplexity.gain" not in worse.metrics  # not measured of this one


def test_what_one_of_them_failed_at_is_no_gain_and_seen(world: World) -> None:
    live = released(world, [item(n, n > 5, output="", error="TIMED_OUT") if n < 4 else item(n, n > 5) for n in range(10)], 0, failed=4)
    new = released(world, [item(n, True) for n in range(10)], live.id)
    assert (new.metrics["exact_match.gain"], new.metrics["gain.coverage"]) == (pytest.approx(2 / 6), 0.6)


def test_nothing_is_gained_over_what_cannot_be_compared(world: World) -> None:
    """A person's evaluation, one that asked fewer questions, one that is not there, one on another test: none decides about a release."""
    items = [item(n, True) for n in range(4)]
    by_hand, live = run(world, items), released(world, items, 0)
    few = released(world, items[:2], 0, options={"limit_items": 2})
    other_test = released(world, items, 0)
    with world.db.begin(caller()) as tx:
        elsewhere = {**other_test.snapshot, "dataset": {**other_test.snapshot["dataset"], "content_hash": "sha256:" + "33" * 32}}
        world.service.store.tasks.update(tx, world.now(other_test), snapshot=elsewhere)
    for against in (by_hand.id, few.id, other_test.id, 12345):
        found = released(world, items, against)
        assert found.against_task_id == 0
        assert not [name for name in found.metrics if "gain" in name]
    assert released(world, items, live.id).metrics["exact_match.gain"] == 0.0
