"""What services tell each other through the outbox: every notice is an RPC of a neighbour to the right, and its request fits."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path
from typing import Any

import pytest

import idl
import services
from idl import registry
from libs.common.clock import ManualClock
from libs.common.context import CallContext
from libs.common.errors import PlatformError, Reason
from libs.common.store.notice import Notice, deliveries
from libs.common.store.outbox import Relay
from services.deploy.service.notices import EVALUATION_UNWANTED, SERVING_CHANGED
from services.eval.service import EVALUATION_ENDED
from services.train.repository import METADATA
from services.train.service import TRAINING_ENDED
from tests.contract.idl_text import fields, text
from tests.support.stores import caller, open_store

OLD = {
    TRAINING_ENDED: ("training_ended", {"task": 5, "model_version": 6, "user": 1, "space": 2, "cause": "POISON"}),
    EVALUATION_ENDED: ("evaluation_ended", {"task": 5, "model_version": 6, "user": 1, "space": 2, "cause": "POISON"}),
    SERVING_CHANGED: ("model.RecordServing", {"project_id": 5, "serving_slots": 1, "user_id": 1, "space_id": 2}),
    EVALUATION_UNWANTED: ("eval.CancelTask", {"eval_task_id": 5, "work_order_id": 6, "user_id": 1, "space_id": 2}),
}
"""What the outbox of a running platform held before notices had one name."""


def notices() -> list[tuple[str, Notice]]:
    """(service that tells, notice) of the whole platform, found by looking at its modules."""
    found: dict[tuple[str, str], tuple[str, Notice]] = {}
    for module in pkgutil.walk_packages(services.__path__, "services."):
        if ".service" in module.name:
            for value in vars(importlib.import_module(module.name)).values():
                if isinstance(value, Notice):
                    found[module.name.split(".")[1], value.topic] = (module.name.split(".")[1], value)
    return list(found.values())


def test_all_are_found() -> None:
    assert {notice for _, notice in notices()} == set(OLD)


@pytest.mark.parametrize("notice", OLD, ids=lambda notice: notice.topic)
def test_a_notice_is_a_mutation_of_a_neighbour(notice: Notice) -> None:
    known = registry.parse(text(notice.service), notice.service)[notice.method]
    assert known.mutation
    assert "idempotency_key" in {name for name, _, _ in _request(notice).values()}
    assert len(notice.topic) <= 64, "longer than its column"


def _request(notice: Notice) -> dict[int, tuple[str, str, str]]:
    return fields(getattr(idl.load(notice.service), f"{notice.method}Req"))


@pytest.mark.parametrize("notice", OLD, ids=lambda notice: notice.topic)
def test_rows_of_before_are_still_delivered(notice: Notice, tmp_path: Path) -> None:
    """Under the key they always had, in the words of the RPC."""
    db, told = open_store(tmp_path, "train", METADATA, ManualClock()), []

    def call(ctx: CallContext, method: str, **facts: Any) -> None:
        told.append((ctx.user_id, ctx.space_id, method, ctx.idempotency_key, facts))

    topic, payload = OLD[notice]
    with db.begin(caller()) as tx:
        tx.publish(topic, payload)
    relay = Relay(db, deliveries({notice: call}))
    assert (relay.run_once(), relay.run_once()) == (1, 0)
    [(user, space, method, key, facts)] = told
    assert (user, space, method) == (1, 2, notice.method)
    assert set(facts) <= {name for name, _, _ in _request(notice).values()}
    assert key is None if notice is SERVING_CHANGED else str(key).split("-")[0] in ("train", "eval", "work")
    db.close()


def test_what_is_told_is_called_once_per_key_in_the_words_of_the_rpc(tmp_path: Path) -> None:
    db, told = open_store(tmp_path, "train", METADATA, ManualClock()), []
    with db.begin(caller()) as tx:
        TRAINING_ENDED.tell(tx, 7, 3, "train-5-ended", id=6, train_task_id=5, cause="POISON")
    Relay(db, deliveries({TRAINING_ENDED: lambda ctx, method, **facts: told.append((ctx.idempotency_key, method, facts))})).run_once()
    assert told == [("train-5-ended", "RecordTrainingEnded", {"id": 6, "train_task_id": 5, "cause": "POISON"})]
    db.close()


def test_a_refusal_that_says_it_is_so_already_is_no_failure() -> None:
    def refuse(reason: Reason) -> Any:
        def call(*_: Any, **__: Any) -> None:
            raise PlatformError(409, reason)

        return EVALUATION_UNWANTED.deliver(call)

    payload = {"user": 1, "space": 1, "key": "k", "facts": {"id": 5}}
    refuse(Reason.ILLEGAL_TRANSITION)(payload)
    with pytest.raises(PlatformError):
        refuse(Reason.NOT_FOUND)(payload)
