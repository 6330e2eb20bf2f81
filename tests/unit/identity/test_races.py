"""A key or a session that is being made while its account ends: on a server the two are in spaces of their own, and neither waits for the
other's lock. Whatever the order, nothing made before the end outlives it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from libs.common.clock import ManualClock
from libs.common.errors import PlatformError, Reason
from libs.common.store.database import Database
from services.identity.domain.space import Clearance, Role
from services.identity.engine import secret
from services.identity.repository import METADATA
from services.identity.service import IdentityService
from tests.support.identity import signer
from tests.support.outcome import outcome
from tests.support.stores import caller, open_store

AWAY = 7  # a space that is not the one in which keys are made
BLOCKED_SECONDS = 1.5  # how long a maker lets the end overtake it, if anything lets it
ENDED = (401, Reason.CREDENTIAL_ENDED)


class Race:
    """ann, a developer of the first space, and a program with a role there; two processes with a store handle each."""

    def __init__(self, here: Database, elsewhere: Database) -> None:
        self.here, self.elsewhere = (IdentityService(db, signer("identity")) for db in (here, elsewhere))
        made = self.here.found(caller(0, 0))
        assert made is not None
        self.admin = replace(caller(made[0].id), clearance=int(Clearance.SECRET))
        self.ann = self.here.create_user(self.admin, account="ann")
        self.here.create_membership(self.admin, account="ann", role=Role.developer)
        self.password = self.here.issue_password(self.admin, id=self.ann.id)[0]
        self.program = self.here.create_service_account(self.admin, account="program", role=Role.developer)

    def disable(self, id: int) -> Any:
        away = replace(self.admin, space_id=AWAY, expected_version=self.here.get_user(self.admin, id=id).version)
        return self.elsewhere.update_user(away, id=id, disabled=True)

    def new_password(self, id: int) -> Any:
        return self.elsewhere.issue_password(replace(self.admin, space_id=AWAY), id=id)

    def key(self) -> str:
        return self.here.issue_key(caller(self.ann.id), name="k")[1]

    def service_key(self) -> str:
        return self.here.issue_service_key(self.admin, id=self.program.id, name="k")[1]

    def session(self) -> str:
        return self.here.sign_in(caller(0, 0), account="ann", password=self.password).access_token

    def enable(self, id: int) -> None:
        user = self.here.get_user(self.admin, id=id)
        if user.disabled:
            self.here.update_user(replace(self.admin, expected_version=user.version), id=id, disabled=False)


@pytest.fixture(params=["sqlite", "mysql"])
def race(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Race]:
    address = request.getfixturevalue("mysql_address") if request.param == "mysql" else ""
    clock = ManualClock()
    stores = [open_store(tmp_path, "identity", METADATA, clock, number, address) for number in range(2)]
    yield Race(*stores)
    for db in stores:
        db.close()


def overtaken(monkeypatch: pytest.MonkeyPatch, step: str, end: Callable[[], Any]) -> Callable[[], Any]:
    """Lets ``end`` run from inside the making, where ``step`` of it is taken, for as long as it is not made to wait. The outcome of it."""
    own, found = getattr(secret, step), []
    other = threading.Thread(target=lambda: found.append(outcome(end)))

    def slow(*given: Any) -> Any:
        monkeypatch.setattr(secret, step, own)
        other.start()
        other.join(BLOCKED_SECONDS)
        return own(*given)

    monkeypatch.setattr(secret, step, slow)

    def result() -> Any:
        other.join(60)
        return found[0]

    return result


@pytest.mark.parametrize(
    ("made", "step", "ended_by", "whose"),
    [
        ("key", "new_key", "disable", "ann"),
        ("key", "new_key", "new_password", "ann"),
        ("service_key", "new_key", "disable", "program"),
        ("session", "new_token", "disable", "ann"),
    ],
)
def test_what_is_made_while_its_account_ends_does_not_survive(
    race: Race, monkeypatch: pytest.MonkeyPatch, made: str, step: str, ended_by: str, whose: str
) -> None:
    id = getattr(race, whose).id
    result = overtaken(monkeypatch, step, lambda: getattr(race, ended_by)(id))
    token = outcome(getattr(race, made))
    assert not isinstance(result(), PlatformError), "the end itself goes through"
    race.enable(id)
    if not isinstance(token, PlatformError):
        refused = outcome(lambda: race.here.resolve_credential(caller(0, 0), token=token))
        assert isinstance(refused, PlatformError)
        assert (refused.code, refused.reason) == ENDED


def test_nothing_is_made_for_who_was_disabled_on_the_way_here(race: Race) -> None:
    """The door let the call in; a moment later the account is disabled, or the session ended."""
    opened = race.here.sign_in(caller(0, 0), account="ann", password=race.password)
    credential = race.here.resolve_credential(caller(0, 0), token=opened.access_token).credential
    call = replace(caller(race.ann.id), credential=credential)
    race.here.issue_key(call, name="while it is open")
    race.new_password(race.ann.id)
    for ended in (call, replace(call, credential="")):
        refused = outcome(lambda ended=ended: race.here.issue_key(ended, name="too late"))
        assert isinstance(refused, PlatformError) is bool(ended.credential), "another session goes on"
        if isinstance(refused, PlatformError):
            assert (refused.code, refused.reason) == ENDED
    race.disable(race.ann.id)
    refused = outcome(lambda: race.here.issue_key(caller(race.ann.id), name="too late"))
    assert isinstance(refused, PlatformError)
    assert (refused.code, refused.reason) == ENDED
