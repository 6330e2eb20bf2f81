"""An override of the gate: two people, one package, an end. It makes no rule hold, and nothing one person does alone makes it live."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from libs.common.clock import ManualClock
from libs.common.errors import PlatformError, Reason
from libs.common.store.audit import Books, Patience, Report
from libs.common.store.history import History
from libs.common.store.repository import PageRequest
from services.model import audit
from services.model.domain.gate import GateVerdict
from services.model.domain.gate import GateVerdictKind as K
from services.model.domain.override import LONGEST_MS, MACHINE, GateOverride
from services.model.domain.override import GateOverrideStatus as O
from services.model.domain.version import ModelVersion
from services.model.repository import METADATA
from services.model.service import ModelService
from tests.support.outcome import at_once, outcome
from tests.support.stores import caller
from tests.unit.model.chain import BAD, GOOD, PACKAGE, WEIGHTS, S, about, asked, evidence, packaged, version_in

ALL = PageRequest(None, 500)
ASKER, SECOND = 2, 3


@pytest.fixture
def refused(service: ModelService) -> ModelVersion:
    """A version with a package that the gate refuses."""
    version = version_in(service, S.REJECTED)
    packaged(service, version)
    evidence(service, version, BAD, PACKAGE)
    return version


def checked(service: ModelService, version: ModelVersion, digest: str = PACKAGE) -> GateVerdict:
    return service.check_gate(caller(), model_version_id=version.id, digest=digest)


def confirmed(service: ModelService, override: GateOverride, user: int = SECOND) -> GateOverride:
    return service.confirm_override(caller(user, expected=override.version), id=override.id, comment="seen")


def failure(found: object) -> tuple[int, Reason, str | None]:
    assert isinstance(found, PlatformError), found
    return found.code, found.reason, found.field


@pytest.mark.parametrize(("state", "event"), [*product(O, MACHINE.events)])
def test_every_pair_of_the_table(state: O, event: str) -> None:
    if (state, event) in MACHINE.table:
        assert MACHINE.next(state, event) == MACHINE.table[state, event]
    else:
        assert failure(outcome(lambda: MACHINE.next(state, event)))[:2] == (409, Reason.ILLEGAL_TRANSITION)


def test_it_stands_beside_the_verdict_and_ends_by_itself(service: ModelService, clock: ManualClock, refused: ModelVersion) -> None:
    override = asked(service, refused)
    assert checked(service, refused).gate_override is None, "one person is not enough"
    override = confirmed(service, override)
    found = checked(service, refused)
    assert (found.verdict, found.gate_override) == (K.FAIL, override), "it makes no rule hold"
    assert checked(service, refused, WEIGHTS).gate_override is None, "of other bytes it says nothing"
    status = service.get_model_status(caller(), project_id=refused.project_id)
    assert status.overrides == [override]
    explained = service.explain_gate(caller(), model_version_id=refused.id)
    assert explained.overrides == [override]
    assert "override is live until" in explained.summary.en
    clock.advance(3600 - 0.001)
    assert checked(service, refused).gate_override == override
    clock.advance(0.001)
    assert checked(service, refused).gate_override is None
    assert service.get_model_status(caller(), project_id=refused.project_id).overrides == []
    assert service.get_override(caller(), id=override.id).status == O.ENDED
    assert [each.status for each in service.list_overrides(caller(), project_id=refused.project_id, page=ALL).items] == [O.ENDED]
    assert asked(service, refused).id != override.id, "another one may be asked for"


def test_it_is_not_carried_beside_a_gate_that_passes(service: ModelService, refused: ModelVersion) -> None:
    confirmed(service, asked(service, refused))
    evidence(service, refused, GOOD, PACKAGE)
    assert (checked(service, refused).verdict, checked(service, refused).gate_override) == (K.PASS, None)


def test_who_asked_does_not_confirm(service: ModelService, refused: ModelVersion) -> None:
    override = asked(service, refused)
    found = outcome(lambda: confirmed(service, override, ASKER))
    assert failure(found) == (403, Reason.FORBIDDEN, "base.user_id")
    assert service.get_override(caller(), id=override.id) == override


def test_a_service_account_neither_asks_nor_confirms(service: ModelService, refused: ModelVersion) -> None:
    """Its owner may be the same person under another number."""
    machine = replace(caller(SECOND, expected=0), credential="service-key:7")
    override = asked(service, refused)
    assert failure(outcome(lambda: service.confirm_override(machine, id=override.id)))[1] == Reason.FORBIDDEN
    facts = {"model_version_id": refused.id, "digest": PACKAGE, "cause": "x", "end_time": override.end_time}
    assert failure(outcome(lambda: service.request_override(machine, **facts)))[1] == Reason.FORBIDDEN  # type: ignore[arg-type]
    own_key = replace(caller(SECOND, expected=0), credential="key:7")
    assert service.confirm_override(own_key, id=override.id).status == O.LIVE


@pytest.mark.parametrize("hours", [-1.0, 0.0, LONGEST_MS / 3_600_000 + 0.001])
def test_its_end_is_bounded(service: ModelService, refused: ModelVersion, hours: float) -> None:
    assert failure(outcome(lambda: asked(service, refused, hours=hours))) == (400, Reason.INVALID_ARGUMENT, "end_time")
    assert asked(service, refused, hours=LONGEST_MS / 3_600_000).status == O.ASKED


def test_nobody_signs_for_bytes_nobody_packed_or_for_a_gate_that_passes(service: ModelService, refused: ModelVersion) -> None:
    for digest in (WEIGHTS, "sha256:" + "f" * 64):
        assert failure(outcome(lambda digest=digest: asked(service, refused, digest=digest))) == (400, Reason.INVALID_ARGUMENT, "digest")
    evidence(service, refused, GOOD, PACKAGE)
    assert failure(outcome(lambda: asked(service, refused)))[1] == Reason.ILLEGAL_TRANSITION


def test_one_open_override_per_package(service: ModelService, refused: ModelVersion) -> None:
    first = asked(service, refused)
    assert failure(outcome(lambda: asked(service, refused, user=5)))[1] == Reason.ALREADY_EXISTS
    confirmed(service, first)
    assert failure(outcome(lambda: asked(service, refused)))[1] == Reason.ALREADY_EXISTS


def test_a_recalled_version_is_not_overridden(service: ModelService, refused: ModelVersion) -> None:
    override = asked(service, refused)
    service.quarantine_version(about(service, refused), id=refused.id, cause="recall")
    assert failure(outcome(lambda: confirmed(service, override)))[1] == Reason.ILLEGAL_TRANSITION
    assert failure(outcome(lambda: checked(service, refused)))[1] == Reason.ILLEGAL_TRANSITION
    assert failure(outcome(lambda: asked(service, refused)))[1] == Reason.ILLEGAL_TRANSITION


def test_withdrawn_it_is_over(service: ModelService, refused: ModelVersion) -> None:
    live = confirmed(service, asked(service, refused))
    assert service.withdraw_override(caller(9, expected=live.version), id=live.id, comment="no need").status == O.WITHDRAWN
    assert checked(service, refused).gate_override is None
    assert failure(outcome(lambda: confirmed(service, service.get_override(caller(), id=live.id), 4)))[1] == Reason.ILLEGAL_TRANSITION


def test_what_was_not_confirmed_in_time_cannot_be(service: ModelService, clock: ManualClock, refused: ModelVersion) -> None:
    override = asked(service, refused)
    clock.advance(3600)
    assert failure(outcome(lambda: confirmed(service, override)))[1] == Reason.ILLEGAL_TRANSITION


def test_of_two_confirmations_at_once_one_counts(service: ModelService, refused: ModelVersion) -> None:
    override = asked(service, refused)
    found = at_once([lambda user=user: confirmed(service, override, user) for user in (3, 4, 5)])
    assert sum(isinstance(each, GateOverride) for each in found) == 1


def test_it_is_in_the_histories_and_the_auditor_agrees(service: ModelService, refused: ModelVersion) -> None:
    live = confirmed(service, asked(service, refused))
    history = History(service.db)
    assert [(e.event, e.user_id) for e in history.list(caller(), "gate_override", live.id, ALL).items] == [("CREATE", 2), ("CONFIRM", 3)]
    of_model = [event for event in history.list(caller(), "model_project", refused.project_id, ALL).items if "OVERRIDE" in event.event]
    assert [event.event for event in of_model] == ["GATE_OVERRIDE_ASKED", "GATE_OVERRIDE_LIVE"]
    assert "a fire" in of_model[0].reason
    books, report = Books("model", service.db.url, METADATA), Report()
    audit.check(books, report, Patience(service.db.clock.now_ms()))
    books.close()
    assert report.violations == []
    assert report.looked["LINEAGE", "gate overrides"] == 1
