"""After a delete: back while there is time, then gone for good, with a proof, and without taking what is somebody else's."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from libs.common.errors import PlatformError, Reason
from libs.common.store.audit import Books, Patience, Report, Violation
from services.dataset.audit import check
from services.dataset.domain.dataset import Dataset, SecrecyLevel
from services.dataset.domain.purge import DatasetPurge, PurgeStatus, proof_of
from services.dataset.domain.version import DatasetVersion
from services.dataset.repository import METADATA
from tests.support.outcome import outcome
from tests.support.stores import caller
from tests.unit.dataset.test_recipes import STRIP, WORDS, plan
from tests.unit.dataset.world import Bench, Sub, World
from tests.unit.dataset_engine.make import version_of

HOUR = 3600
PAGE = {"text": "<html><body><p>A page that says forbidden things about somebody.</p></body></html>", "format": "html"}


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was just published may go: here nobody is about to store an address."""
    monkeypatch.setattr("libs.common.store.storage.ArtifactStore.remove.__defaults__", (0.0,))


def deleted(world: World, dataset: Dataset) -> Dataset:
    found = world.service.get_dataset(caller(), id=dataset.id)
    made: Dataset = world.service.delete_dataset(replace(caller(), expected_version=found.version), id=dataset.id)
    return made


def filled(bench: Bench, dataset: Dataset, name: str = "a.jsonl") -> tuple[DatasetVersion, DatasetVersion]:
    """A version and what a cleaning made of it, which dropped a record."""
    bench.put(name, [PAGE, {"text": f"plain words of {name}"}])
    facts = {"dataset_id": dataset.id}
    (old,) = bench.outputs(bench.done(Sub.File_Import, {"paths": [name]}, **facts))
    rules = [{"rule": "Strip_Html"}, {"rule": "Remove_Noncompliant", "options": {"words": ["forbidden"]}}]
    (new,) = bench.outputs(bench.done(Sub.Custom_Cleaning, {"rules": rules}, old.id, **facts))
    return old, new


def stored(world: World, dataset: Dataset) -> DatasetVersion:
    """A version that no task of a test made."""
    folder = version_of([PAGE, {"text": "plain words"}], world.folder / f"stored-{world.db.ids.next()}")
    return world.version("cc", dataset, uri=world.artifacts.publish(folder)[0], records=2)


def purged(world: World, dataset: Dataset, cause: str = "why", user: int = 1) -> DatasetPurge:
    """The proof, once the worker has come round."""
    made = world.service.purge_dataset(replace(caller(), user_id=user), id=dataset.id, cause=cause)
    assert (made.status, made.proof) == (PurgeStatus.PURGING, "")
    assert world.service.sweep_deleted() == 1
    found: DatasetPurge = world.service.get_purge(caller(), id=made.id)
    return found


def audited(world: World) -> list[Violation]:
    """What the auditor finds wrong."""
    report = Report()
    check(Books("dataset", world.db.url, METADATA), report, Patience(world.clock.now_ms()))
    assert report.looked["LINEAGE", "purges"]
    return report.violations


def gone(world: World, uri: str) -> bool:
    return world.artifacts.size(uri) is None


def refusal(call: Any) -> Reason:
    found = outcome(call)
    assert isinstance(found, PlatformError), found
    return found.reason


def test_a_delete_is_taken_back(world: World) -> None:
    service, dataset = world.service, world.dataset("mine")
    version = world.version("bb", dataset)
    deleted(world, dataset)
    (listed,) = service.list_deleted_datasets(caller(), page=world_page()).items
    assert (listed.dataset.id, listed.purge_time - listed.delete_time) == (dataset.id, service.undo)
    assert refusal(lambda: service.get_dataset(caller(), id=dataset.id)) == Reason.NOT_FOUND
    assert world.get(version.id).id == version.id, "what was made of it can still read it"
    assert refusal(lambda: service.restore_dataset(caller(space=2), id=dataset.id)) == Reason.NOT_FOUND
    back = service.restore_dataset(caller(), id=dataset.id)
    assert (back.id, back.name, back.version) == (dataset.id, "mine", 2)
    assert service.find_dataset(caller(), name="mine").id == dataset.id
    assert refusal(lambda: service.restore_dataset(caller(), id=dataset.id)) == Reason.NOT_FOUND


