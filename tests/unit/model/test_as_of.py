"""What was true at a moment: replayed from the history it equals what was seen then, over a thousand random transitions."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Any

import pytest
import sqlalchemy as sa

from libs.common.clock import ManualClock
from libs.common.errors import PlatformError, Reason
from services.model.domain.gate import EvidenceKind
from services.model.domain.override import GateOverrideStatus
from services.model.domain.version import ModelVersion
from services.model.service import ModelService
from services.model.service.past import ModelAsOf
from tests.support.stores import caller
from tests.unit.model.chain import BAD, GOOD, PACKAGE, WEIGHTS, about, asked, evidence, packaged, project

TRANSITIONS, MODELS = 1000, 4
Snapshot = tuple[int, dict[int, int], bool, frozenset[tuple[int, int]]]


class Player:
    """Does anything legal or not to one model; remembers what it looked like after each step."""

    def __init__(self, service: ModelService, seed: int) -> None:
        self.service, self.rng = service, random.Random(seed)
        self.project = project(service, f"m{seed}")
        self.versions: list[Any] = [service.create_version(caller(), project_id=self.project.id)]
        self.seen: dict[int, Snapshot] = {}
        self.note()

    def note(self) -> None:
        self.seen[self.service.db.clock.now_ms()] = self.now()

    def now(self) -> Snapshot:
        """From the rows, without a look at the history. Of an override also its end, which no row and no event announces."""
        store, ctx = self.service.store, caller()
        with self.service.db.read() as conn:
            found = store.projects.get(conn, ctx, self.project.id)
            gate = store.gates.first_by(conn, ctx, project_id=found.id)
            versions = {each.id: int(each.status) for each in store.versions.all_by(conn, ctx, 500, project_id=found.id)}
            overrides = store.overrides.all_by(conn, ctx, 500, project_id=found.id)
        assert gate is not None
        live = frozenset((each.id, each.end_time) for each in overrides if each.status == GateOverrideStatus.LIVE)
        return int(found.status), versions, gate.enabled, live

    def changes(self) -> list[int]:
        """The moments since which it looked as it did: what a refused step leaves behind shows at the end of such a time."""
        moments = sorted(self.seen)
        return [moments[0], *(at for before, at in pairwise(moments) if self.seen[at] != self.seen[before])]

    def step(self) -> None:
        s, v, ctx = self.service, self.rng.choice(self.versions[-6:]), caller()
        current = s.get_version(ctx, id=v.id)
        metrics = self.rng.choice((GOOD, BAD))
        trained = {"artifact_uri": "artifact://" + WEIGHTS, "artifact_digest": WEIGHTS}
        choices = [
            lambda: self.versions.append(s.create_version(ctx, project_id=self.project.id)),
            lambda: s.start_training(ctx, id=v.id, train_task_id=7),
            lambda: s.record_trained(ctx, id=v.id, train_task_id=7, **trained),
            lambda: s.record_training_ended(ctx, id=v.id, train_task_id=7),
            lambda: s.start_evaluation(ctx, id=v.id, eval_task_id=s.db.ids.next(), digest=current.artifact_digest),
            lambda: evidence(s, current, metrics, current.artifact_digest or WEIGHTS),
            lambda: evidence(s, current, metrics, PACKAGE, kind=EvidenceKind.RELEASE),
            lambda: s.record_evaluation_ended(ctx, id=v.id, eval_task_id=1),
            lambda: s.record_package(ctx, id=v.id, work_order_id=1, digest=PACKAGE),
            lambda: s.record_serving(ctx, project_id=self.project.id, serving_slots=self.rng.randrange(2)),
            self.gate,
            lambda: self.ask(current),
            lambda: self.ask(current),
            self.decide,
            self.decide,
        ]
        if self.rng.random() < 0.05:
            choices = [lambda: s.retire_version(about(s, current), id=v.id), lambda: s.quarantine_version(about(s, v), id=v.id, cause="x")]
        self.rng.choice(choices)()

    def gate(self) -> None:
        known = self.service.get_gate(caller(), project_id=self.project.id)
        on = self.rng.random() < 0.7
        ctx = caller(expected=known.version)
        self.service.set_gate(ctx, project_id=self.project.id, enabled=on, off_reason="" if on else "x")

    def ask(self, version: ModelVersion) -> None:
        packaged(self.service, version)
        asked(self.service, version, hours=self.rng.choice((0.01, 0.1)))

    def decide(self) -> None:
        with self.service.db.read() as conn:
            known = self.service.store.overrides.first_by(conn, caller(), project_id=self.project.id)
        if known is not None:
            verb = self.rng.choice((self.service.confirm_override, self.service.confirm_override, self.service.withdraw_override))
            verb(caller(9, expected=known.version), id=known.id)


def events(service: ModelService) -> int:
    with service.db.read() as conn:
        return int(conn.execute(sa.select(sa.func.count()).select_from(service.db.table("state_event"))).scalar_one())


def shown(found: ModelAsOf) -> Snapshot:
    live = frozenset((each.id, each.end_time) for each in found.overrides)
    return int(found.status), {each.id: int(each.status) for each in found.versions}, found.gate_enabled, live


def test_replay_equals_what_was_seen_at_every_moment(service: ModelService, clock: ManualClock) -> None:
    players = [Player(service, seed) for seed in range(MODELS)]
    rng = random.Random(5)
    while events(service) < TRANSITIONS + MODELS:
        player = rng.choice(players)
        clock.advance(rng.choice((0, 0.001, 1, 7)))  # also several in one millisecond
        try:
            player.step()
        except PlatformError as error:
            if error.code >= 500:
                raise
        player.note()
    ever_live = 0
    for player in players:
        moments = player.changes()
        for at, until in zip(moments, [*moments[1:], moments[-1] + 10], strict=True):
            status, versions, enabled, live = player.seen[at]
            for t in {at, until - 1} - set(moments[moments.index(at) + 1 :]):
                found = service.get_model_as_of(caller(), project_id=player.project.id, as_of=t)
                expected = frozenset(each for each in live if t < each[1])
                ever_live += bool(expected)
                assert shown(found) == (status, versions, enabled, expected), t
                assert found.existed
    assert ever_live > 10, "overrides were live at moments that were asked about"
    assert {status for player in players for _, versions, _, _ in player.seen.values() for status in versions.values()} >= {
        0,
        10,
        20,
        30,
        40,
        45,
        90,
    }


def test_before_it_was_made_there_was_nothing(service: ModelService, clock: ManualClock) -> None:
    before = clock.now_ms() - 1
    made = project(service)
    found = service.get_model_as_of(caller(), project_id=made.id, as_of=before)
    assert (found.existed, found.versions, found.overrides) == (False, [], [])


def test_a_foreign_model_is_not_there(service: ModelService) -> None:
    made = project(service, space=2)
    with pytest.raises(PlatformError) as caught:
        service.get_model_as_of(caller(), project_id=made.id, as_of=1)
    assert caught.value.reason == Reason.NOT_FOUND
