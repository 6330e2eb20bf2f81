"""API keys on a real store: what a key may make, who sees and ends it, and what ends it for good."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from libs.common.clock import ManualClock
from libs.common.context import CallContext
from libs.common.errors import PlatformError, Reason
from libs.common.store.repository import PageRequest
from services.identity.domain.credential import ApiKey
from services.identity.domain.people import User
from services.identity.domain.space import Clearance, Role
from services.identity.repository import METADATA
from services.identity.service import DAY_MS, FIRST_SPACE, IdentityService
from tests.support.identity import signer
from tests.support.outcome import outcome
from tests.support.ram import ram_folder
from tests.support.stores import caller, open_store

PAGE = PageRequest()
ENDED, FORBIDDEN, ABSENT = (401, Reason.CREDENTIAL_ENDED), (403, Reason.FORBIDDEN), (404, Reason.NOT_FOUND)


class World:
    """An owner who administers the platform, and ann with three roles' worth of work in the first space."""

    def __init__(self, service: IdentityService, clock: ManualClock) -> None:
        self.service, self.clock = service, clock
        made = service.found(caller(0, 0))
        assert made is not None
        self.owner = made[0]
        self.admin = caller(self.owner.id)
        self.ann = self.person("ann", Role.developer)

    def person(self, account: str, role: Role) -> User:
        user = self.service.create_user(self.admin, account=account)
        self.service.create_membership(self.admin, account=account, role=role, clearance=Clearance.CONFIDENTIAL)
        return user

    def with_key(self, key: ApiKey) -> CallContext:
        """As the gateway lets somebody in who showed this key."""
        return replace(caller(key.user_id), credential=key.credential, clearance=int(min(key.clearance, Clearance.CONFIDENTIAL)))

    def resolves(self, secret: str) -> bool:
        found = outcome(lambda: self.service.resolve_credential(caller(0, 0), token=secret))
        assert not isinstance(found, PlatformError) or (found.code, found.reason) == ENDED
        return not isinstance(found, PlatformError)

    def roles(self, secret: str) -> list[Role]:
        [place] = self.service.resolve_credential(caller(0, 0), token=secret).places
        return place.roles


@pytest.fixture
def world() -> Iterator[World]:
    with ram_folder() as folder:
        clock = ManualClock()
        db = open_store(folder, "identity", METADATA, clock)
        yield World(IdentityService(db, signer("identity")), clock)
        db.close()


def refusal(call: object) -> tuple[int, Reason]:
    found = outcome(call)  # type: ignore[arg-type]
    assert isinstance(found, PlatformError), found
    return found.code, found.reason


def test_a_key_made_with_a_key_neither_outlives_nor_exceeds_it_and_ends_with_it(world: World) -> None:
    s = world.service
    parent, parent_secret = s.issue_key(caller(world.ann.id), name="parent", valid_days=7, clearance=Clearance.INTERNAL)
    child, child_secret = s.issue_key(world.with_key(parent), name="child", valid_days=3650, clearance=Clearance.SECRET)
    grandchild, last_secret = s.issue_key(world.with_key(child), name="grandchild", valid_days=1)
    assert (child.parent_id, child.expire_time, child.clearance) == (parent.id, parent.expire_time, Clearance.INTERNAL)
    assert grandchild.expire_time == world.clock.now_ms() + DAY_MS
    assert all(map(world.resolves, (parent_secret, child_secret, last_secret)))
    s.revoke_key(caller(world.ann.id), id=parent.id)
    assert not any(map(world.resolves, (parent_secret, child_secret, last_secret)))
    assert refusal(lambda: s.issue_key(world.with_key(parent), name="after its end")) == ENDED


def test_a_key_made_while_its_parent_was_ended_is_worth_nothing(world: World) -> None:
    """Two spaces' locks do not meet: the child is stored after the ending looked for children."""
    s = world.service
    parent, _ = s.issue_key(caller(world.ann.id), name="parent")
    child, secret = s.issue_key(world.with_key(parent), name="child")
    s.revoke_key(caller(world.ann.id), id=parent.id)
    with s.db.begin(caller()) as tx:
        keys = s.store.keys.table
        tx.conn.execute(keys.update().where(keys.c.id == child.id).values(revoke_time=0))
    assert not world.resolves(secret)


def test_a_key_may_be_made_to_do_less_and_makes_none_that_does_more(world: World) -> None:
    s = world.service
    narrow, secret = s.issue_key(caller(world.ann.id), name="reads", roles=[Role.viewer])
    assert world.roles(secret) == [Role.viewer]
    assert refusal(lambda: s.issue_key(world.with_key(narrow), name="more", roles=[Role.developer])) == FORBIDDEN
    assert world.roles(s.issue_key(world.with_key(narrow), name="as much")[1]) == [Role.viewer]
    assert refusal(lambda: s.issue_key(caller(world.ann.id), name="hers to have?", roles=[Role.owner])) == FORBIDDEN
    _, owners = s.issue_key(caller(world.owner.id), name="of an owner", roles=[Role.developer])
    assert world.roles(owners) == [Role.developer, Role.viewer]