def test_not_under_a_name_that_was_given_again_and_not_too_late(world: World) -> None:
    service, dataset = world.service, world.dataset("mine")
    deleted(world, dataset)
    other = world.dataset("mine")
    assert refusal(lambda: service.restore_dataset(caller(), id=dataset.id)) == Reason.ALREADY_EXISTS
    deleted(world, other)
    world.clock.advance(721 * HOUR)
    assert refusal(lambda: service.restore_dataset(caller(), id=dataset.id)) == Reason.NOT_FOUND


def test_a_recipe_comes_back_too(world: World) -> None:
    made = world.service.create_recipe(caller(), name="r", plan=plan(STRIP))
    world.service.delete_recipe(replace(caller(), expected_version=0), id=made.id)
    assert world.service.restore_recipe(caller(), id=made.id).plan == made.plan
    assert world.service.find_recipe(caller(), name="r").id == made.id


def test_a_purge_leaves_the_proof_and_nothing_else(bench: Bench) -> None:
    world, service, dataset = bench.world, bench.world.service, bench.world.dataset("mine")
    versions = filled(bench, dataset)
    tasks = list(service.list_tasks(caller(), page=world_page(), dataset_id=dataset.id).items)
    uris = {value for task in tasks for name, value in task.result.items() if name.endswith("_uri")} | {each.uri for each in versions}
    assert len(uris) > 3
    assert service.get_task_log(caller(), task_id=tasks[0].id).text
    deleted(world, dataset)
    purge = purged(world, dataset, "a person asked for it", 7)
    assert (purge.status, purge.user_id, purge.cause, purge.name) == (PurgeStatus.DONE, 7, "a person asked for it", "mine")
    assert {f"artifact://{each.digest}" for each in purge.artifacts} == uris
    assert all(each.removed and each.bytes for each in purge.artifacts)
    assert [(each.number, each.content_hash, each.records) for each in purge.versions] == [
        (version.number, version.content_hash, version.records) for version in versions
    ]
    assert all(gone(world, uri) for uri in uris)
    for version in versions:
        assert refusal(lambda id=version.id: world.get(id)) == Reason.PURGED
        assert refusal(lambda id=version.id: service.prepare_export(caller(), dataset_version_id=id, format="csv")) == Reason.PURGED
    for task in tasks:
        assert not [name for name in world.now(task).result if name.endswith("_uri")]
        assert service.get_task_log(caller(), task_id=task.id).text == ""
    assert refusal(lambda: service.restore_dataset(caller(), id=dataset.id)) == Reason.PURGED
    assert service.list_deleted_datasets(caller(), page=world_page()).items == []
    assert service.get_purge(caller(), id=purge.id) == purge
    assert audited(world) == []


def test_the_proof_is_over_every_fact(bench: Bench) -> None:
    dataset = bench.world.dataset("mine")
    stored(bench.world, dataset)
    deleted(bench.world, dataset)
    purge = purged(bench.world, dataset)
    assert purge.proof == proof_of(purge)
    for other in (
        replace(purge, cause="other"),
        replace(purge, user_id=99),
        replace(purge, delete_time=1),
        replace(purge, versions=purge.versions[1:]),
        replace(purge, artifacts=[replace(purge.artifacts[0], removed=False), *purge.artifacts[1:]]),
    ):
        assert proof_of(other) != purge.proof


def test_the_auditor_sees_a_proof_of_other_facts_and_an_address_that_is_left(bench: Bench) -> None:
    world, dataset = bench.world, bench.world.dataset("mine")
    old = stored(world, dataset)
    deleted(world, dataset)
    purge = purged(world, dataset)
    with world.db.begin(caller()) as tx:
        tx.conn.execute(METADATA.tables["dataset_purge"].update(), {"cause": "another"})
        tx.conn.execute(
            METADATA.tables["dataset_version"].update().where(METADATA.tables["dataset_version"].c.id == old.id), {"uri": old.uri}
        )
    found = [(each.kind, each.id, each.fact) for each in audited(world)]
    assert ("dataset_purge", str(purge.id), "its proof is of other facts") in found
    assert ("dataset_purge", str(purge.id), f"its version {old.id} still has an address") in found


def test_what_another_dataset_has_too_stays_its_own(bench: Bench) -> None:
    world, mine, theirs = bench.world, bench.world.dataset("mine"), bench.world.dataset("theirs")
    old, _ = filled(bench, mine)
    task = bench.done(Sub.File_Import, {"paths": ["a.jsonl"]}, dataset_id=theirs.id)
    (same,) = bench.outputs(task)
    assert same.uri == old.uri
    deleted(world, mine)
    purge = purged(world, mine)
    assert purge.status == PurgeStatus.DONE
    kept = [each for each in purge.artifacts if each.kept_for]
    assert {f"artifact://{each.digest}" for each in kept} == {same.uri, task.result["dropped_uri"]}
    assert not any(each.removed for each in kept)
    assert world.service.read_records(caller(), dataset_version_id=same.id, page=world_page()).items
    assert refusal(lambda: world.get(old.id)) == Reason.PURGED


