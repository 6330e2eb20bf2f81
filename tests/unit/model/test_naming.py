"""What a model can be called, and what happens to a name when somebody else takes it."""

from __future__ import annotations

import pytest

from libs.common.errors import PlatformError, Reason
from libs.common.store.history import History
from libs.common.store.repository import PageRequest
from services.model.domain.alias import ModelAlias
from services.model.domain.project import ModelProject, ModelProjectStatus
from services.model.service import ModelService
from tests.support.outcome import outcome
from tests.support.stores import caller
from tests.unit.model.chain import project

ALL = PageRequest(None, 500)


def means(service: ModelService, name: str, space: int = 1) -> tuple[int, int] | None:
    """(project, version number), None for a name nobody has."""
    found = outcome(lambda: service.resolve_name(caller(space=space), name=name))
    if isinstance(found, PlatformError):
        assert (found.code, found.reason, found.details["kind"]) == (404, Reason.NOT_FOUND, "model")
        return None
    return found.project.id, found.model_version_number  # type: ignore[attr-defined]


def renamed(service: ModelService, made: ModelProject, name: str) -> ModelProject:
    now = service.get_project(caller(), id=made.id)
    return service.update_project(caller(expected=now.version), id=made.id, name=name)


def other_names(service: ModelService, made: ModelProject) -> list[ModelAlias]:
    return list(service.list_aliases(caller(), project_id=made.id, page=ALL).items)


def taken(found: object) -> bool:
    return isinstance(found, PlatformError) and (found.code, found.reason, found.field) == (409, Reason.ALREADY_EXISTS, "name")


def test_a_name_an_id_and_a_version_of_it(service: ModelService) -> None:
    made = project(service, "law")
    first, second = (service.create_version(caller(), project_id=made.id) for _ in range(2))
    assert means(service, "law") == means(service, str(made.id)) == (made.id, 0)
    assert means(service, str(second.id)) == means(service, "law@2") == means(service, f"{made.id}@latest") == (made.id, 2)
    assert means(service, "law@1") == means(service, str(first.id)) == (made.id, 1)
    for nothing in ("law@3", "law@", "@1", "@", "law@one", "law@-1", "law@99999999999", "nobody", "nobody@1", "9" * 160, "0", "٣"):
        assert means(service, nothing) is None, nothing
    assert means(service, "law", space=2) is None
    assert means(service, str(made.id), space=2) is None


def test_an_exact_name_comes_before_an_id_and_a_version(service: ModelService) -> None:
    law = project(service, "law")
    service.create_version(caller(), project_id=law.id)
    number, versioned = project(service, str(law.id)), project(service, "law@1")
    assert means(service, str(law.id)) == (number.id, 0)
    assert means(service, "law@1") == (versioned.id, 0)


def test_a_renamed_model_keeps_its_old_names_until_somebody_takes_them(service: ModelService) -> None:
    law = renamed(service, renamed(service, project(service, "law"), "justice"), "equity")
    assert means(service, "law") == means(service, "justice") == means(service, "equity") == (law.id, 0)
    assert [(alias.name, alias.former) for alias in other_names(service, law)] == [("justice", True), ("law", True)]
    other = project(service, "law")
    assert means(service, "law") == (other.id, 0)
    service.create_alias(caller(), project_id=other.id, name="justice")
    assert means(service, "justice") == (other.id, 0)
    assert other_names(service, law) == []


def test_a_model_takes_its_own_old_name_back(service: ModelService) -> None:
    law = renamed(service, renamed(service, project(service, "law"), "justice"), "law")
    assert means(service, "law") == means(service, "justice") == (law.id, 0)
    assert [alias.name for alias in other_names(service, law)] == ["justice"]


def test_an_alias_is_moved_from_version_to_version_and_its_history_stays(service: ModelService) -> None:
    law = project(service, "law")
    for _ in range(2):
        service.create_version(caller(), project_id=law.id)
    best = service.create_alias(caller(), project_id=law.id, name="champion", model_version_number=1)
    assert means(service, "champion") == means(service, "law@champion") == (law.id, 1)
    moved = service.update_alias(caller(user=7, expected=best.version), id=best.id, model_version_number=2)
    assert (means(service, "champion"), moved.user_id) == ((law.id, 2), 7)
    service.update_alias(caller(expected=moved.version), id=best.id, model_version_number=0)
    assert means(service, "champion") == (law.id, 0)
    service.delete_alias(caller(expected=moved.version + 1), id=best.id)
    assert means(service, "champion") is None
    events = History(service.db).list(caller(), "model_alias", best.id, ALL).items
    assert [(event.event, event.to_status) for event in events] == [("CREATE", 1), ("MOVE", 2), ("MOVE", 0), ("DELETE", 0)]


def test_names_of_models_and_aliases_are_refused_to_each_other(service: ModelService) -> None:
    law, tax = project(service, "law"), project(service, "tax")
    service.create_alias(caller(), project_id=law.id, name="champion")
    assert taken(outcome(lambda: service.create_alias(caller(), project_id=tax.id, name="champion")))
    assert taken(outcome(lambda: service.create_alias(caller(), project_id=tax.id, name="law")))
    assert taken(outcome(lambda: project(service, "champion")))
    assert taken(outcome(lambda: renamed(service, tax, "champion")))
    assert taken(outcome(lambda: renamed(service, tax, "law")))
    assert means(service, "champion") == (law.id, 0)
    assert means(service, "tax@champion") is None
    assert project(service, "champion", space=2).name == "champion"


@pytest.mark.parametrize("name", ["7", "law@1", "@"])
def test_an_alias_reads_like_a_name(service: ModelService, name: str) -> None:
    law = project(service, "law")
    error = outcome(lambda: service.create_alias(caller(), project_id=law.id, name=name))
    assert isinstance(error, PlatformError)
    assert (error.code, error.field) == (400, "name")


def test_an_alias_points_at_a_version_there_is(service: ModelService) -> None:
    law = project(service, "law")
    error = outcome(lambda: service.create_alias(caller(), project_id=law.id, name="champion", model_version_number=4))
    assert isinstance(error, PlatformError)
    assert (error.code, error.reason, error.details["kind"]) == (404, Reason.NOT_FOUND, "model_version")


def test_the_names_of_a_deleted_model_are_free(service: ModelService) -> None:
    law = renamed(service, project(service, "law"), "justice")
    service.create_alias(caller(), project_id=law.id, name="champion")
    service.delete_project(caller(expected=law.version), id=law.id)
    assert [means(service, name) for name in ("law", "justice", "champion", str(law.id))] == [None] * 4
    assert project(service, "champion").name == "champion"


def test_only_what_is_online_can_be_listed(service: ModelService) -> None:
    law = project(service, "law")
    project(service, "tax")
    service.record_serving(caller(), project_id=law.id, serving_slots=1)
    online = service.list_projects(caller(), page=ALL, status=ModelProjectStatus.ONLINE).items
    assert [found.name for found in online] == ["law"]
