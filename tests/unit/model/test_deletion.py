"""A deleted model comes back while there is time, with what belonged to it, and never at the cost of somebody else's name."""

from __future__ import annotations

import pytest

from libs.common.clock import ManualClock
from libs.common.errors import PlatformError, Reason
from libs.common.store.audit import Books, Patience, Report
from libs.common.store.history import History
from services.model.audit import check
from services.model.domain.project import ModelProjectStatus
from services.model.domain.version import ModelVersionStatus
from services.model.repository import METADATA
from services.model.service import ModelService
from tests.support.outcome import outcome
from tests.support.stores import caller
from tests.unit.model.chain import deleted, project, version_in
from tests.unit.model.test_naming import ALL, means, other_names, renamed


def refused(service: ModelService, id: int, **who: int) -> tuple[int, str]:
    error = outcome(lambda: service.restore_project(caller(**who), id=id))
    assert isinstance(error, PlatformError)
    return error.code, error.reason


def test_a_restored_model_is_as_it_was(service: ModelService, clock: ManualClock) -> None:
    version = version_in(service, ModelVersionStatus.QUALIFIED)
    law = renamed(service, service.get_project(caller(), id=version.project_id), "justice")
    service.create_alias(caller(), project_id=law.id, name="champion", model_version_number=1)
    names, before = other_names(service, law), service.get_project(caller(), id=law.id)
    clock.advance(1)
    gone = deleted(service, law.id)
    assert means(service, "champion") is None
    [listed] = service.list_deleted_projects(caller(), page=ALL).items
    assert (listed.project.id, listed.delete_time, listed.restore_until) == (law.id, gone.update_time, gone.update_time + service.undo)
    clock.advance(1)
    back = service.restore_project(caller(), id=law.id)
    assert (back.name, back.status, back.version) == ("justice", before.status, before.version + 2)
    assert [(each.id, each.name, each.former) for each in other_names(service, law)] == [
        (each.id, each.name, each.former) for each in names
    ]
    assert means(service, "champion") == (law.id, 1)
    assert service.list_deleted_projects(caller(), page=ALL).items == []
    assert refused(service, law.id) == (404, Reason.NOT_FOUND)


def test_names_that_were_given_again_stay_where_they_are(service: ModelService) -> None:
    law = project(service, "law")
    for name in ("champion", "fallback"):
        service.create_alias(caller(), project_id=law.id, name=name)
    deleted(service, law.id)
    tax = project(service, "law")
    assert refused(service, law.id) == (409, Reason.ALREADY_EXISTS)
    tax = renamed(service, tax, "tax")  # "law" is now only the name it had before, and given up
    service.create_alias(caller(), project_id=tax.id, name="champion")
    service.restore_project(caller(), id=law.id)
    assert [means(service, name) for name in ("law", "fallback", "champion")] == [(law.id, 0), (law.id, 0), (tax.id, 0)]


def test_only_while_there_is_time_and_only_in_its_space(service: ModelService, clock: ManualClock) -> None:
    law = project(service, "law")
    assert refused(service, law.id) == (404, Reason.NOT_FOUND), "it is not deleted"
    deleted(service, law.id)
    assert refused(service, law.id, space=2) == (404, Reason.NOT_FOUND)
    assert service.list_deleted_projects(caller(space=2), page=ALL).items == []
    clock.advance(service.undo / 1000 + 0.001)
    assert service.list_deleted_projects(caller(), page=ALL).items == []
    assert refused(service, law.id) == (404, Reason.NOT_FOUND)


def test_a_recall_while_it_was_gone_is_seen_when_it_is_back(service: ModelService) -> None:
    version = version_in(service, ModelVersionStatus.QUALIFIED)
    gone = deleted(service, version.project_id)
    assert gone.status == ModelProjectStatus.QUALIFIED
    service.quarantine_version(caller(expected=version.version), id=version.id, cause="x")
    assert service.restore_project(caller(), id=gone.id).status == ModelProjectStatus.CREATED


def test_the_past_knows_when_it_was_gone(service: ModelService, clock: ManualClock) -> None:
    law = project(service, "law")
    moments = [clock.now_ms()]
    for step in (lambda: deleted(service, law.id), lambda: service.restore_project(caller(), id=law.id)):
        clock.advance(1)
        step()
        moments.append(clock.now_ms())
    assert [service.get_model_as_of(caller(), project_id=law.id, as_of=t).existed for t in moments] == [True, False, True]
    events = [event.event for event in History(service.db).list(caller(), "model_project", law.id, ALL).items]
    assert events == ["CREATE", "DELETE", "RESTORE"]


@pytest.mark.parametrize("again", [1, 3])
def test_the_auditor_finds_nothing_wrong_with_it(service: ModelService, clock: ManualClock, again: int) -> None:
    law = project(service, "law")
    service.create_alias(caller(), project_id=law.id, name="champion")
    for _ in range(again):
        deleted(service, law.id)
        service.restore_project(caller(), id=law.id)
    report = Report()
    check(Books("model", service.db.url, METADATA), report, Patience(clock.now_ms()))
    assert report.violations == []
