"""The auditor on MariaDB: the same findings as on the embedded store, and it can write nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from libs.common.clock import SystemClock
from libs.common.store.audit import Books
from services.identity.audit import METADATA
from tests.support.stores import open_store
from tests.unit.identity.test_audit import LIES
from tests.unit.identity.world import People, people_in


@pytest.fixture
def people(mysql_address: str, tmp_path: Path) -> Iterator[People]:
    db = open_store(tmp_path, "identity", METADATA, SystemClock(), address=mysql_address)
    yield people_in(db)
    db.close()


def test_clean_records_are_clean_and_lies_are_found(people: People) -> None:
    report = people.audit()
    assert report.violations == []
    assert report.looked["I2", "acknowledged rows of the trail"] == 4
    expected = set()
    for lie in ("a row of the trail that is gone", "a space nobody owns", "a role given twice", "a session of nobody"):
        invariant, statement = LIES[lie]
        people.write(statement)
        expected.add(invariant)
    assert {found.invariant for found in people.audit().violations} == expected == {"I2", "I4", "I13", "LINEAGE"}


def test_the_auditor_cannot_write(people: People) -> None:
    books = Books("identity", people.url, METADATA)
    with pytest.raises(sa.exc.DBAPIError, match="READ ONLY"):
        list(books.rows(sa.text("DELETE FROM audit_event")))
    books.close()
