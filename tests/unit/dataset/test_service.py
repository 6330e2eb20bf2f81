"""The verbs of the dataset domain on a real store: what they store, what they refuse, and that they happen once."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
import pytest

import idl
from idl.enums import InspectionVerdict
from libs.common.errors import PlatformError, Reason
from libs.common.rpc.door import inline
from libs.common.rpc.wire import domain_name, required_fields
from libs.common.store.repository import PageRequest
from libs.common.work.lifecycle import snapshot_hash
from libs.common.work.task import MACHINE, TaskReason, TaskStatus
from services.dataset.domain.dataset import DatasetType, SecrecyLevel
from services.dataset.domain.task import DatasetTask, DatasetTaskType, check_type
from services.dataset.engine import reading, recipe
from services.dataset.engine.kinds import TASKS
from services.dataset.engine.operators import OPERATORS
from services.dataset.service import DatasetService
from tests.support.outcome import at_once, outcome
from tests.support.stores import caller
from tests.support.verbs import own
from tests.unit.dataset import annotation, calls
from tests.unit.dataset.test_exports import pictured
from tests.unit.dataset.world import IMPORT_CONFIG, Sub, World, page_of, pair, type_of


def _refused(call: Callable[[], Any]) -> PlatformError:
    found = outcome(call)
    assert isinstance(found, PlatformError), found
    return found


def _call(world: World, method: str) -> dict[str, Any]:
    """A legal call of it; of people's work by itself, which is a task that a worker laid out."""
    return (annotation.facts(world) if method in annotation.VERBS else _facts(world))[method]


def _facts(world: World) -> dict[str, dict[str, Any]]:
    """A legal call of every other RPC, on things that are there."""
    shown = _picture(world)
    version, task = world.filled([pair(1)]), world.task()
    return {
        "CreateDataset": {"name": "new", "type": 2},
        "GetDataset": {"id": world.demo.id},
        "FindDataset": {"name": "demo"},
        "ListDatasets": {},
        "UpdateDataset": {"id": world.demo.id, "desc": "d", "expected_version": 0},
        "DeleteDataset": {"id": world.demo.id, "expected_version": 0},
        "CreateTask": {"dataset_id": world.demo.id, "type": 5000, "sub_type": 5001, "name": "n", "input_version_id": version.id},
        "GetTask": {"id": task.id},
        "ListTasks": {},
        "CancelTask": {"id": task.id},
        "GetVersion": {"id": version.id},
        "FindVersion": {"dataset_id": world.demo.id, "reference": "latest"},
        "ListVersions": {"dataset_id": world.demo.id},
        "ReadRecords": {"dataset_version_id": version.id},
        "ListDropped": {"task_id": task.id},
        "GetTaskLog": {"task_id": task.id},
        **_facts_of_uploads(world),
        **calls.of_recipes(world, version.id),
        **calls.of_deletion(world),
        "FetchBlob": shown,
        "PreviewImport": {"config_json": json.dumps({"paths": [_put(world)]})},
        "PreviewCleaning": {"dataset_version_id": version.id, "config_json": json.dumps({"rules": [{"rule": "Deduplicate"}]})},
        "SummarizeVersion": {"dataset_version_id": version.id},
        "DiffVersions": {"old_version_id": version.id, "new_version_id": version.id},
        "PrepareExport": {"dataset_version_id": version.id, "format": "jsonl"},
        "FetchExport": {"dataset_version_id": version.id, "format": "jsonl"},
        "ListVersionChanges": {"old_version_id": version.id, "new_version_id": version.id},
    }


def _picture(world: World) -> dict[str, Any]:
    version, digest = pictured(world)
    return {"dataset_version_id": version.id, "digest": digest}


def _facts_of_uploads(world: World) -> dict[str, dict[str, Any]]:
    ids = [world.uploading(b"four").id for _ in range(3)]
    world.service.write_upload(caller(), id=ids[1], offset=0, data=b"four")
    return {
        "CreateUpload": {"name": "rows.csv", "bytes": 4},
        "WriteUpload": {"id": ids[0], "offset": 0, "data": b"fo"},
        "FinishUpload": {"id": ids[1]},
        "DiscardUpload": {"id": ids[2]},
        "GetUpload": {"id": ids[0]},
        "ListUploads": {},
    }


def _put(world: World) -> str:
    folder = world.service.imports / "1"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "rows.csv").write_text("text\none\n")
    return "rows.csv"


VERBS = (
    *annotation.VERBS,
    *("PrepareExport", "FetchExport", "FetchBlob"),
    *("CreateRecipe", "GetRecipe", "FindRecipe", "ListRecipes", "ListRecipeRevisions", "UpdateRecipe", "DeleteRecipe"),
    *("PreviewRecipe", "RunRecipe", "RestoreRecipe"),
    *("RestoreDataset", "PurgeDataset", "ListDeletedDatasets", "GetPurge", "ListPurges"),
    *("CreateDataset", "GetDataset", "FindDataset", "ListDatasets", "UpdateDataset", "DeleteDataset", "CreateTask", "GetTask", "ListTasks"),
    *("CancelTask", "GetVersion", "FindVersion", "ListVersions", "ReadRecords", "ListDropped", "GetTaskLog"),
    *("CreateUpload", "WriteUpload", "FinishUpload", "DiscardUpload", "GetUpload", "ListUploads"),
    *("PreviewImport", "PreviewCleaning", "SummarizeVersion", "DiffVersions", "ListVersionChanges"),
)
CHANGES = ("CreateDataset", "UpdateDataset", "DeleteDataset", "CreateTask", "CancelTask")
CHANGES += ("CreateRecipe", "UpdateRecipe", "DeleteRecipe", "RunRecipe", "RestoreRecipe", "RestoreDataset", "PurgeDataset")
CHANGES += ("CreateUpload", "WriteUpload", "FinishUpload", "DiscardUpload", *annotation.CHANGES)
BEGINS = ("CreateTask", "RunRecipe", "StartAnnotation")


