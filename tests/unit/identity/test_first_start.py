"""The first start: who read the printed password chooses the owner's, once, and only while nothing else has begun."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from libs.common.clock import ManualClock
from libs.common.context import CallContext
from libs.common.errors import PlatformError, Reason
from services.identity.domain import attempts
from services.identity.repository import METADATA
from services.identity.service import IdentityService
from services.identity.service.opening import Opened
from tests.support.identity import signer
from tests.support.outcome import at_once, outcome
from tests.support.ram import ram_folder
from tests.support.stores import caller, open_store

CHOSEN = "a password of my own"


def nobody() -> CallContext:
    return caller(0, 0)


@pytest.fixture
def service() -> Iterator[IdentityService]:
    with ram_folder() as folder:
        db = open_store(folder, "identity", METADATA, ManualClock())
        yield IdentityService(db, signer("identity"))
        db.close()


@pytest.fixture
def printed(service: IdentityService) -> str:
    made = service.found(nobody())
    assert made is not None
    return made[1]


def reason(call: object) -> Reason:
    found = outcome(call)  # type: ignore[arg-type]
    assert isinstance(found, PlatformError), found
    return found.reason


def test_a_platform_without_people_is_not_open(service: IdentityService) -> None:
    assert not service.get_first_start(nobody()).open
    assert reason(lambda: service.choose_first_password(nobody(), password="x", new_password=CHOSEN)) == Reason.FIRST_START_OVER


def test_the_printed_password_is_replaced_once(service: IdentityService, printed: str) -> None:
    steps = service.get_first_start(nobody())
    assert (steps.open, steps.account) == (True, "owner")
    tried = at_once([lambda n=n: service.choose_first_password(nobody(), password=printed, new_password=f"{CHOSEN} {n}") for n in range(3)])  # type: ignore[misc]
    assert sorted(type(each).__name__ for each in tried) == ["Opened", "PlatformError", "PlatformError"]
    assert {each.reason for each in tried if isinstance(each, PlatformError)} == {Reason.FIRST_START_OVER}
    winner = next(n for n, each in enumerate(tried) if isinstance(each, Opened))
    assert service.sign_in(nobody(), account="owner", password=f"{CHOSEN} {winner}").user.account == "owner"
    assert reason(lambda: service.sign_in(nobody(), account="owner", password=printed)) == Reason.SIGN_IN_FAILED
    assert not service.get_first_start(nobody()).open


def test_a_wrong_or_unchanged_password_changes_nothing(service: IdentityService, printed: str) -> None:
    assert reason(lambda: service.choose_first_password(nobody(), password="guess", new_password=CHOSEN)) == Reason.WRONG_PASSWORD
    assert reason(lambda: service.choose_first_password(nobody(), password=printed, new_password=printed)) == Reason.INVALID_ARGUMENT
    assert service.get_first_start(nobody()).open
    assert service.sign_in(nobody(), account="owner", password=printed).user.account == "owner"


def test_guessing_is_counted_before_it_is_looked_at(service: IdentityService, printed: str) -> None:
    said = [reason(lambda n=n: service.choose_first_password(nobody(), password=f"guess {n}", new_password=CHOSEN)) for n in range(12)]  # type: ignore[misc]
    assert said == [Reason.WRONG_PASSWORD] * attempts.PER_ACCOUNT + [Reason.BUSY] * 2
    assert reason(lambda: service.choose_first_password(nobody(), password=printed, new_password=CHOSEN)) == Reason.BUSY


def test_only_the_machine_stays_signed_in(service: IdentityService, printed: str) -> None:
    machine = service.sign_in(nobody(), account="owner", password=printed)
    onlooker = service.sign_in(nobody(), account="owner", password=printed, address="10.0.0.9")
    _, secret = service.issue_key(caller(machine.user.id, 1), name="k", valid_days=1)
    opened = service.choose_first_password(nobody(), password=printed, new_password=CHOSEN, address="127.0.0.1")
    for token in (machine.access_token, opened.access_token):
        assert service.resolve_credential(nobody(), token=token).user.account == "owner"
    for token in (onlooker.access_token, secret):
        assert reason(lambda token=token: service.resolve_credential(nobody(), token=token)) == Reason.CREDENTIAL_ENDED  # type: ignore[misc]


def test_with_a_second_account_it_is_over(service: IdentityService, printed: str) -> None:
    service.create_user(caller(1, 1, key="u"), account="second")
    assert not service.get_first_start(nobody()).open
    assert reason(lambda: service.choose_first_password(nobody(), password=printed, new_password=CHOSEN)) == Reason.FIRST_START_OVER


@pytest.mark.parametrize("how", ["changed", "issued"])
def test_a_password_that_was_set_otherwise_ends_it(service: IdentityService, printed: str, how: str) -> None:
    owner = service.sign_in(nobody(), account="owner", password=printed).user
    if how == "changed":
        service.change_password(caller(owner.id, 1), password=printed, new_password=CHOSEN)
    else:
        service.issue_password(caller(owner.id, 1), id=owner.id)
    assert not service.get_first_start(nobody()).open
