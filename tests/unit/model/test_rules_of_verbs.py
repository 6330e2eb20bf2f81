"""Rules that hold for every verb of the service, each tried on all of them: once per key, decided on a version, confined to a space."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
import sqlalchemy as sa

from libs.common.errors import PlatformError, Reason
from services.model.domain.version import ModelVersion
from services.model.repository import METADATA
from services.model.service import ModelService
from tests.support.outcome import at_once, outcome
from tests.support.stores import caller
from tests.unit.model.calls import BY_NAME, CHANGES, DECIDED, OVERRIDES, OWN_IDS, PAGE, READS, verb
from tests.unit.model.chain import asked, deleted, packaged, project, version_in

KEY = "key-12345678"


def ready(service: ModelService, name: str, space: int = 1) -> tuple[ModelVersion, dict[str, Any]]:
    """A version in the state the verb needs, and the facts of a legal call."""
    state, facts = CHANGES[name]
    version = version_in(service, state, project(service, f"of-{name}", space))
    if name in ("update_alias", "delete_alias"):
        made = service.create_alias(caller(space=space), project_id=version.project_id, name=f"alias-{version.id}")
        return version, {**facts(version), "id": made.id}
    if name == "restore_project":
        deleted(service, version.project_id, space)
    if name in OVERRIDES:
        packaged(service, version)
        return version, facts(version) if name == "request_override" else {**facts(version), "id": asked(service, version).id}
    return version, facts(version)


def expected(service: ModelService, name: str, version: ModelVersion) -> int | None:
    """The version number a decided change is about."""
    if name not in DECIDED:
        return None
    ctx = caller(space=version.project_space_id)
    if name == "set_gate":
        return service.get_gate(ctx, project_id=version.project_id).version
    if name == "set_card":
        return service.get_card(ctx, model_version_id=version.id).version
    if name.endswith("_override"):
        return service.list_overrides(ctx, project_id=version.project_id, page=PAGE).items[0].version  # type: ignore[no-any-return]
    if name.endswith("_alias"):
        return service.list_aliases(ctx, project_id=version.project_id, page=PAGE).items[0].version  # type: ignore[no-any-return]
    if name.endswith("_project"):
        return service.get_project(ctx, id=version.project_id).version
    return service.get_version(ctx, id=version.id).version


def contents(service: ModelService) -> dict[str, list[Any]]:
    """Every row of every table."""
    with service.db.read() as conn:
        return {name: sorted(map(tuple, conn.execute(sa.select(table)).all())) for name, table in METADATA.tables.items()}


def test_the_table_of_calls_is_the_service() -> None:
    verbs = {name: call for name, call in inspect.getmembers(ModelService, inspect.isfunction) if not name.startswith("_")}
    assert {name for name, call in verbs.items() if getattr(call, "is_mutation", False)} == set(CHANGES)
    assert set(verbs) == set(CHANGES) | set(READS) | BY_NAME


@pytest.mark.parametrize("name", CHANGES)
def test_a_repeated_call_is_answered_and_changes_nothing(service: ModelService, name: str) -> None:
    version, facts = ready(service, name)
    number = expected(service, name, version)
    first = verb(service, name)(caller(key=KEY, expected=number), **facts)
    before = contents(service)
    assert len(before["stored_answer"]) == 1
    for _ in range(2):
        again = verb(service, name)(caller(key=KEY, expected=number), **facts)
        assert again == first
        assert type(again) is type(first)
    assert contents(service) == before


@pytest.mark.parametrize("name", CHANGES)
def test_a_key_belongs_to_its_facts(service: ModelService, name: str) -> None:
    version, facts = ready(service, name)
    verb(service, name)(caller(key=KEY, expected=expected(service, name, version)), **facts)
    before = contents(service)
    changed = next(key for key, value in facts.items() if isinstance(value, (int, str)) and not isinstance(value, bool))
    other = {**facts, changed: facts[changed] + (1 if isinstance(facts[changed], int) else "x")}
    error = outcome(lambda: verb(service, name)(caller(key=KEY), **other))
    assert isinstance(error, PlatformError)
    assert (error.code, error.reason, error.field) == (409, Reason.IDEMPOTENCY_KEY_REUSED, "idempotency_key")
    assert contents(service) == before


@pytest.mark.parametrize("name", CHANGES)
def test_two_calls_at_once_with_one_key_are_one(service: ModelService, name: str) -> None:
    version, facts = ready(service, name)
    number = expected(service, name, version)
    one, two = at_once([lambda: verb(service, name)(caller(key=KEY, expected=number), **facts)] * 2)
    assert not isinstance(one, BaseException), one
    assert one == two
    assert len(contents(service)["stored_answer"]) == 1


@pytest.mark.parametrize("name", CHANGES)
def test_a_call_that_fails_leaves_nothing(service: ModelService, name: str) -> None:
    """Whatever fails last, nothing of the verb stays: no event, no edge, no answer."""
    version, facts = ready(service, name)
    number, before = expected(service, name, version), contents(service)

    class Broken(Exception):
        pass

    from libs.common.store.database import Transaction

    done = Transaction.done
    try:
        Transaction.done = lambda *_: (_ for _ in ()).throw(Broken())  # type: ignore[method-assign, assignment]
        with pytest.raises(Broken):
            verb(service, name)(caller(key=KEY, expected=number), **facts)
    finally:
        Transaction.done = done  # type: ignore[method-assign]
    assert contents(service) == before


@pytest.mark.parametrize("name", sorted(DECIDED))
def test_a_decided_change_needs_the_version_it_was_decided_on(service: ModelService, name: str) -> None:
    version, facts = ready(service, name)
    number, before = expected(service, name, version), contents(service)
    assert number is not None
    for sent, code, reason in (
        (None, 428, Reason.MISSING_VERSION),
        (number + 1, 412, Reason.STALE_VERSION),
        (number - 1, 412, Reason.STALE_VERSION),
    ):
        error = outcome(lambda sent=sent: verb(service, name)(caller(expected=sent), **facts))
        assert isinstance(error, PlatformError)
        assert (error.code, error.reason, error.field) == (code, reason, "expected_version")
        assert str(number) in str(error.limit)
    assert contents(service) == before
    verb(service, name)(caller(expected=number), **facts)


@pytest.mark.parametrize("name", sorted(set(CHANGES) - DECIDED - {"create_project", "create_version"}))
def test_what_another_service_reports_needs_no_version(service: ModelService, name: str) -> None:
    _, facts = ready(service, name)
    verb(service, name)(caller(), **facts)


IDS = [(name, field) for name, (_, facts) in CHANGES.items() for field in facts(ModelVersion(1, 2, 3, 4, 5)) if field in OWN_IDS]
IDS += [(name, field) for name, facts in READS.items() for field in facts(ModelVersion(1, 2, 3, 4, 5)) if field in OWN_IDS]


@pytest.mark.parametrize(("name", "field"), IDS, ids=[f"{name}-{field}" for name, field in IDS])
def test_an_id_of_another_space_is_an_id_of_nothing(service: ModelService, name: str, field: str) -> None:
    """Foreign and absent answer the same, word for word but for the id, and nothing changes."""
    if name in CHANGES:
        mine, facts = ready(service, name, space=2)
        _, theirs = ready(service, name, space=1)
        facts = {**facts, field: theirs[field]}
        number = expected(service, name, mine)
    else:
        number = None
        facts = READS[name](version_in(service, CHANGES["retire_version"][0]))
    before = contents(service)
    absent = service.db.ids.next()
    errors = []
    for id in (facts[field], absent):
        error = outcome(lambda id=id: verb(service, name)(caller(space=2, expected=number), **{**facts, field: id}))
        assert isinstance(error, PlatformError)
        assert (error.code, error.reason) == (404, Reason.NOT_FOUND)
        assert error.details.pop("id") == str(id)
        errors.append((error.field, error.limit, error.details, error.retryable))
    assert errors[0] == errors[1]
    assert contents(service) == before


def test_every_own_id_of_the_service_is_tried() -> None:
    named = {
        (name, parameter)
        for name in {*CHANGES, *READS, *BY_NAME}
        for parameter in inspect.signature(getattr(ModelService, name)).parameters
        if parameter in OWN_IDS
    }
    assert set(IDS) == named
