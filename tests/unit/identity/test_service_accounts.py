"""Service accounts on a real store: who makes them and their keys, what a key is exchanged for, and for whom it may act."""

from __future__ import annotations

from dataclasses import replace

import pytest

from libs.common.errors import Reason
from libs.common.identity.signed import ACCOUNT_SECONDS, Identity, Verifier
from libs.common.store.repository import PageRequest
from services.identity.domain.people import UserKind
from services.identity.domain.space import Clearance, Role
from services.identity.service import DAY_MS, FIRST_SPACE
from services.identity.service.accounts import Exchanged
from tests.support.identity import keys
from tests.support.stores import caller
from tests.unit.identity.test_keys import ABSENT, ENDED, FORBIDDEN, PAGE, World, refusal
from tests.unit.identity.test_keys import world as world

INVALID = (400, Reason.INVALID_ARGUMENT)


class Program:
    """A service account with a role in the first space, and a key of it."""

    def __init__(self, world: World, role: Role = Role.developer, acting: bool = False, **key: object) -> None:
        self.world, self.service = world, world.service
        self.account = self.service.create_service_account(
            world.admin, account="indexer", role=role, clearance=Clearance.CONFIDENTIAL, acting=acting
        )
        self.key, self.secret = self.service.issue_service_key(world.admin, id=self.account.id, name="k", **key)  # type: ignore[arg-type]

    def exchange(self, audience: str = "model", **more: object) -> Exchanged:
        return self.service.exchange_key(replace(caller(0, 0), peer="10.0.0.9:51000"), key=self.secret, audience=audience, **more)  # type: ignore[arg-type]


def believed(found: Exchanged, service: str = "model") -> Identity:
    return Verifier(keys(), service).verify(found.auth)


def test_a_key_is_exchanged_for_an_identity_that_one_service_believes(world: World) -> None:
    program = Program(world)
    assert (program.account.kind, program.account.home_space_id) == (UserKind.SERVICE, FIRST_SPACE)
    assert program.secret.startswith("mysv_")
    found = program.exchange()
    assert believed(found) == Identity(
        "account",
        "identity",
        program.account.id,
        FIRST_SPACE,
        frozenset({"developer"}),
        int(Clearance.CONFIDENTIAL),
        credential=program.key.credential,
    )
    assert refusal(lambda: believed(found, "dataset")) == (401, Reason.UNAUTHENTICATED)
    assert 0 < found.expire_time / 1000 - Verifier(keys(), "model")._now() <= ACCOUNT_SECONDS
    assert refusal(lambda: program.exchange("gateway")) == INVALID
    assert refusal(lambda: program.exchange(project_space_id=77)) == ABSENT


def test_every_exchange_stands_in_the_trail_of_its_space(world: World) -> None:
    program = Program(world, acting=True)
    program.exchange("dataset")
    program.exchange(for_account="ann")
    refusal(lambda: program.exchange(for_account="owner of something else"))
    refusal(lambda: program.exchange(for_account="nobody"))
    rows = [row for row in world.service.list_audit(world.admin, page=PAGE).items if row.method == "identity.KeyExchange"]
    assert [(row.outcome, row.object) for row in reversed(rows)] == [
        (200, "audience=dataset"),
        (200, "audience=model for=ann"),
        (403, "audience=model for=nobody"),
    ]
    assert {(row.user_id, row.credential, row.address) for row in rows} == {(program.account.id, program.key.credential, "10.0.0.9")}


def test_it_acts_for_a_member_only_where_that_is_allowed_and_with_what_both_may(world: World) -> None:
    plain = Program(world)
    assert refusal(lambda: plain.exchange(for_account="ann")) == FORBIDDEN
    [membership] = [each for each in world.service.list_memberships(world.admin, page=PAGE).items if each.account == "indexer"]
    allow = replace(world.admin, expected_version=membership.version)
    world.service.update_membership(allow, id=membership.id, clearance=Clearance.INTERNAL, acting=True)
    found = plain.exchange(for_account="ANN")
    assert (found.user_id, found.roles, found.clearance) == (world.ann.id, [Role.developer, Role.viewer], Clearance.INTERNAL)
    assert believed(found).credential == plain.key.credential
    # Not more than the member may, and not more than it may itself.
    world.person("bob", Role.viewer)
    assert plain.exchange(for_account="bob").roles == [Role.viewer]
    assert plain.exchange(for_account="owner").roles == [Role.developer, Role.viewer]
    outsider = world.service.create_user(world.admin, account="outsider")
    for account in ("outsider", "nobody", "indexer"):
        assert refusal(lambda account=account: plain.exchange(for_account=account)) == FORBIDDEN  # type: ignore[misc]
    assert outsider.id
    version = world.service.get_user(world.admin, id=world.ann.id).version
    world.service.update_user(replace(world.admin, expected_version=version), id=world.ann.id, disabled=True)
    assert refusal(lambda: plain.exchange(for_account="ann")) == FORBIDDEN


def test_a_person_acts_for_nobody(world: World) -> None:
    s = world.service
    assert refusal(lambda: s.create_membership(world.admin, account="ann", role=Role.rater, acting=True)) == INVALID
    [mine] = [each for each in s.list_memberships(world.admin, page=PAGE).items if each.account == "ann"]
    allow = replace(world.admin, expected_version=mine.version)
    assert refusal(lambda: s.update_membership(allow, id=mine.id, clearance=Clearance.PUBLIC, acting=True)) == INVALID
    _, key = s.issue_key(caller(world.ann.id), name="a person's")
    assert refusal(lambda: s.exchange_key(caller(0, 0), key=key, audience="model")) == FORBIDDEN
    assert refusal(lambda: s.exchange_key(caller(0, 0), key="mysv_no", audience="model")) == ENDED