def _called(world: World, reference: str, space: int = 1) -> int:
    found: Any = world.service.find_version(caller(space=space), dataset_id=world.demo.id, reference=reference)
    return int(found.id)


def test_latest_is_what_the_last_step_made_whatever_its_number(world: World) -> None:
    """A step that was done before answers with the version of then; one that was cancelled makes none; of two parts neither is meant."""
    assert _refused(lambda: _called(world, "latest")).reason == Reason.NOT_FOUND
    first, second = world.version("aa"), world.version("bb")
    assert (_called(world, "latest"), _called(world, "1"), _called(world, "2")) == (second.id, first.id, second.id)
    world.clock.advance(1)
    assert world.version("aa").id == first.id == _called(world, "latest")  # made once more: number 1 is the latest
    world.clock.advance(1)
    cancelled = world.claimed()
    world.service.cancel_task(caller(), id=cancelled.id)
    assert _called(world, "latest") == first.id

    world.clock.advance(1)
    split = world.claimed(sub_type=Sub.Train_Test_Split, config={}, input=first.id)
    parts = [world.output(split, content, part=part) for content, part in (("cc", "train"), ("dd", "test"))]
    train, test = world.service.finish(split, parts, {}).output_version_ids
    assert (_called(world, "train"), _called(world, "test")) == (train, test)
    refused = _refused(lambda: _called(world, "latest"))
    assert (refused.code, refused.field) == (400, "reference")
    assert refused.limit is not None
    assert refused.limit.startswith("train or test")

    world.clock.advance(1)
    cleaned = world.claimed(sub_type=Sub.Strip_Html, config={}, input=test)
    (newer,) = world.service.finish(cleaned, [world.output(cleaned, "ee", part="test")], {}).output_version_ids
    assert (_called(world, "latest"), _called(world, "test"), _called(world, "train")) == (newer, newer, train)


@pytest.mark.parametrize(
    ("reference", "reason"),
    [("newest", Reason.UNKNOWN_ENUM), ("whole", Reason.UNKNOWN_ENUM), ("-1", Reason.UNKNOWN_ENUM), ("٣", Reason.UNKNOWN_ENUM)]
    + [(number, Reason.NOT_FOUND) for number in ("0", "7", str(2**31), str(2**64), "train", "test")],
)
def test_a_reference_that_names_nothing_is_refused(world: World, reference: str, reason: Reason) -> None:
    world.version("aa")
    assert _refused(lambda: _called(world, reference)).reason == reason
    assert _refused(lambda: _called(world, "latest", space=2)).reason == Reason.NOT_FOUND


def test_the_enumeration_is_complete(world: World) -> None:
    verbs = own("dataset", world.service)
    assert set(verbs) == set(VERBS) == set(annotation.facts(world)) | set(_facts(world))  # a worker is waited for first
    assert {name for name, verb in verbs.items() if hasattr(verb, "is_mutation")} == set(CHANGES)
    assert {"GetDataset", "FindDataset", "GetTask", "GetVersion"} == inline("dataset")


def test_it_starts_on_a_light_machine() -> None:
    heavy = "{'torch', 'tokenizers', 'selectolax', 'pyarrow', 'rensa', 'numpy', 'safetensors', 'xxhash', 'ahocorasick_rs'}"
    code = f"import sys, services.dataset.service, services.dataset.worker; print({heavy} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"


# --- datasets


def test_a_dataset_is_stored_complete(world: World) -> None:
    facts: dict[str, Any] = {"desc": "说明", "file_url": "https://example.org/a", "source": "pydoc"}
    made = world.dataset("docs", secrecy=SecrecyLevel.SECRET, **facts)
    answer = world.door.call(caller(), "GetDataset", id=made.id).dataset
    assert (answer.name, answer.type, answer.secrecy, answer.desc, answer.file_url, answer.source) == ("docs", 2, 30, *facts.values())
    assert (answer.create_time, answer.project_space_id, answer.version) == (world.clock.now_ms(), 1, 0)
    assert (world.demo.secrecy, world.demo.type) == (SecrecyLevel.PUBLIC, DatasetType.Text)
    assert world.service.find_dataset(caller(), name="docs") == made


def test_a_name_is_taken_once_per_space_until_it_is_deleted(world: World) -> None:
    error = _refused(lambda: world.dataset("demo"))
    assert (error.code, error.reason, error.field) == (409, Reason.ALREADY_EXISTS, "name")
    assert world.dataset("demo", space=2).id != world.demo.id
    world.service.delete_dataset(caller(expected=0), id=world.demo.id)
    assert world.dataset("demo").id != world.demo.id


def test_a_name_is_taken_also_by_what_one_may_not_see(world: World) -> None:
    """Of two with one name the owner's ``find`` gave the newer one: whoever saw less could put their own data under a secret name."""
    secret = world.dataset("payroll", secrecy=SecrecyLevel.SECRET)
    developer = replace(caller(2), clearance=int(SecrecyLevel.INTERNAL))
    asked = [
        lambda: world.service.create_dataset(developer, name="payroll", type=DatasetType.Text),
        lambda: world.service.update_dataset(replace(developer, expected_version=0), id=world.demo.id, name="payroll"),
    ]
    facts = [(error.code, error.reason, error.details) for error in map(_refused, asked)]
    assert facts == [(409, Reason.ALREADY_EXISTS, {"kind": "dataset"})] * 2, "nothing is said but that the name is taken"
    assert world.service.find_dataset(caller(), name="payroll") == secret
    assert _refused(lambda: world.service.find_dataset(developer, name="payroll")).code == 404
    world.service.delete_dataset(caller(expected=0), id=secret.id)
    assert world.service.create_dataset(developer, name="payroll", type=DatasetType.Text).id


def test_of_two_that_were_made_under_one_name_before_the_older_one_is_found(world: World) -> None:
    first = world.dataset("first")
    second = world.dataset("second")
    with world.service.db.begin(caller()) as tx:  # as an older release stored it
        tx.conn.execute(
            world.service.store.datasets.table.update().where(tx.database.table("dataset").c.id == second.id).values(name="first")
        )
    assert world.service.find_dataset(caller(), name="first").id == first.id