def test_kept_steps_go_with_it(bench: Bench) -> None:
    world, dataset = bench.world, bench.world.dataset("mine")
    old = stored(world, dataset)
    world.service.rules = replace(world.service.rules, preview=False)
    made = world.service.create_recipe(caller(), name="r", plan=plan(STRIP, WORDS))
    task = bench.attempt(world.service.run_recipe(caller(), recipe_id=made.id, dataset_version_id=old.id).dataset_task)
    assert task.status.name == "SUCCEEDED", task.error
    with world.db.read() as conn:
        kept = world.service.store.addresses_of(conn, dataset.id)
    deleted(world, dataset)
    purge = purged(world, dataset)
    assert {f"artifact://{each.digest}" for each in purge.artifacts} == kept
    assert all(gone(world, uri) for uri in kept)
    with world.db.read() as conn:
        assert world.service.store.step_outputs.all_by(conn, caller(), 9, dataset_id=dataset.id) == []


def test_time_does_it_too_and_a_kill_in_between_is_gone_on_from(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    world, service, dataset = bench.world, bench.world.service, bench.world.dataset("mine")
    old = stored(world, dataset)
    deleted(world, dataset)
    assert service.sweep_deleted() == 0
    world.clock.advance(721 * HOUR)
    monkeypatch.setattr(type(service), "remove_unspoken", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):  # the worker dies after it has decided
        service.sweep_deleted()
    assert not gone(world, old.uri)
    assert refusal(lambda: world.get(old.id)) == Reason.PURGED
    monkeypatch.undo()
    monkeypatch.setattr("libs.common.store.storage.ArtifactStore.remove.__defaults__", (0.0,))
    assert service.sweep_deleted() == 1
    (purge,) = service.list_purges(caller(), page=world_page()).items
    assert (purge.status, purge.user_id, purge.cause) == (PurgeStatus.DONE, 0, "the time to undo was over")
    assert gone(world, old.uri)
    assert service.sweep_deleted() == 0


def test_what_was_just_published_goes_in_a_later_round(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("libs.common.store.storage.ArtifactStore.remove.__defaults__", (3600.0,))
    world, dataset = bench.world, bench.world.dataset("mine")
    old = stored(world, dataset)
    deleted(world, dataset)
    purge = world.service.purge_dataset(caller(), id=dataset.id, cause="why")
    assert world.service.sweep_deleted() == 0
    assert world.service.get_purge(caller(), id=purge.id).status == PurgeStatus.PURGING
    assert refusal(lambda: world.get(old.id)) == Reason.PURGED
    monkeypatch.setattr("libs.common.store.storage.ArtifactStore.remove.__defaults__", (0.0,))
    assert world.service.sweep_deleted() == 0, "once a minute"
    world.clock.advance(61)
    assert world.service.sweep_deleted() == 1
    assert gone(world, old.uri)


def test_not_while_a_task_works_on_it(bench: Bench) -> None:
    world, dataset = bench.world, bench.world.dataset("mine")
    world.task(dataset_id=dataset.id)
    deleted(world, dataset)
    assert refusal(lambda: world.service.purge_dataset(caller(), id=dataset.id, cause="why")) == Reason.BUSY
    world.clock.advance(721 * HOUR)
    assert world.service.sweep_deleted() == 0
    with world.db.read() as conn:
        assert world.service.store.open_purges(conn, 9) == []


def test_only_what_is_deleted_can_be_purged_and_secret_proofs_are_secret(world: World) -> None:
    service = world.service
    assert refusal(lambda: service.purge_dataset(caller(), id=world.demo.id, cause="why")) == Reason.NOT_FOUND
    hidden = world.dataset("hidden", secrecy=SecrecyLevel.SECRET)
    deleted(world, hidden)
    purge = service.purge_dataset(caller(), id=hidden.id, cause="why")
    low = replace(caller(), clearance=0)
    assert refusal(lambda: service.get_purge(low, id=purge.id)) == Reason.NOT_FOUND
    assert service.list_purges(low, page=world_page()).items == []


def world_page() -> Any:
    from libs.common.store.repository import PageRequest

    return PageRequest(None, 50)