def test_a_narrow_key_of_an_account_gives_no_more_than_it_says(world: World) -> None:
    program = Program(world, roles=[Role.viewer], clearance=Clearance.PUBLIC, acting=True)
    found = program.exchange()
    assert (found.roles, found.clearance) == ([Role.viewer], Clearance.PUBLIC)
    assert program.exchange(for_account="ann").roles == [Role.viewer]
    itself = replace(caller(program.account.id), credential=program.key.credential)
    assert refusal(lambda: world.service.issue_key(itself, name="more", roles=[Role.developer])) == FORBIDDEN
    child, _ = world.service.issue_key(itself, name="as much", valid_days=3650)
    assert (child.roles, child.clearance, child.expire_time) == ([Role.viewer], Clearance.PUBLIC, program.key.expire_time)


def test_nobody_raises_themselves_by_a_key_of_an_account_that_sees_more(world: World) -> None:
    program = Program(world)
    low = replace(world.admin, clearance=int(Clearance.INTERNAL))
    made, secret = world.service.issue_service_key(low, id=program.account.id, name="low")
    assert made.clearance == Clearance.INTERNAL
    asked = refusal(lambda: world.service.issue_service_key(low, id=program.account.id, name="x", clearance=Clearance.SECRET))
    assert asked == FORBIDDEN
    rotated, _ = world.service.rotate_service_key(low, id=program.key.id)
    assert rotated.clearance == Clearance.INTERNAL
    found = world.service.exchange_key(caller(0, 0), key=secret, audience="model")
    assert found.clearance == Clearance.INTERNAL


def test_rotation_overlaps_and_then_ends_the_old_key(world: World) -> None:
    program = Program(world, valid_days=30, roles=[Role.viewer])
    s = world.service
    made, secret = s.rotate_service_key(world.admin, id=program.key.id, overlap_minutes=10)
    assert (made.name, made.roles, made.expire_time) == ("k", [Role.viewer], world.clock.now_ms() + 30 * DAY_MS)
    program.exchange()
    world.clock.advance(600)
    assert refusal(program.exchange) == ENDED
    assert s.exchange_key(caller(0, 0), key=secret, audience="model").user_id == program.account.id
    assert refusal(lambda: s.rotate_service_key(world.admin, id=program.key.id)) == INVALID
    last, newest = s.rotate_service_key(world.admin, id=made.id, overlap_minutes=0)
    assert refusal(lambda: s.exchange_key(caller(0, 0), key=secret, audience="model")) == ENDED
    s.revoke_space_key(world.admin, id=last.id)
    assert refusal(lambda: s.exchange_key(caller(0, 0), key=newest, audience="model")) == ENDED


def test_an_account_belongs_to_its_space_and_roles_elsewhere_are_given_there(world: World) -> None:
    s, program = world.service, Program(world)
    elsewhere = s.create_space(world.admin, department_id=world.owner.department_id, name="elsewhere")
    there = caller(world.owner.id, elsewhere.id)
    for call in (
        lambda: s.issue_service_key(there, id=program.account.id, name="x"),
        lambda: s.rotate_service_key(there, id=program.key.id),
        lambda: s.update_service_account(replace(there, expected_version=0), id=program.account.id, disabled=True),
        lambda: s.issue_service_key(world.admin, id=world.ann.id, name="of a person"),
    ):
        assert refusal(call) == ABSENT
    assert s.list_service_accounts(there, page=PAGE).items == []
    assert [each.account for each in s.list_service_accounts(world.admin, page=PageRequest()).items] == ["indexer"]
    s.create_membership(there, account="indexer", role=Role.viewer)
    assert program.exchange(project_space_id=elsewhere.id).roles == [Role.viewer]
    assert refusal(lambda: program.exchange(project_space_id=elsewhere.id, for_account="owner")) == FORBIDDEN


def test_it_is_no_person(world: World) -> None:
    s, program = world.service, Program(world)
    assert refusal(lambda: s.issue_password(world.admin, id=program.account.id)) == INVALID
    admin = replace(world.admin, expected_version=0)
    assert refusal(lambda: s.update_user(admin, id=program.account.id, administrator=True)) == INVALID
    assert refusal(lambda: s.sign_in(caller(0, 0), account="indexer", password="")) == (401, Reason.SIGN_IN_FAILED)
    assert refusal(lambda: s.create_service_account(world.admin, account="Indexer")) == (409, Reason.ALREADY_EXISTS)
    assert refusal(lambda: s.create_user(world.admin, account="indexer")) == (409, Reason.ALREADY_EXISTS)


@pytest.mark.parametrize("by", ["owner", "administrator"])
def test_a_disabled_account_is_out_for_good(world: World, by: str) -> None:
    s, program = world.service, Program(world)
    verb = s.update_service_account if by == "owner" else s.update_user
    verb(replace(world.admin, expected_version=0), id=program.account.id, disabled=True)
    assert refusal(program.exchange) == ENDED
    assert refusal(lambda: s.issue_service_key(world.admin, id=program.account.id, name="x")) == INVALID
    verb(replace(world.admin, expected_version=1), id=program.account.id, disabled=False)
    assert refusal(program.exchange) == ENDED