def test_datasets_are_listed_newest_first_by_prefix(world: World) -> None:
    made = [world.dataset(name).id for name in ("a%1", "a_2", "ab3", "b")]

    def listed(prefix: str) -> list[int]:
        return [each.id for page in world.pages("ListDatasets", "datasets", 2, name_prefix=prefix) for each in page]

    assert listed("") == [*made[::-1], world.demo.id]
    assert listed("a") == made[2::-1]
    assert listed("a%") == made[:1]
    assert listed("a_") == made[1:2]
    assert listed("none") == []


def test_an_update_changes_what_is_sent(world: World) -> None:
    changed = world.service.update_dataset(caller(expected=0), id=world.demo.id, name="other", source="s")
    assert changed == replace(world.demo, name="other", source="s", version=1)
    assert world.service.update_dataset(caller(expected=1), id=world.demo.id, name="other", desc="d").desc == "d"
    assert world.service.find_dataset(caller(), name="other").version == 2
    assert _refused(lambda: world.service.find_dataset(caller(), name="demo")).code == 404


@pytest.mark.parametrize("verb", ["update_dataset", "delete_dataset"])
@pytest.mark.parametrize(("expected", "code", "reason"), [(None, 428, Reason.MISSING_VERSION), (1, 412, Reason.STALE_VERSION)])
def test_a_change_names_the_version_it_was_decided_on(world: World, verb: str, expected: int | None, code: int, reason: Reason) -> None:
    error = _refused(lambda: getattr(world.service, verb)(caller(expected=expected), id=world.demo.id))
    assert (error.code, error.reason, error.field) == (code, reason, "expected_version")
    assert world.service.get_dataset(caller(), id=world.demo.id) == world.demo


def test_a_name_that_is_taken_is_no_new_name(world: World) -> None:
    world.dataset("taken")
    error = _refused(lambda: world.service.update_dataset(caller(expected=0), id=world.demo.id, name="taken"))
    assert (error.code, error.reason) == (409, Reason.ALREADY_EXISTS)


def test_versions_of_a_deleted_dataset_stay_readable(world: World) -> None:
    version = world.filled([pair(1)])
    world.service.delete_dataset(caller(expected=0), id=world.demo.id)
    assert world.get(version.id) == version
    assert len(world.service.read_records(caller(), dataset_version_id=version.id, page=PageRequest()).items) == 1
    for call in (
        lambda: world.service.get_dataset(caller(), id=world.demo.id),
        lambda: world.service.list_versions(caller(), dataset_id=world.demo.id, page=PageRequest()),
        lambda: world.task(),
        lambda: world.service.delete_dataset(caller(expected=1), id=world.demo.id),
    ):
        assert _refused(call).code == 404


# --- tasks: what may be asked for


