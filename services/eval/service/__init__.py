"""The verbs of the eval domain: one method per use case, one transaction each."""

from __future__ import annotations

from collections import OrderedDict

from libs.common.outside import Outside
from libs.common.rpc.peers import DatasetPeer, ModelPeer
from libs.common.store.database import Database
from libs.common.work.human import HumanTasks
from libs.common.work.lifecycle import TaskLifecycle
from libs.people.engine import People
from services.eval.repository import EvalRepository
from services.eval.service.evaluations import EVALUATION_ENDED as EVALUATION_ENDED
from services.eval.service.evaluations import CreatedTask as CreatedTask
from services.eval.service.forgetting import Forgetting


class EvalService(Forgetting):
    """All of them on one store. outside: the guard of addresses people name."""

    def __init__(self, db: Database, model: ModelPeer, dataset: DatasetPeer, lease_seconds: float, outside: Outside) -> None:
        self.db, self._model, self._dataset, self.outside = db, model, dataset, outside
        self.store, self.written = EvalRepository(), OrderedDict()
        tasks, by_people = self.store.tasks, self.store.tasks.column("rated_task_id") != 0
        self.lifecycle = TaskLifecycle(db, tasks, lease_seconds, self.ended, only=[~by_people])
        self.people = People(db, lambda tx, id: self.human.item_changed(tx, id), self.store.people)
        self.human = HumanTasks(db, tasks, lease_seconds, self.counted, self.ended, only=[by_people])
