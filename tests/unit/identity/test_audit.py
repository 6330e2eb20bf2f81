"""The auditor on identity: clean on what our own code wrote, and every planted lie found."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from libs.common.audit import Books, Patience, Report
from services.identity.audit import METADATA, check
from services.identity.domain.audit import AuditEvent
from services.identity.domain.space import Clearance, Role
from services.identity.service import IdentityService
from tests.support.stores import caller, open_store


@dataclass
class People:
    """An owner with a session and a key, a second user with a password in two spaces, and a trail."""

    url: str

    def write(self, statement: str) -> None:
        engine = sa.create_engine(self.url)
        with engine.begin() as conn:
            assert conn.execute(sa.text(statement)).rowcount > 0
        engine.dispose()

    def audit(self) -> Report:
        books, report = Books("identity", self.url, METADATA), Report()
        check(books, report, Patience(0))
        books.close()
        return report


@pytest.fixture
def people(tmp_path: Path) -> People:
    db = open_store(tmp_path, "identity", METADATA)
    service = IdentityService(db)
    made = service.found(caller(0, 0))
    assert made is not None
    owner = replace(caller(made[0].id), clearance=int(Clearance.SECRET))
    service.sign_in(caller(0, 0), account="owner", password=made[1])
    service.issue_key(owner, name="mine")
    other = service.create_user(replace(owner, idempotency_key="user-key"), account="other")
    service.issue_password(owner, id=other.id)
    service.create_membership(owner, account="other", role=Role.developer)
    gone = service.create_membership(owner, account="other", role=Role.viewer)
    service.delete_membership(replace(owner, expected_version=gone.version), id=gone.id)
    second = service.create_space(owner, department_id=made[0].department_id, name="second")
    service.create_membership(replace(owner, space_id=second.id), account="other", role=Role.owner)
    rows = [AuditEvent(user_id=other.id, project_space_id=second.id, method="CreateUser", outcome=200)] * 3
    service.record_audit(caller(0, 0, key="trail-key"), events=[*rows, AuditEvent(method="SignIn", outcome=401)])
    db.close()
    return People(str(db.url))


def test_what_our_code_wrote_is_clean_and_counted(people: People) -> None:
    report = people.audit()
    assert report.violations == []
    assert report.looked["I2", "acknowledged rows of the trail"] == 4
    assert report.looked["I13", "spaces with an owner"] == 2
    assert report.looked["LINEAGE", "membership.user_id"] == 4
    assert report.looked["LINEAGE", "audit_event.user_id"] == 3


LIES = {
    "a space nobody owns": ("I13", "UPDATE membership SET role = 2 WHERE role = 1 AND project_space_id = 1"),
    "a platform without administrator": ("I13", "UPDATE user_account SET disabled = 1 WHERE administrator = 1"),
    "access that outlives its session": ("I13", "UPDATE sign_in_session SET access_until = refresh_until + 1"),
    "a key that ended before it began": ("I13", "UPDATE api_key SET expire_time = create_time"),
    "a row of the trail that is gone": ("I2", "DELETE FROM audit_event WHERE user_id = 0"),
    "a user that was acknowledged and is gone": ("I2", "UPDATE user_account SET id = 5, mark_delete = 1 WHERE account = 'other'"),
    "a role given twice": (
        "I4",
        "INSERT INTO membership (id, user_id, account, project_space_id, role)"
        " SELECT id + 100000, user_id, account, project_space_id, role FROM membership WHERE role = 2",
    ),
    "a session of nobody": ("LINEAGE", "UPDATE sign_in_session SET user_id = 5"),
    "a key of nobody": ("LINEAGE", "UPDATE api_key SET user_id = 5"),
    "a key for nowhere": ("LINEAGE", "UPDATE api_key SET project_space_id = 5"),
    "a password of nobody": ("LINEAGE", "UPDATE user_password SET user_id = 5 WHERE user_id = (SELECT max(user_id) FROM user_password)"),
    "a membership of nowhere": ("LINEAGE", "UPDATE membership SET project_space_id = 5 WHERE role = 2"),
    "a membership in a space that was deleted": ("LINEAGE", "UPDATE project_space SET mark_delete = 1 WHERE name = 'second'"),
    "a membership under another name": ("LINEAGE", "UPDATE membership SET account = 'x' WHERE role = 2"),
    "a trail of nobody": ("LINEAGE", "UPDATE audit_event SET user_id = 5 WHERE user_id = 0"),
    "a space of no department": ("LINEAGE", "UPDATE project_space SET department_id = 5"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_planted_lie_is_found(people: People, lie: str) -> None:
    invariant, statement = LIES[lie]
    people.write(statement)
    assert invariant in {found.invariant for found in people.audit().violations}
