"""The verbs of identity on a real store: first start, attempts, sessions by the clock, memberships and what nobody may do to themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from argon2 import PasswordHasher

from libs.common.clock import ManualClock
from libs.common.errors import PlatformError, Reason
from libs.common.store.repository import PageRequest
from services.identity.domain import attempts
from services.identity.domain.audit import AuditEvent
from services.identity.domain.credential import ACCESS_MS, REFRESH_MS
from services.identity.domain.people import account_of
from services.identity.domain.space import Clearance, Role
from services.identity.engine import secret
from services.identity.repository import METADATA
from services.identity.service import DAY_MS, FIRST_SPACE, IdentityService
from tests.support.identity import signer
from tests.support.outcome import at_once, outcome
from tests.support.ram import ram_folder
from tests.support.stores import caller, open_store


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def service(clock: ManualClock) -> Iterator[IdentityService]:
    with ram_folder() as folder:
        db = open_store(folder, "identity", METADATA, clock)
        yield IdentityService(db, signer("identity"))
        db.close()


def refusal(call: object) -> tuple[int, Reason]:
    found = outcome(call)  # type: ignore[arg-type]
    assert isinstance(found, PlatformError), found
    return found.code, found.reason


def test_a_password_is_hashed_slowly_and_by_the_book(product_hasher: PasswordHasher) -> None:
    """RFC 9106: argon2id, 64 MiB, 3 passes, 4 lanes."""
    assert product_hasher.hash("a password").startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_the_first_start_makes_one_owner_and_no_second(service: IdentityService) -> None:
    found = [made for made in at_once([lambda: service.found(caller(0, 0))] * 3) if made is not None]
    [(user, password)] = found
    assert user.administrator
    assert len(password) >= 20
    opened = service.sign_in(caller(0, 0), account="OWNER ", password=password)
    [place] = opened.places
    assert (place.project_space_id, place.roles, place.clearance) == (FIRST_SPACE, [Role.owner], Clearance.SECRET)
    assert service.found(caller(0, 0)) is None


def test_attempts_are_counted_before_a_password_is_looked_at(service: IdentityService, clock: ManualClock) -> None:
    made = service.found(caller(0, 0))
    assert made is not None
    guesses = at_once([lambda n=n: service.sign_in(caller(0, 0), account="owner", password=f"guess {n}") for n in range(14)])  # type: ignore[misc]
    codes = sorted(error.code for error in guesses)
    assert codes == [401] * attempts.PER_ACCOUNT + [429] * (14 - attempts.PER_ACCOUNT)
    assert refusal(lambda: service.sign_in(caller(0, 0), account="owner", password=made[1])) == (429, Reason.BUSY)
    clock.advance(attempts.WINDOW_MS / 1000)
    assert service.sign_in(caller(0, 0), account="owner", password=made[1]).user.account == "owner"


def test_an_address_that_tries_many_accounts_is_stopped(service: IdentityService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "PER_ADDRESS", 3)
    said = [refusal(lambda n=n: service.sign_in(caller(0, 0), account=f"a{n}", password="x", address="10.0.0.9")) for n in range(5)]  # type: ignore[misc]
    assert [code for code, _ in said] == [401, 401, 401, 429, 429]
    assert refusal(lambda: service.sign_in(caller(0, 0), account="a9", password="x", address="10.0.0.8"))[0] == 401


def test_sessions_and_keys_end_by_the_clock(service: IdentityService, clock: ManualClock) -> None:
    made = service.found(caller(0, 0))
    assert made is not None
    user, password = made
    opened = service.sign_in(caller(0, 0), account="owner", password=password)
    key, made_key = service.issue_key(caller(user.id, FIRST_SPACE), name="k", valid_days=1)
    assert service.resolve_credential(caller(0, 0), token=opened.access_token).credential.startswith("session:")
    resolved = service.resolve_credential(caller(0, 0), token=made_key)
    assert (resolved.credential, resolved.user.administrator) == (f"key:{key.id}", False)
    clock.advance(ACCESS_MS / 1000)
    unauthenticated = (401, Reason.CREDENTIAL_ENDED)
    assert refusal(lambda: service.resolve_credential(caller(0, 0), token=opened.access_token)) == unauthenticated
    renewed = service.refresh_session(caller(0, 0), refresh_token=opened.refresh_token)
    assert service.resolve_credential(caller(0, 0), token=renewed.access_token).user.id == user.id
    clock.advance(DAY_MS / 1000)
    assert refusal(lambda: service.resolve_credential(caller(0, 0), token=made_key)) == unauthenticated
    clock.advance(REFRESH_MS / 1000)
    assert refusal(lambda: service.refresh_session(caller(0, 0), refresh_token=renewed.refresh_token)) == unauthenticated
    # A token of one kind is none of another.
    for token in (opened.refresh_token, renewed.refresh_token, "mys_", "", "my_x_y"):
        assert refusal(lambda token=token: service.resolve_credential(caller(0, 0), token=token)) == unauthenticated  # type: ignore[misc]


@pytest.mark.parametrize("meanwhile", ["disabled", "password"])
def test_what_an_administrator_did_while_a_password_was_checked_counts(
    service: IdentityService, monkeypatch: pytest.MonkeyPatch, meanwhile: str
) -> None:
    made = service.found(caller(0, 0))
    assert made is not None
    admin = caller(made[0].id)
    bob = service.create_user(admin, account="bob")
    password, _, _ = service.issue_password(admin, id=bob.id)
    fits = secret.fits

    def slow(given: str, stored: str | None) -> bool:
        right = fits(given, stored)
        if meanwhile == "disabled":
            service.update_user(replace(admin, expected_version=bob.version), id=bob.id, disabled=True)
        else:
            service.issue_password(admin, id=bob.id)
        return right

    monkeypatch.setattr(secret, "fits", slow)
    assert refusal(lambda: service.sign_in(caller(0, 0), account="bob", password=password)) == (401, Reason.SIGN_IN_FAILED)


def test_two_who_refresh_at_once_end_the_session(service: IdentityService) -> None:
    made = service.found(caller(0, 0))
    assert made is not None
    opened = service.sign_in(caller(0, 0), account="owner", password=made[1])
    found = at_once([lambda: service.refresh_session(caller(0, 0), refresh_token=opened.refresh_token)] * 2)
    won = [each for each in found if not isinstance(each, PlatformError)]
    assert len(won) == 1
    assert refusal(lambda: service.resolve_credential(caller(0, 0), token=won[0].access_token))[0] == 401


def test_nobody_gives_more_than_they_have_and_the_last_owner_stays(service: IdentityService) -> None:
    made = service.found(caller(0, 0))
    assert made is not None
    owner = made[0].id
    service.create_user(caller(owner), account="bob")
    low = caller(owner, FIRST_SPACE)
    low = type(low)(**{**low.__dict__, "clearance": 10})
    forbidden = (403, Reason.FORBIDDEN)
    assert refusal(lambda: service.create_membership(low, account="bob", role=Role.viewer, clearance=Clearance.SECRET)) == forbidden
    mine = service.create_membership(low, account="BOB", role=Role.viewer, clearance=Clearance.INTERNAL)
    assert refusal(lambda: service.create_membership(low, account="bob", role=Role.viewer)) == (409, Reason.ALREADY_EXISTS)
    assert refusal(lambda: service.update_membership(low, id=mine.id, clearance=Clearance.SECRET)) == forbidden
    assert refusal(lambda: service.create_membership(low, account="nobody", role=Role.viewer)) == (404, Reason.NOT_FOUND)
    [theirs] = [each for each in service.list_memberships(caller(owner), page=PageRequest()).items if each.role == Role.owner]
    assert refusal(lambda: service.delete_membership(caller(owner, expected=0), id=theirs.id)) == (400, Reason.INVALID_ARGUMENT)
    assert refusal(lambda: service.delete_membership(caller(owner, space=99, expected=0), id=mine.id)) == (404, Reason.NOT_FOUND)
    service.delete_membership(caller(owner, expected=0), id=mine.id)
    assert refusal(lambda: service.update_user(caller(owner, expected=0), id=owner, disabled=True)) == (400, Reason.INVALID_ARGUMENT)


def test_audit_rows_are_written_once_and_seen_in_their_space(service: IdentityService) -> None:
    rows = [AuditEvent(user_id=7, project_space_id=space, method="model.CreateProject", outcome=201) for space in (1, 2, 1)]
    for _ in range(3):
        assert service.record_audit(caller(0, 0, key="audit-batch-1"), events=rows) == 3
    assert len(service.list_audit(caller(space=1), page=PageRequest()).items) == 2
    assert len(service.list_audit(caller(space=3), page=PageRequest()).items) == 0
    first = service.list_platform_audit(caller(), page=PageRequest(None, 2))
    rest = service.list_platform_audit(caller(), page=PageRequest(first.next_cursor, 2))
    assert len({each.id for each in (*first.items, *rest.items)}) == 3
    assert rest.next_cursor is None


def test_one_spelling_per_account() -> None:
    assert account_of(" Ａnn ") == account_of("ann") == "ann"
    for wrong in ("", " ", "a b", "a/b", "a\x00", "x" * 65, "a\u202eb"):
        assert refusal(lambda wrong=wrong: account_of(wrong))[0] == 400  # type: ignore[misc]