@pytest.mark.parametrize("type", list(DatasetTaskType))
@pytest.mark.parametrize("sub_type", list(Sub))
def test_a_sub_type_belongs_to_one_type(type: DatasetTaskType, sub_type: Sub) -> None:
    error = outcome(lambda: check_type(type, sub_type))
    belongs = idl.load("dataset").DatasetTaskType._VALUES_TO_NAMES[int(sub_type) // 1000 * 1000] == type.name
    assert (error is None) == belongs
    if isinstance(error, PlatformError):
        assert (error.code, error.field, error.details["value"]) == (400, "sub_type", sub_type.name)


def test_a_wrong_pair_is_refused_at_the_door(world: World) -> None:
    facts = {"dataset_id": world.demo.id, "name": "n", "config_json": json.dumps(IMPORT_CONFIG)}
    error = _refused(lambda: world.door.call(caller(), "CreateTask", type=1000, sub_type=6001, **facts))
    assert (error.code, error.field) == (400, "sub_type")
    assert _refused(lambda: world.door.call(caller(), "CreateTask", type=1000, sub_type=1999, **facts)).reason == Reason.UNKNOWN_ENUM
    assert world.service.list_tasks(caller(), page=PageRequest()).items == []


@pytest.mark.parametrize("sub_type", [sub for sub in Sub if sub.name not in TASKS])
def test_what_does_not_run_here_is_refused(world: World, sub_type: Sub) -> None:
    error = _refused(lambda: world.create(sub_type, input=world.version().id))
    assert (error.code, error.reason, error.field) == (400, Reason.UNKNOWN_ENUM, "sub_type")


CONFIGS: dict[str, tuple[Any, dict[str, Any]]] = {
    "Strip_Html": (Sub.Strip_Html, {"options": {"apply_to": "all"}}),
    "Remove_Noncompliant": (Sub.Remove_Noncompliant, {"options": {"words": ["词"]}}),
    "Remove_Low_Quality": (Sub.Remove_Low_Quality, {}),
    "Deduplicate": (Sub.Deduplicate, {"options": {"near": False}}),
    "Custom_Cleaning": (Sub.Custom_Cleaning, {"rules": [{"rule": "Strip_Html"}, {"rule": "Deduplicate", "options": {"threshold": 0.9}}]}),
    "python_docs": (Sub.Format_Conversion, {"converter": "python_docs", "options": {"languages": ["en"]}}),
    "instruction_format": (Sub.Format_Conversion, {"converter": "instruction_format", "options": {"target": "sharegpt"}}),
    "Text_Augmentation": (Sub.Text_Augmentation, {"augmentation": "Misspell", "options": {"copies": 2}}),
    "Image_Augmentation": (Sub.Image_Augmentation, {"augmentation": "Rotate_Image", "options": {"degrees": 5}}),
    "Audio_Augmentation": (Sub.Audio_Augmentation, {"augmentation": "Pitch_Audio", "options": {"semitones": 1}}),
    "Train_Test_Split": (Sub.Train_Test_Split, {"options": {"group_by": "subject", "held_out": ["a"]}}),
    "File_Import": (Sub.File_Import, {"paths": ["a.jsonl", "b/"]}),
    "Link_Import": (Sub.Link_Import, {"links": [{"url": "https://example.org/rows.jsonl"}], "options": {"format": "jsonl"}}),
    "Media_Import": (Sub.Media_Import, {"paths": ["pictures"], "options": {"labels": "none"}}),
    "Pydoc_Import": (Sub.Pydoc_Import, {"options": {"modules": ["json"]}}),
}


@pytest.mark.parametrize("name", list(CONFIGS))
def test_a_legal_config_is_frozen_with_all_its_options(world: World, name: str) -> None:
    sub_type, config = CONFIGS[name]
    version = None if TASKS[sub_type.name].imports else world.version()
    task = world.task(sub_type, config, version.id if version else 0)
    stored = world.now(task)
    assert stored.snapshot["dataset_id"] == world.demo.id
    assert stored.snapshot["input"] == (version.content_hash if version else None)
    assert stored.snapshot_hash == snapshot_hash(stored.snapshot)
    frozen = stored.snapshot["recipe"]
    assert (frozen["version"], frozen["interpreter"]) == (recipe.VERSION, sys.version if name == "Pydoc_Import" else "")
    assert recipe.read(sub_type.name, config).to_json() == recipe.read(sub_type.name, _as_config(sub_type, frozen["arguments"])).to_json()
    assert (stored.status, stored.max_attempts, stored.type, stored.sub_type) == (TaskStatus.PENDING, 3, type_of(sub_type), sub_type)


def _as_config(sub_type: Sub, arguments: dict[str, Any]) -> dict[str, Any]:
    """The config that spells out what a snapshot holds."""
    return {"options": arguments["rules"][0]["options"]} if sub_type.name in OPERATORS else arguments


def test_every_runnable_sub_type_has_a_legal_config() -> None:
    assert {sub_type.name for sub_type, _ in CONFIGS.values()} == set(TASKS) - {"Recipe"}, "its plans have tests of their own"


@pytest.mark.parametrize("name", list(CONFIGS))
def test_unknown_keys_are_named_with_their_place(world: World, name: str) -> None:
    sub_type, config = CONFIGS[name]
    input = 0 if TASKS[sub_type.name].imports else world.version().id
    before = len(world.service.list_tasks(caller(), page=PageRequest()).items)
    wrong = {"config.nonsense": {**config, "nonsense": 1}, "config.options.nonsense": {**config, "options": {"nonsense": 1}}}
    wrong |= {
        "config.options": {**config, "options": []},
        **({"config.paths": {"options": {}}} if name in ("File_Import", "Media_Import") else {}),
    }
    if name == "Custom_Cleaning":
        wrong["config.rules[1].options.nonsense"] = {"rules": [{"rule": "Deduplicate"}, {"rule": "Strip_Html", "options": {"nonsense": 1}}]}
        wrong["config.rules[0].nonsense"] = {"rules": [{"rule": "Deduplicate", "nonsense": 1}]}
    for field, given in wrong.items():
        error = _refused(lambda given=given: world.create(sub_type, given, input))  # type: ignore[misc]
        assert (error.code, error.field) == (400, field)
        assert error.limit
    assert len(world.service.list_tasks(caller(), page=PageRequest()).items) == before


@pytest.mark.parametrize(
    ("sub_type", "config", "reason", "field"),
    [
        (Sub.Deduplicate, {"options": {"threshold": 0.5}}, Reason.TOO_SMALL, "config.options.threshold"),
        (Sub.Deduplicate, {"options": {"near": 1}}, Reason.WRONG_TYPE, "config.options.near"),
        (Sub.Strip_Html, {"options": {"apply_to": "some"}}, Reason.UNKNOWN_ENUM, "config.options.apply_to"),
        (Sub.Custom_Cleaning, {}, Reason.MISSING_FIELD, "config.rules"),
        (Sub.Custom_Cleaning, {"rules": []}, Reason.INVALID_ARGUMENT, "config.rules"),
        (Sub.Custom_Cleaning, {"rules": ["Deduplicate"]}, Reason.WRONG_TYPE, "config.rules[0]"),
        (Sub.Custom_Cleaning, {"rules": [{"rule": "Remove_All"}]}, Reason.UNKNOWN_ENUM, "config.rules[0].rule"),
        (Sub.Custom_Cleaning, {"rules": [{"rule": ["Deduplicate"]}]}, Reason.UNKNOWN_ENUM, "config.rules[0].rule"),
        (Sub.Custom_Cleaning, {"rules": [{"rule": "Deduplicate", "options": []}]}, Reason.WRONG_TYPE, "config.rules[0].options"),
        (
            Sub.Custom_Cleaning,
            {"rules": [{"rule": "Deduplicate"}], "options": {"processes": 0}},
            Reason.TOO_SMALL,
            "config.options.processes",
        ),
        (Sub.Format_Conversion, {}, Reason.MISSING_FIELD, "config.converter"),
        (Sub.Format_Conversion, {"converter": "tarot"}, Reason.UNKNOWN_ENUM, "config.converter"),
        (Sub.Format_Conversion, {"converter": ["python_docs"]}, Reason.UNKNOWN_ENUM, "config.converter"),
        (
            Sub.Format_Conversion,
            {"converter": "python_docs", "options": {"languages": ["tlh"]}},
            Reason.UNKNOWN_ENUM,
            "config.options.languages[0]",
        ),
        (
            Sub.Format_Conversion,
            {"converter": "python_docs", "options": {"templates": ["x"]}},
            Reason.UNKNOWN_ENUM,
            "config.options.templates[0]",
        ),
        (Sub.Train_Test_Split, {"options": {"test_fraction": 1}}, Reason.TOO_LARGE, "config.options.test_fraction"),
        (Sub.Train_Test_Split, {"options": {"group_by": "record", "held_out": ["a"]}}, Reason.INVALID_ARGUMENT, "config.options.held_out"),
        (Sub.File_Import, {"paths": []}, Reason.WRONG_TYPE, "config.paths"),
        (Sub.File_Import, {"paths": "a"}, Reason.WRONG_TYPE, "config.paths"),
        (Sub.File_Import, {"paths": [1]}, Reason.WRONG_TYPE, "config.paths"),
        (Sub.File_Import, {"paths": ["a"] * 1001}, Reason.WRONG_TYPE, "config.paths"),
        (Sub.File_Import, {"paths": ["ok", "../out"]}, Reason.INVALID_PATH, "config.paths[1]"),
        (Sub.File_Import, {"paths": ["/etc/passwd"]}, Reason.INVALID_PATH, "config.paths[0]"),
        (Sub.File_Import, {"paths": ["a"], "options": {"format": "xlsx"}}, Reason.UNKNOWN_ENUM, "config.options.format"),
        (Sub.Pydoc_Import, {"options": {"modules": ["numpy"]}}, Reason.INVALID_ARGUMENT, "config.options.modules[0]"),
        (Sub.Pydoc_Import, {"options": {"modules": ["os;x"]}}, Reason.INVALID_ARGUMENT, "config.options.modules[0]"),
    ],
)
def test_wrong_values_are_named_at_creation(sub_type: Sub, config: dict[str, Any], reason: Reason, field: str) -> None:
    error = _refused(lambda: recipe.read(sub_type.name, config))
    assert (error.code, error.reason, error.field) == (400, reason, field)


def test_inputs_that_do_not_fit_are_refused(world: World) -> None:
    other = world.dataset("other")
    own, foreign, held_back, kept = (
        world.version(),
        world.version("bb", other),
        world.version("cc", part="test"),
        world.version("dd", part="train"),
    )
    for sub_type, config, input, code, reason, field in (
        (Sub.Deduplicate, {}, 0, 400, Reason.MISSING_FIELD, "input_version_id"),
        (Sub.Deduplicate, {}, foreign.id, 400, Reason.INVALID_ARGUMENT, "input_version_id"),
        (Sub.Deduplicate, {}, 4242, 404, Reason.NOT_FOUND, None),
        (Sub.File_Import, IMPORT_CONFIG, own.id, 400, Reason.INVALID_ARGUMENT, "input_version_id"),
        (Sub.Pydoc_Import, {}, own.id, 400, Reason.INVALID_ARGUMENT, "input_version_id"),
        (Sub.Train_Test_Split, {}, held_back.id, 400, Reason.INVALID_ARGUMENT, "input_version_id"),
    ):
        error = _refused(lambda sub_type=sub_type, config=config, input=input: world.create(sub_type, config, input))  # type: ignore[misc]
        assert (error.code, error.reason, error.field) == (code, reason, field)
    assert world.task(Sub.Deduplicate, {}, held_back.id).input_version_id == held_back.id
    assert world.task(Sub.Train_Test_Split, {}, kept.id).sub_type == Sub.Train_Test_Split


# --- the same work


def _succeed(world: World, task: DatasetTask, content: str = "ee") -> DatasetTask:
    held = world.service.lifecycle.claim("w")
    assert held is not None
    assert held.id == task.id
    return world.service.finish(held, [world.output(held, content)], {})


def test_the_same_work_is_recognised_when_asked(world: World) -> None:
    source = world.version()
    done = _succeed(world, world.task(Sub.Deduplicate, {}, source.id))
    same: list[Any] = [{}, {"options": {}}, {"options": {"threshold": 0.8}}, {"options": {"near": True, "threshold": 0.8}}, None]
    for config in same:
        again = world.create(Sub.Deduplicate, config, source.id, reuse=True, name="other name")
        assert (again.dataset_task, again.reused) == (done, True)
    assert not world.create(Sub.Deduplicate, {}, source.id).reused


def test_other_work_is_not_recognised(world: World) -> None:
    other = world.dataset("other")
    source, changed, same_content = world.version(), world.version("bb"), world.version("aa", other)
    _succeed(world, world.task(Sub.Deduplicate, {}, source.id))
    assert not world.create(Sub.Deduplicate, {"options": {"threshold": 0.9}}, source.id, reuse=True).reused
    assert not world.create(Sub.Deduplicate, {}, changed.id, reuse=True).reused
    assert not world.create(Sub.Strip_Html, {}, source.id, reuse=True).reused
    assert not world.create(Sub.Deduplicate, {}, same_content.id, reuse=True, dataset_id=other.id).reused


def test_how_many_processes_worked_is_not_what_was_done(world: World) -> None:
    source = world.version()
    rules = {"rules": [{"rule": "Deduplicate"}]}
    done = _succeed(world, world.task(Sub.Custom_Cleaning, rules, source.id))
    assert done.snapshot_hash == snapshot_hash(done.snapshot)  # as it was before processes stopped counting: old tasks are still known
    again = world.create(Sub.Custom_Cleaning, {**rules, "options": {"processes": 4}}, source.id, reuse=True)
    assert (again.dataset_task, again.reused) == (done, True)
    fresh = world.create(Sub.Custom_Cleaning, {**rules, "options": {"processes": 4}}, source.id).dataset_task
    assert fresh.snapshot["recipe"]["arguments"]["options"]["processes"] == 4
    assert fresh.snapshot_hash == done.snapshot_hash


def test_a_new_engine_version_is_other_work(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    source = world.version()
    _succeed(world, world.task(Sub.Deduplicate, {}, source.id))
    monkeypatch.setattr(recipe, "VERSION", recipe.VERSION + 1)
    assert not world.create(Sub.Deduplicate, {}, source.id, reuse=True).reused


def test_a_file_import_is_never_recognised_a_pydoc_import_is(world: World) -> None:
    _succeed(world, world.task())
    assert not world.create(Sub.File_Import, IMPORT_CONFIG, reuse=True).reused
    world.service.cancel_task(caller(), id=world.service.list_tasks(caller(), page=PageRequest()).items[0].id)
    _succeed(world, world.task(Sub.Pydoc_Import, {"options": {"modules": ["json"]}}))
    assert world.create(Sub.Pydoc_Import, {"options": {"modules": ["json"]}}, reuse=True).reused
    assert not world.create(Sub.Pydoc_Import, {"options": {"modules": ["math"]}}, reuse=True).reused


@pytest.mark.parametrize("end", ["waits", "runs", "failed"])
def test_only_finished_work_is_reused(world: World, end: str) -> None:
    source = world.version()
    world.task(Sub.Deduplicate, {}, source.id)
    if end != "waits":
        held = world.service.lifecycle.claim("w")
        assert held is not None
        if end == "failed":
            world.service.lifecycle.fail(held, TaskReason.ENGINE_ERROR, {"code": 500}, retry=False)
    assert not world.create(Sub.Deduplicate, {}, source.id, reuse=True).reused


@pytest.mark.parametrize("status", list(TaskStatus))
def test_cancel_follows_the_table_of_states(world: World, status: TaskStatus) -> None:
    task = replace(world.task(), id=world.db.ids.next(), status=status)
    with world.db.begin(caller()) as tx:
        world.service.store.tasks.insert(tx, task)
    if (status, "CANCEL") in MACHINE.table:
        assert world.service.cancel_task(caller(), id=task.id, cause="why").status == TaskStatus.CANCELLED
        return
    error = _refused(lambda: world.service.cancel_task(caller(), id=task.id))
    assert (error.code, error.reason, error.details["state"]) == (409, Reason.ILLEGAL_TRANSITION, status.name)
    assert world.now(task).status == status


def test_tasks_are_listed_by_dataset(world: World) -> None:
    other = world.dataset("other")
    tasks = [world.task(dataset_id=each) for each in (world.demo.id, other.id, world.demo.id)]

    def listed(**where: int) -> list[int]:
        return [task.id for page in world.pages("ListTasks", "dataset_tasks", 1, **where) for task in page]

    assert listed() == [task.id for task in tasks[::-1]]
    assert listed(dataset_id=world.demo.id) == [tasks[2].id, tasks[0].id]
    assert listed(dataset_id=1) == []


# --- finish: versions


def test_a_version_is_stored_with_its_ledger(world: World) -> None:
    task = world.claimed()
    ledger = {"in": 10, "out": 7, "dropped": {"Deduplicate": 2, "Strip_Html": 1}}
    done = world.service.finish(task, [world.output(task, ledger=ledger, secrecy=SecrecyLevel.SECRET)], {"records": 7})
    assert (done.status, done.result) == (TaskStatus.SUCCEEDED, {"records": 7})
    answer = world.door.call(caller(), "GetVersion", id=done.output_version_ids[0]).dataset_version
    assert json.loads(answer.ledger_json) == ledger
    assert (answer.number, answer.task_id, answer.secrecy, answer.part, answer.kind) == (1, task.id, 30, "whole", "question_answer")
    assert (answer.records, answer.bytes, answer.parent_version_id) == (3, 99, 0)
    assert world.now(task) == done


def test_same_content_parent_and_part_are_the_same_version(world: World) -> None:
    first = world.version()
    assert world.version() == first
    others = [world.version("bb"), world.version(part="train"), world.version(part="test"), world.version(parent_version_id=first.id)]
    elsewhere = world.version(dataset=world.dataset("other"))
    assert [version.number for version in others] == [2, 3, 4, 5]
    assert elsewhere.number == 1
    assert len({first.id, elsewhere.id, *[version.id for version in others]}) == 6
    assert [world.version(part="test"), world.version("bb")] == [others[2], others[0]]
    listed = [version.id for page in world.pages("ListVersions", "dataset_versions", 2, dataset_id=world.demo.id) for version in page]
    assert listed == [*[version.id for version in others[::-1]], first.id]


def test_both_parts_of_a_split_come_together(world: World) -> None:
    task = world.claimed()
    done = world.service.finish(task, [world.output(task, "aa", part="train"), world.output(task, "bb", part="test")], {})
    assert [(world.get(id).number, world.get(id).part) for id in done.output_version_ids] == [(1, "train"), (2, "test")]


def test_numbers_run_without_gap_under_eight_threads(world: World) -> None:
    """Eight processes' ids at once; every second output is content that another one has too."""
    services = [world.second_service(worker) for worker in range(2, 10)]
    tasks = []
    for _ in services:
        world.clock.advance(0.001)
        tasks.append(world.claimed())
    outputs = [[world.output(task, f"{10 + number}"), world.output(task, f"{50 + number // 2}")] for number, task in enumerate(tasks)]

    def finish(service: DatasetService, number: int) -> Callable[[], DatasetTask]:
        return lambda: service.finish(tasks[number], outputs[number], {})

    found = at_once([finish(service, 7 - number) for number, service in enumerate(services)])
    assert [type(each) for each in found] == [DatasetTask] * 8, found
    versions = world.service.list_versions(caller(), dataset_id=world.demo.id, page=PageRequest(None, 50)).items
    assert [version.number for version in versions] == list(range(12, 0, -1))  # and newest first is highest first
    assert len({version.content_hash for version in versions}) == 12
    for task, given in zip(tasks, outputs, strict=True):
        stored = [world.get(id).content_hash for id in world.now(task).output_version_ids]
        assert stored == [version.content_hash for version in given]
    for service in services:
        service.db.close()


def test_a_worker_that_lost_its_lease_or_was_cancelled_stores_no_version(world: World) -> None:
    lost = world.claimed()
    world.clock.advance(31)
    assert world.service.lifecycle.sweep() == 1
    assert _refused(lambda: world.service.finish(lost, [world.output(lost)], {})).reason == Reason.STALE_EPOCH
    world.service.cancel_task(caller(), id=lost.id)
    cancelled = world.claimed()
    assert world.service.cancel_task(caller(), id=cancelled.id).status == TaskStatus.CANCELLING
    assert _refused(lambda: world.service.finish(cancelled, [world.output(cancelled)], {})).reason == Reason.ILLEGAL_TRANSITION
    assert world.service.list_versions(caller(), dataset_id=world.demo.id, page=PageRequest()).items == []


# --- records


@pytest.mark.parametrize("limit", [1, 3, 4, 10, 11])
def test_records_are_paged_in_order_over_all_parts(world: World, limit: int) -> None:
    version = world.filled([pair(number) for number in range(10)])
    assert len(list(world.artifacts.open(version.uri).glob("part-*.jsonl"))) > 2
    pages = list(world.pages("ReadRecords", "records_json", limit, dataset_version_id=version.id))
    asked = [json.loads(text)["instruction"] for page in pages for text in page]
    assert asked == [f"What does module{number}.call do?" for number in range(10)]
    assert [len(page) for page in pages[:-1]] == [limit] * (len(pages) - 1)
    assert pages[-1]


def test_a_page_of_long_records_ends_early_and_one_giant_is_given_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PAGE_BYTES", 1000)
    version = world.filled([pair(0), pair(1, note="x" * 500), pair(2, note="y" * 3000), pair(3)], shard_bytes=10_000)
    pages = list(world.pages("ReadRecords", "records_json", 50, dataset_version_id=version.id))
    assert [len(page) for page in pages] == [2, 1, 1]


def test_a_position_behind_the_end_is_an_empty_last_page(world: World) -> None:
    version = world.filled([pair(number) for number in range(2)])
    answer = world.door.call(caller(), "ReadRecords", dataset_version_id=version.id, page=page_of("OTk=", 5))
    assert (answer.records_json, answer.page.next_cursor) == ([], None)
    error = _refused(lambda: world.door.call(caller(), "ReadRecords", dataset_version_id=version.id, page=page_of("?", 5)))
    assert error.field == "page.cursor"


@pytest.mark.parametrize("shard_bytes", [400, 100_000])
def test_a_damaged_part_is_never_given_out(world: World, shard_bytes: int) -> None:
    """Damage that is still JSON, in the last record of a part: also a page that ends before it must not come from that part."""
    version = world.filled([pair(number) for number in range(10)], shard_bytes)
    part = max(world.artifacts.open(version.uri).glob("part-*.jsonl"))
    part.write_bytes(part.read_bytes().replace(b"module9", b"module8"))
    whole = 10 - len(part.read_bytes().splitlines())
    for limit in (1, 50):
        pages, seen = world.pages("ReadRecords", "records_json", limit, dataset_version_id=version.id), 0
        while not isinstance(page := outcome(lambda pages=pages: next(pages)), PlatformError):  # type: ignore[misc]
            seen += len(page)
        assert (page.code, page.reason, page.details["file"]) == (422, Reason.CHECKSUM_MISMATCH, part.name)
        assert seen <= whole


@pytest.mark.parametrize("damage", ["cut", "no json", "gone", "manifest", "no folder"])
def test_damage_of_every_kind_has_a_name(world: World, damage: str) -> None:
    version = world.filled([pair(number) for number in range(4)], 100_000)
    folder = world.artifacts.open(version.uri)
    part = folder / "part-00000.jsonl"
    if damage == "cut":
        part.write_bytes(part.read_bytes()[:-40])
    elif damage == "no json":
        part.write_bytes(b"{" * part.stat().st_size)
    elif damage == "gone":
        part.unlink()
    elif damage == "manifest":
        (folder / "manifest.json").write_text("{}")
    else:
        folder.rename(world.folder / "elsewhere")
    error = _refused(lambda: world.service.read_records(caller(), dataset_version_id=version.id, page=PageRequest(None, 1)))
    expected = {"gone": (422, Reason.FILE_MISSING), "no folder": (404, Reason.NOT_FOUND)}
    assert (error.code, error.reason) == expected.get(damage, (422, Reason.CHECKSUM_MISMATCH))


# --- what was left out


def _dropping(world: World, lines: list[dict[str, Any]], per_part: int = 3) -> DatasetTask:
    """A finished task that left these records out."""
    folder = world.folder / "dropped"
    folder.mkdir()
    (folder / "ledger.json").write_text("{}")
    for part in range(0, len(lines), per_part):
        text = "".join(json.dumps(line) + "\n" for line in lines[part : part + per_part])
        (folder / f"part-{part:05d}.jsonl").write_text(text)
    task = world.claimed()
    return world.service.finish(task, [world.output(task)], {"dropped_uri": world.artifacts.publish(folder)[0]})


DROPS = [
    {
        "id": f"r{number}",
        "rule": "Deduplicate" if number % 3 else "Strip_Html",
        "rule_version": 1,
        "reason": "why",
        "score": 0.5,
        "threshold": 1,
    }
    for number in range(10)
]


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 50])
@pytest.mark.parametrize("rule", [None, "Deduplicate", "Strip_Html", "Unheard_Of"])
def test_left_out_records_are_paged_by_rule(world: World, rule: str | None, limit: int) -> None:
    task = _dropping(world, DROPS)
    pages = list(world.pages("ListDropped", "dropped", limit, task_id=task.id, **({"rule": rule} if rule else {})))
    assert [drop.id for page in pages for drop in page] == [line["id"] for line in DROPS if rule in (None, line["rule"])]
    assert all(len(page) == limit for page in pages[:-1])


