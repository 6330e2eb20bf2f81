"""The auditor on identity: clean on what our own code wrote, and every planted lie found."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.identity.audit import METADATA
from tests.support.stores import open_store
from tests.unit.identity.world import People, people_in


@pytest.fixture
def people(tmp_path: Path) -> People:
    db = open_store(tmp_path, "identity", METADATA)
    made = people_in(db)
    db.close()
    return made


def test_what_our_code_wrote_is_clean_and_counted(people: People) -> None:
    report = people.audit()
    assert report.violations == []
    assert report.looked["I2", "acknowledged rows of the trail"] == 4
    assert report.looked["I13", "spaces with an owner"] == 2
    assert report.looked["LINEAGE", "membership.user_id"] == 6
    assert report.looked["LINEAGE", "audit_event.user_id"] == 4
    assert report.looked["I13", "keys made with keys"] == 1
    assert report.looked["I13", "service accounts"] == 1
    assert report.looked["I13", "disabled users"] == 1


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
    "a key that outlives the one it was made with": ("I13", "UPDATE api_key SET expire_time = expire_time + 1 WHERE parent_id != 0"),
    "a key that lives on after the one it was made with": ("I13", "UPDATE api_key SET revoke_time = 9 WHERE name = 'parent'"),
    "a key that sees more than the one it was made with": ("I13", "UPDATE api_key SET clearance = 10 WHERE name = 'parent'"),
    "a key made with nothing": ("LINEAGE", "UPDATE api_key SET parent_id = 5 WHERE parent_id != 0"),
    "a key of somebody disabled that came back": ("I13", "UPDATE api_key SET revoke_time = 0 WHERE account = 'left'"),
    "a session of somebody disabled that came back": (
        "I13",
        "UPDATE sign_in_session SET revoke_time = 0 WHERE user_id = (SELECT id FROM user_account WHERE account = 'left')",
    ),
    "a program that administers": ("I13", "UPDATE user_account SET administrator = 1 WHERE kind = 1"),
    "a program without a home": ("I13", "UPDATE user_account SET home_space_id = 0 WHERE kind = 1"),
    "a program that lives nowhere": ("LINEAGE", "UPDATE user_account SET home_space_id = 5 WHERE kind = 1"),
    "a person with a home": ("I13", "UPDATE user_account SET home_space_id = 1 WHERE account = 'other'"),
    "a program with a password": (
        "I13",
        "UPDATE user_password SET user_id = (SELECT id FROM user_account WHERE kind = 1)"
        " WHERE user_id = (SELECT id FROM user_account WHERE account = 'other')",
    ),
    "a program that signed in": (
        "I13",
        "UPDATE sign_in_session SET user_id = (SELECT id FROM user_account WHERE kind = 1) WHERE revoke_time = 0",
    ),
    "a person who acts for others": ("I13", "UPDATE membership SET acting = 1 WHERE account = 'owner'"),
    "a membership that calls a person a program": ("I13", "UPDATE membership SET kind = 1 WHERE account = 'other'"),
    "a key that calls a program a person": ("I13", "UPDATE api_key SET kind = 0 WHERE name = 'parent'"),
    "a trail of nobody": ("LINEAGE", "UPDATE audit_event SET user_id = 5 WHERE user_id = 0"),
    "a space of no department": ("LINEAGE", "UPDATE project_space SET department_id = 5"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_planted_lie_is_found(people: People, lie: str) -> None:
    invariant, statement = LIES[lie]
    people.write(statement)
    assert invariant in {found.invariant for found in people.audit().violations}
