"""A server before it is ready: `doctor` says migrate, and rights that lack are named by their words, half-way included."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from libs.common.errors import PlatformError, Reason
from libs.common.settings import Settings
from libs.common.store import mysql, schema
from libs.ops import doctor
from tests.support.mariadb import MariaDB

METADATA = importlib.import_module("services.model.repository").METADATA


def stores(address: str, home: Path) -> dict[str, doctor.Finding]:
    return {each.subject: each for each in doctor.stores(Settings(home=str(home), database_url=address))}


def test_before_migrate_the_doctor_says_migrate(mysql_address: str, tmp_path: Path) -> None:
    for found in stores(mysql_address, tmp_path).values():
        assert (found.level, found.state.en) == (doctor.WARN, "no schema yet")
        assert "modelyard migrate" in found.do.en
        assert "modelyard migrate" in found.do.zh
    schema.upgrade(mysql_address.replace("{service}", "model"), METADATA, "model", tmp_path)
    after = stores(mysql_address, tmp_path)
    assert (after["model"].level, after["train"].level) == (doctor.OK, doctor.WARN)


@pytest.fixture
def small_user(mysql_server: MariaDB, mysql_address: str) -> Iterator[tuple[str, str]]:
    """(address, name) of a user who may nothing yet."""
    if mysql_server.folder is None:
        pytest.skip("needs a server of its own: users are made")
    name = f"small{mysql.parse(mysql_address).database.partition('_')[2][:8]}"
    with mysql_server.root() as conn, conn.cursor() as cursor:
        cursor.execute(f"CREATE USER '{name}'@'127.0.0.1' IDENTIFIED BY 'x'")
    address = sa.make_url(mysql_address).set(username=name, password="x").render_as_string(hide_password=False)
    yield address.replace("%7Bservice%7D", "{service}"), name
    with mysql_server.root() as conn, conn.cursor() as cursor:
        cursor.execute(f"DROP USER '{name}'@'127.0.0.1'")


def test_rights_that_lack_are_named_and_granted_ones_are_enough(
    mysql_server: MariaDB, mysql_address: str, small_user: tuple[str, str], tmp_path: Path
) -> None:
    address, name = small_user
    url = address.replace("{service}", "model")
    database = mysql.parse(url).database

    def grant(rights: str) -> None:
        with mysql_server.root() as conn, conn.cursor() as cursor:
            cursor.execute(f"GRANT {rights} ON `{database}`.* TO '{name}'@'127.0.0.1'")

    def refused() -> PlatformError:
        with pytest.raises(PlatformError) as caught:
            schema.upgrade(url, METADATA, "model", tmp_path)
        return caught.value

    error = refused()  # may not even make the schema
    assert (error.code, error.reason) == (403, Reason.RIGHTS_MISSING)
    assert error.limit == f"{mysql.MIGRATION_RIGHTS} ON `{database}`.*"
    mysql.create_database(mysql_address.replace("{service}", "model"))
    found = stores(address, tmp_path)["model"]
    assert found.level == doctor.FAIL
    assert f"GRANT {mysql.MIGRATION_RIGHTS}" in found.do.en
    grant("SELECT, INSERT, UPDATE, DELETE, CREATE")
    error = refused()  # half-way: tables, and no index
    assert error.reason is Reason.RIGHTS_MISSING
    assert "INDEX command denied" in str(error)
    grant(mysql.MIGRATION_RIGHTS)
    assert schema.upgrade(url, METADATA, "model", tmp_path).own.after == schema.newest("model")
