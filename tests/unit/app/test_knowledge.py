"""Knowledge bases on a real store: what is kept, found, changed and removed, for whom, and that nothing of others is ever seen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from libs.common.errors import PlatformError, Reason
from libs.common.store.repository import PageRequest
from services.app.domain.base import KnowledgeSecrecy
from services.app.domain.document import DocumentKind, QuestionPair, hash_of
from services.dataset.domain.dataset import SecrecyLevel
from tests.unit.app.world import ME, STRANGER, World, cleared, refused
from tests.unit.dataset.world import pair

PAGE = PageRequest()
REFUNDS = "# Refunds\n\nA refund takes 14 days.\n\n# Delivery\n\nParcels leave on Mondays.\n"


def test_a_question_finds_its_passage_in_two_languages(world: World) -> None:
    base = world.base()
    world.add(base, "shop.md", REFUNDS, kind=DocumentKind.MARKDOWN)
    world.add(base, "商店.txt", "退款期限为十四天。\n\n包裹每周一发出。")
    [best, *_] = world.search(base, "How long does a refund take?")
    document = world.service.get_document(ME, id=best.document_id)
    said = document.document_text
    assert (best.document, best.headings, best.text) == ("shop.md", ["Refunds"], "A refund takes 14 days.")
    assert said.text[best.start : best.stop] == best.text
    assert best.hash == hash_of(best.text)
    assert [best.text[hit.start : hit.stop] for hit in best.hits] == ["refund", "takes"]
    assert world.found(base, "退款要多久？") == ["商店.txt"]
    assert world.violations() == []


def test_the_same_again_changes_nothing_and_something_else_is_a_version(world: World) -> None:
    base = world.base()
    first = world.service.add_document(ME, base_id=base.id, name="a", kind=DocumentKind.PLAIN, content="The fee is 5.")
    again = world.service.add_document(ME, base_id=base.id, name="a", kind=DocumentKind.PLAIN, content="The fee is 5. \r\n")
    assert (first.changed, again.changed) == (True, False)
    assert again.knowledge_document == first.knowledge_document
    cited = world.search(base, "fee")[0]
    changed = world.add(base, "a", "The fee is 9.")
    assert (changed.id, changed.number) == (first.knowledge_document.id, 2)
    assert [passage.text for passage in world.search(base, "fee")] == ["The fee is 9."]
    then = world.service.get_document(ME, id=changed.id, document_version_id=cited.document_version_id).document_text
    assert (then.text[cited.start : cited.stop], then.number, then.chunks) == ("The fee is 5.", 1, [])
    assert world.violations() == []


def test_pairs_are_found_by_what_they_ask(world: World) -> None:
    base = world.base()
    asked = [QuestionPair("When do you open?", "At nine."), QuestionPair("退款要多久？", "十四天。")]
    world.service.add_document(ME, base_id=base.id, name="faq", kind=DocumentKind.PAIRS, pairs=asked)
    assert world.search(base, "when open")[0].text == "When do you open?\nAt nine."
    assert world.search(base, "退款")[0].text.endswith("十四天。")


def test_what_was_removed_is_gone(world: World) -> None:
    base = world.base()
    kept, gone = world.add(base, "kept", "A refund takes 14 days."), world.add(base, "gone", "A refund takes 99 days.")
    assert len(world.search(base, "refund")) == 2
    world.service.delete_document(replace(ME, expected_version=gone.version), id=gone.id)
    assert world.found(base, "refund") == ["kept"]
    assert refused(lambda: world.service.get_document(ME, id=gone.id)).reason == Reason.NOT_FOUND
    by = {"id": kept.id, "document_version_id": gone.document_version_id}
    assert refused(lambda: world.service.get_document(ME, **by)).reason == Reason.NOT_FOUND
    assert world.add(base, "gone", "Said again.").number == 1
    assert world.violations() == []


def test_a_removed_base_leaves_no_text(world: World) -> None:
    base, other = world.base(), world.base("other")
    world.add(base, "a", "words")
    kept = world.add(other, "b", "words")
    world.service.delete_base(replace(ME, expected_version=base.version), id=base.id)
    assert refused(lambda: world.search(base, "words")).reason == Reason.NOT_FOUND
    assert world.found(other, "words") == ["b"]
    with world.db.read() as conn:
        left = [world.db.table(name).select() for name in ("document_version", "knowledge_chunk")]
        assert [[row.document_id for row in conn.execute(query)] for query in left] == [[kept.id], [kept.id]]
    assert world.violations() == []


def test_secrecy_is_filtered_before_ranking(world: World) -> None:
    """For who sees less, the secret document is not there: not its passage, not its name, not even how common its words are."""
    base = world.base()
    world.add(base, "public", "The budget meeting is in May.")
    alone = world.search(base, "budget", cleared(0))
    world.add(base, "secret", "budget " * 50, secrecy=KnowledgeSecrecy.SECRET)
    assert world.found(base, "budget") == ["secret", "public"]
    assert world.search(base, "budget", cleared(0)) == alone
    assert world.found(base, "budget", cleared(20)) == ["public"]
    low, high = (world.service.get_base(ctx, id=base.id) for ctx in (cleared(0), ME))
    assert ((low.documents, low.chunks), (high.documents, high.chunks)) == ((1, 1), (2, 2))
    listed = world.service.list_documents(cleared(0), base_id=base.id, page=PAGE).items
    assert [document.name for document in listed] == ["public"]
    taken = refused(lambda: world.add(base, "secret", "mine", cleared(0)))
    assert taken.reason == Reason.ALREADY_EXISTS


def test_levels_only_rise(world: World) -> None:
    base = world.base(secrecy=KnowledgeSecrecy.INTERNAL)
    assert world.add(base, "a", "words").secrecy == KnowledgeSecrecy.INTERNAL
    lower = refused(lambda: world.add(base, "b", "words", secrecy=KnowledgeSecrecy.PUBLIC))
    assert (lower.reason, lower.field) == (Reason.INVALID_ARGUMENT, "secrecy")
    above = refused(lambda: world.add(base, "b", "words", cleared(10), secrecy=KnowledgeSecrecy.SECRET))
    assert above.reason == Reason.FORBIDDEN
    assert refused(lambda: world.search(base, "words", cleared(0))).reason == Reason.NOT_FOUND


def test_another_space_sees_and_changes_nothing(world: World) -> None:
    base = world.base()
    document = world.add(base, "a", "A refund takes 14 days.")
    theirs = world.base("help", STRANGER)
    world.add(theirs, "a", "Their refund takes 99 days.", STRANGER)
    foreign = replace(STRANGER, expected_version=0)
    for call in (
        lambda: world.service.get_base(STRANGER, id=base.id),
        lambda: world.service.delete_base(foreign, id=base.id),
        lambda: world.add(base, "b", "words", STRANGER),
        lambda: world.service.get_document(STRANGER, id=document.id),
        lambda: world.service.delete_document(foreign, id=document.id),
        lambda: world.service.list_documents(STRANGER, base_id=base.id, page=PAGE),
        lambda: world.search(base, "refund", STRANGER),
    ):
        assert refused(call).reason == Reason.NOT_FOUND
    assert [passage.text for passage in world.search(base, "refund")] == ["A refund takes 14 days."]
    assert [passage.text for passage in world.search(theirs, "refund", STRANGER)] == ["Their refund takes 99 days."]


@pytest.mark.parametrize(
    ("kind", "facts", "reason"),
    [
        (DocumentKind.PLAIN, {"content": " \n\u200b"}, Reason.INVALID_ARGUMENT),
        (DocumentKind.HTML, {"content": "<script>alert(1)</script>"}, Reason.INVALID_ARGUMENT),
        (DocumentKind.PLAIN, {}, Reason.MISSING_FIELD),
        (DocumentKind.PAIRS, {"content": "words"}, Reason.MISSING_FIELD),
        (DocumentKind.PAIRS, {"pairs": [QuestionPair(" ", "x")]}, Reason.INVALID_ARGUMENT),
    ],
)
def test_a_document_that_says_nothing_is_refused(world: World, kind: DocumentKind, facts: dict, reason: Reason) -> None:  # type: ignore[type-arg]
    base = world.base()
    error = refused(lambda: world.service.add_document(ME, base_id=base.id, name="a", kind=kind, **facts))
    assert error.reason == reason
    assert world.service.get_base(ME, id=base.id).revision == 0


def test_a_name_is_taken_once(world: World) -> None:
    world.base()
    assert refused(world.base).reason == Reason.ALREADY_EXISTS


def test_a_base_has_bounds(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.app.service.shared.MOST_DOCUMENTS", 1)
    base = world.base()
    world.add(base, "a", "words")
    error = refused(lambda: world.add(base, "b", "words"))
    assert error.reason == Reason.TOO_LARGE
    assert world.found(base, "words") == ["a"]


# --- a dataset version


def test_a_dataset_version_becomes_documents_and_the_next_one_changes_only_what_differs(world: World) -> None:
    base = world.base()
    first = world.records([pair(1), pair(2), pair(3)])
    done = world.service.add_dataset(ME, base_id=base.id, dataset_version_id=first.id)
    assert (done.added, done.same, done.removed) == (3, 0, 0)
    assert world.search(base, "module2.call")[0].text == "What does module2.call do?\nIt calls 2 times."
    again = world.service.add_dataset(ME, base_id=base.id, dataset_version_id=first.id)
    assert (again.added, again.same, again.removed) == (0, 3, 0)
    second = world.records([pair(1), pair(2, output="It calls nobody."), pair(3)], "bb")
    done = world.service.add_dataset(ME, base_id=base.id, dataset_version_id=second.id)
    assert (done.added, done.same, done.removed) == (1, 2, 1)
    assert world.search(base, "module2.call")[0].text.endswith("calls nobody.")
    assert world.violations() == []


def test_a_version_of_another_space_is_not_there(world: World) -> None:
    version, theirs = world.records([pair(1)]), world.base("help", STRANGER)
    error: PlatformError = refused(lambda: world.service.add_dataset(STRANGER, base_id=theirs.id, dataset_version_id=version.id))
    assert error.reason == Reason.NOT_FOUND


def test_documents_of_a_dataset_are_as_secret_as_it_is(world: World) -> None:
    base = world.base()
    rows = [{"text": "The budget is 5.", "title": "Budget"}]
    version = world.records(rows, kind="documents", secrecy=SecrecyLevel.SECRET)
    world.service.add_dataset(ME, base_id=base.id, dataset_version_id=version.id)
    assert world.search(base, "budget")[0].headings == ["Budget"]
    assert world.search(base, "budget", cleared(20)) == []


def test_of_a_dataset_only_so_much_is_taken(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    base, version = world.base(), world.records([pair(1), pair(2)])
    labels = world.records([{"term": "x"}], "cc", kind="lexicon")
    for bound in ("MOST_RECORDS", "MOST_CHARACTERS"):
        with monkeypatch.context() as small:
            small.setattr(f"services.app.service.datasets.{bound}", 1)
            error = refused(lambda: world.service.add_dataset(ME, base_id=base.id, dataset_version_id=version.id))
            assert error.reason == Reason.TOO_LARGE
    error = refused(lambda: world.service.add_dataset(ME, base_id=base.id, dataset_version_id=labels.id))
    assert (error.reason, error.field) == (Reason.INVALID_ARGUMENT, "dataset_version_id")
    assert world.service.get_base(ME, id=base.id).documents == 0