def test_a_key_sees_and_ends_itself_and_its_children_only(world: World) -> None:
    s = world.service
    mine = caller(world.ann.id)
    other, _ = s.issue_key(mine, name="other")
    found, _ = s.issue_key(mine, name="found on the street")
    child, _ = s.issue_key(world.with_key(found), name="child")
    assert [key.name for key in s.list_keys(world.with_key(found), page=PAGE).items] == ["child", "found on the street"]
    assert len(s.list_keys(mine, page=PAGE).items) == 3
    assert refusal(lambda: s.revoke_key(world.with_key(found), id=other.id)) == ABSENT
    assert s.revoke_key(world.with_key(found), id=child.id).revoke_time > 0
    assert s.revoke_key(world.with_key(found), id=found.id).revoke_time > 0


def test_owners_and_administrators_list_and_end_keys_of_others(world: World) -> None:
    s = world.service
    key, secret = s.issue_key(caller(world.ann.id), name="ann's")
    _, second = s.issue_key(caller(world.ann.id), name="ann's second")
    elsewhere = s.create_space(world.admin, department_id=world.owner.department_id, name="elsewhere")
    there = caller(world.owner.id, elsewhere.id)
    assert [each.account for each in s.list_space_keys(world.admin, page=PAGE).items] == ["ann", "ann"]
    assert s.list_space_keys(there, page=PAGE).items == []
    assert refusal(lambda: s.revoke_space_key(there, id=key.id)) == ABSENT
    assert s.revoke_space_key(world.admin, id=key.id).revoke_time > 0
    assert not world.resolves(secret)
    platform = s.list_platform_keys(there, page=PageRequest(None, 1), user_id=world.ann.id)
    assert [each.name for each in platform.items] == ["ann's second"]
    assert platform.next_cursor is not None
    assert s.list_platform_keys(there, page=PAGE, user_id=world.owner.id).items == []
    s.revoke_platform_key(there, id=platform.items[0].id)
    assert not world.resolves(second)
    assert refusal(lambda: s.revoke_platform_key(there, id=5)) == ABSENT


def test_a_new_password_ends_keys_and_sessions_and_says_how_many(world: World) -> None:
    s = world.service
    password, _, _ = s.issue_password(world.admin, id=world.ann.id)
    opened = s.sign_in(caller(0, 0), account="ann", password=password)
    key, secret = s.issue_key(caller(world.ann.id), name="k")
    _, child = s.issue_key(world.with_key(key), name="made with it")
    s.issue_key(caller(world.ann.id), name="expired", valid_days=1)
    world.clock.advance(2 * DAY_MS / 1000)
    s.refresh_session(caller(0, 0), refresh_token=opened.refresh_token)
    reset, keys, sessions = s.issue_password(world.admin, id=world.ann.id)
    assert (keys, sessions) == (2, 1)
    assert not world.resolves(secret)
    assert not world.resolves(child)
    assert refusal(lambda: s.refresh_session(caller(0, 0), refresh_token=opened.refresh_token)) == ENDED
    _, again = s.issue_key(caller(world.ann.id), name="after")
    assert refusal(lambda: s.change_password(caller(world.ann.id), password="wrong", new_password="a" * 12)) == (401, Reason.WRONG_PASSWORD)
    assert world.resolves(again), "a refused change ends nothing"
    changed = s.change_password(caller(world.ann.id), password=reset, new_password="a" * 12)
    assert (changed.changed, changed.ended_keys, changed.ended_sessions) == (True, 1, 0)
    assert not world.resolves(again)


def test_what_a_disabled_account_had_does_not_come_back(world: World) -> None:
    s = world.service
    opened = s.sign_in(caller(0, 0), account="ann", password=s.issue_password(world.admin, id=world.ann.id)[0])
    _, secret = s.issue_key(caller(world.ann.id), name="k")
    version = s.get_user(world.admin, id=world.ann.id).version
    s.update_user(replace(world.admin, expected_version=version), id=world.ann.id, disabled=True)
    assert not world.resolves(secret)
    s.update_user(replace(world.admin, expected_version=version + 1), id=world.ann.id, disabled=False)
    assert not world.resolves(secret)
    assert not world.resolves(opened.access_token)
    assert refusal(lambda: s.refresh_session(caller(0, 0), refresh_token=opened.refresh_token)) == ENDED


def test_keys_of_who_left_a_space_do_not_wake_up_when_they_return(world: World) -> None:
    s = world.service
    _, secret = s.issue_key(caller(world.ann.id), name="k")
    second = s.create_membership(world.admin, account="ann", role=Role.rater)
    s.delete_membership(replace(world.admin, expected_version=0), id=second.id)
    assert world.resolves(secret), "she is still a member"
    [first] = [each for each in s.list_memberships(world.admin, page=PAGE).items if each.account == "ann"]
    s.delete_membership(replace(world.admin, expected_version=0), id=first.id)
    s.create_membership(world.admin, account="ann", role=Role.developer)
    assert not world.resolves(secret)
    assert first.project_space_id == FIRST_SPACE