def test_a_left_out_record_says_why(world: World) -> None:
    line = {**DROPS[1], "kept_id": "r0", "source": "a.jsonl", "excerpt": "文"}
    task = _dropping(world, [line, {**DROPS[0], "score": None, "threshold": None}])
    first, second = world.door.call(caller(), "ListDropped", task_id=task.id).dropped
    assert (first.rule, first.reason, first.score, first.threshold) == ("Deduplicate", "why", 0.5, 1)
    assert (first.kept_id, first.source, first.excerpt) == ("r0", "a.jsonl", "文")
    assert (second.score, second.threshold, second.kept_id, second.excerpt) == (0.0, 0.0, "", "")


def test_a_task_that_left_nothing_out_yet_has_an_empty_list(world: World) -> None:
    assert world.door.call(caller(), "ListDropped", task_id=world.task().id).dropped == []


def test_damaged_drops_have_a_name(world: World) -> None:
    task = _dropping(world, DROPS)
    part = world.artifacts.open(task.result["dropped_uri"]) / "part-00003.jsonl"
    part.write_bytes(part.read_bytes().replace(b"why", b"not"))
    error = _refused(lambda: world.service.list_dropped(caller(), task_id=task.id, page=PageRequest(None, 1)))
    assert (error.reason, error.details["file"]) == (Reason.CHECKSUM_MISMATCH, part.name)


