"""A model card: people's sections, taken over by the next version until somebody writes for it, beside facts nobody can edit."""

from __future__ import annotations

import pytest

from libs.common.errors import PlatformError, Reason
from libs.common.store.history import History
from services.model.domain.card import SECTIONS, CardText, ModelCard
from services.model.service import ModelService
from tests.support.outcome import outcome
from tests.support.stores import caller
from tests.unit.model.chain import GOOD, PACKAGE, WEIGHTS, S, evidence, packaged, project, version_in

WRITER, OTHER = 2, 3


def card(service: ModelService, id: int) -> ModelCard:
    return service.get_card(caller(), model_version_id=id)


def written(service: ModelService, id: int, user: int = WRITER, **texts: str) -> ModelCard:
    sections = [CardText(name, text) for name, text in texts.items()]
    return service.set_card(caller(user, expected=card(service, id).version), model_version_id=id, sections=sections)


def texts(found: ModelCard) -> dict[str, str]:
    return {section.name: section.text for section in found.sections if section.text}


def test_a_version_nobody_wrote_for_shows_every_section_empty_and_the_facts(service: ModelService) -> None:
    version = version_in(service, S.TRAINED)
    found = card(service, version.id)
    assert (found.written_for_number, found.version, found.user_id) == (0, 0, 0)
    assert [section.name for section in found.sections] == [section.name for section in SECTIONS]
    assert texts(found) == {}
    facts = {fact.name: fact.value.en for fact in found.facts}
    assert facts["weights"] == WEIGHTS
    assert "measured" not in facts, "nothing was measured"


def test_facts_follow_the_records(service: ModelService) -> None:
    version = version_in(service, S.QUALIFIED)
    packaged(service, version)
    evidence(service, version, GOOD, PACKAGE)
    facts = {fact.name: fact.value for fact in card(service, version.id).facts}
    assert facts["packages"].en == PACKAGE
    assert "100 items" in facts["measured"].en
    assert "100 条" in facts["measured"].zh
    assert facts["gate"].en
    assert facts["gate"].zh


def test_sections_are_taken_over_until_somebody_writes(service: ModelService) -> None:
    model = project(service, "law")
    first = version_in(service, S.TRAINED, model)
    written(service, first.id, purpose="answers about leases", limitations="dates before 1900")
    second = version_in(service, S.TRAINED, model)
    taken = card(service, second.id)
    assert texts(taken) == {"purpose": "answers about leases", "limitations": "dates before 1900"}
    assert (taken.written_for_number, taken.version) == (first.number, 0)
    own = written(service, second.id, OTHER, limitations="")
    assert texts(own) == {"purpose": "answers about leases"}
    assert (own.written_for_number, own.version, own.user_id) == (second.number, 1, OTHER)
    assert texts(card(service, first.id)) == {"purpose": "answers about leases", "limitations": "dates before 1900"}, "the other stays"
    assert card(service, version_in(service, S.TRAINED, model).id).written_for_number == second.number


def test_what_was_written_is_in_the_history_and_stale_edits_are_refused(service: ModelService) -> None:
    version = version_in(service, S.TRAINED)
    written(service, version.id, purpose="a")
    written(service, version.id, purpose="b", contact="c")
    error = outcome(lambda: service.set_card(caller(expected=1), model_version_id=version.id, sections=[CardText("purpose", "z")]))
    assert isinstance(error, PlatformError)
    assert error.reason == Reason.STALE_VERSION
    with service.db.read() as conn:
        id = service.store.cards.all_by(conn, caller(), 1, model_version_id=version.id)[0].id
        last = History(service.db).last(conn, caller(), "model_card", [id], service.db.clock.now_ms())
    assert last[id].reason == "purpose, contact"


@pytest.mark.parametrize("names", [("motto",), ("purpose", "purpose")])
def test_only_sections_there_are_each_once(service: ModelService, names: tuple[str, ...]) -> None:
    version = version_in(service, S.TRAINED)
    sections = [CardText(name, "x") for name in names]
    error = outcome(lambda: service.set_card(caller(expected=0), model_version_id=version.id, sections=sections))
    assert isinstance(error, PlatformError)
    assert (error.reason, error.field) == (Reason.INVALID_ARGUMENT, f"sections[{len(names) - 1}].name")
    assert card(service, version.id).version == 0


def test_the_whole_card_is_markdown_in_both_languages_and_facts_stay_text(service: ModelService) -> None:
    version = version_in(service, S.TRAINED, project(service, "a*b<i>"))
    found = written(service, version.id, purpose="**leases** only").markdown
    assert found.en.startswith("# a\\*b\\<i\\> v1\n\n## Purpose\n\n**leases** only\n\n## From the records")
    assert "## 用途" in found.zh
    assert "## 平台记录" in found.zh
    assert "## Limitations" not in found.en, "an empty section is left out"
