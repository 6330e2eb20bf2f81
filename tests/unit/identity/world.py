"""People in an identity store as our own code made them, and a way to lie in their records."""

from __future__ import annotations

from dataclasses import dataclass, replace

import sqlalchemy as sa

from libs.common.store.audit import Books, Patience, Report
from libs.common.store.database import Database, open_engine
from services.identity.audit import METADATA, check
from services.identity.domain.audit import AuditEvent
from services.identity.domain.space import Clearance, Role
from services.identity.service import IdentityService
from tests.support.stores import caller


@dataclass
class People:
    """An owner with a session and a key, a second user with a password in two spaces, and a trail."""

    url: str

    def write(self, statement: str) -> None:
        engine = open_engine(self.url, reads=False)
        with engine.begin() as conn:
            assert conn.execute(sa.text(statement)).rowcount > 0
        engine.dispose()

    def audit(self) -> Report:
        books, report = Books("identity", self.url, METADATA), Report()
        check(books, report, Patience(0))
        books.close()
        return report


def people_in(db: Database) -> People:
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
    return People(db.url)