# --- every verb: foreign ids, missing fields, once per key

WITHOUT_ID = {"CreateDataset", "FindDataset", "ListDatasets", "ListTasks", "CreateUpload", "ListUploads", "PreviewImport"}
WITHOUT_ID |= {"CreateRecipe", "FindRecipe", "ListRecipes", "ListDeletedDatasets", "ListPurges", *annotation.WITHOUT_ID}


@pytest.mark.parametrize("method", sorted(set(VERBS) - WITHOUT_ID))
def test_ids_of_nobody_and_of_another_space_are_the_same(world: World, method: str) -> None:
    facts = _call(world, method)
    elsewhere = _refused(lambda: world.door.call(caller(space=2), method, **facts))
    ids = [name for name in facts if name == "id" or name.endswith("_id")]
    assert ids
    for name in ids:
        for nobody in (1, 2**63 - 1):
            error = _refused(lambda name=name, nobody=nobody: world.door.call(caller(), method, **{**facts, name: nobody}))  # type: ignore[misc]
            assert (error.code, error.reason) == (elsewhere.code, elsewhere.reason) == (404, Reason.NOT_FOUND)


def test_names_and_lists_show_nothing_of_another_space(world: World) -> None:
    world.task()
    assert _refused(lambda: world.service.find_dataset(caller(space=2), name="demo")).code == 404
    assert world.service.list_datasets(caller(space=2), page=PageRequest()).items == []
    assert world.service.list_tasks(caller(space=2), page=PageRequest(), dataset_id=world.demo.id).items == []


def test_a_version_of_another_space_is_no_input(world: World) -> None:
    foreign = world.version()
    own = world.dataset("own", space=2)
    facts: dict[str, Any] = {
        "dataset_id": own.id,
        "type": DatasetTaskType.Cleaning,
        "sub_type": Sub.Deduplicate,
        "name": "n",
        "input_version_id": foreign.id,
    }
    assert _refused(lambda: world.service.create_task(caller(space=2), **facts)).code == 404


@pytest.mark.parametrize("method", VERBS)
def test_required_fields_are_named(world: World, method: str) -> None:
    facts = _call(world, method)
    needed = required_fields(world.door.request(method))
    assert set(needed) <= set(facts)
    for name in needed:
        error = _refused(lambda name=name: world.door.call(caller(), method, **{**facts, name: None}))  # type: ignore[misc]
        assert (error.code, error.reason, error.field) == (400, Reason.MISSING_FIELD, name)
    assert world.door.call(caller(), method, **facts) is not None


def _rows(world: World) -> list[list[Any]]:
    """Everything that is stored but the answers."""
    tables = [table for name, table in sorted(world.db.metadata.tables.items()) if name != "stored_answer"]
    with world.db.read() as conn:
        return [sorted(map(tuple, conn.execute(table.select()))) for table in tables]


@pytest.mark.parametrize("method", CHANGES)
def test_every_change_happens_once_per_key(world: World, method: str) -> None:
    facts = _call(world, method)
    before = _rows(world)
    first = world.door.call(caller(key="the-one-key"), method, **facts)
    after = _rows(world)
    assert after != before
    world.clock.advance(5)
    again = world.door.call(caller(key="the-one-key"), method, **facts)
    again.base_resp = first.base_resp  # the log id is the call's own
    assert again == first
    other = {"id": 77} if "id" in facts else {"name": "other"} if "name" in facts else {"want": 7} if "want" in facts else {"desc": "other"}
    changed = {**facts, **other}
    error = _refused(lambda: world.door.call(caller(key="the-one-key"), method, **changed))
    assert (error.code, error.reason) == (409, Reason.IDEMPOTENCY_KEY_REUSED)
    assert _rows(world) == after


@pytest.mark.parametrize("method", CHANGES)
def test_two_at_once_with_one_key_are_one(world: World, method: str) -> None:
    facts = {name: value for name, value in _call(world, method).items() if name != "expected_version"}
    enums = {"type": DatasetTaskType if method == "CreateTask" else DatasetType, "sub_type": Sub, "verdict": InspectionVerdict}
    facts = {name: enums[name](value) if name in enums else value for name, value in facts.items()}
    facts = {domain_name(name): json.loads(value) if name.endswith("_json") else value for name, value in facts.items()}
    tasks, second = len(world.service.list_tasks(caller(), page=PageRequest()).items), world.second_service()
    second.rules = world.service.rules
    verbs = [own("dataset", service)[method] for service in (world.service, second)]
    found = at_once([lambda verb=verb: verb(caller(key="one-key-for-both", expected=0), **facts) for verb in verbs])  # type: ignore[misc]
    assert _plain(found[0]) == _plain(found[1])
    assert not isinstance(found[0], BaseException)
    assert len(world.service.list_tasks(caller(), page=PageRequest()).items) == tasks + (method in BEGINS)
    left = {"CreateDataset": 2, "RestoreDataset": 2, "DeleteDataset": 0}.get(method, 1)
    assert len(world.service.list_datasets(caller(), page=PageRequest()).items) == left
    second.db.close()


def _plain(answer: Any) -> Any:
    """As JSON: a tuple of options is a list once it was stored."""
    return answer if isinstance(answer, BaseException) else json.loads(msgspec.json.encode(answer))
