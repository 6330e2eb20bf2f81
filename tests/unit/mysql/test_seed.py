"""The seed's five tables on MariaDB are whole: every column there, in the seed's order, with its type, default, comment and collation;
what was added comes behind, and a row written as the seed writes it is taken and read.

``seed.sql`` is the seed's own text. It becomes tables in a scratch schema of the same server, so that both sides are what one server says
of its live tables.
"""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from libs.common.store import mysql, schema
from libs.common.store.audit import Books, Report, check_once
from libs.common.store.database import open_engine, service_url
from libs.common.store.repository import Repository
from libs.common.store.seed_table import exact
from tests.contract.test_direction import ROOT

TEXT = (Path(__file__).parent / "seed.sql").read_text()
STATEMENTS = {table: statement for statement, table in re.findall(r"(CREATE TABLE (\w+) .*?;)", TEXT, re.DOTALL)}
OWNER = {
    "dataset": "dataset",
    "dataset_task": "dataset",
    "deployment_config": "deploy",
    "deplyment_session": "deploy",
    "model_project": "model",
}
ROWS: dict[str, dict[str, Any]] = {
    "dataset": {"id": 7, "name": "问答", "project_space_id": 3, "file_url": "hdfs://a"},
    "dataset_task": {"id": 7, "name": "清洗", "type": 1000},
    "deployment_config": {"id": 7, "name": "配置", "model_id": 5, "config": "{}"},
    "deplyment_session": {"id": 7, "name": "工单", "deplyment_config_id": 5},
    "model_project": {"id": 7, "name": "模型", "path": "/models/7"},
}
"""Only what the seed demands, and a little of what it allows."""

COLUMNS = (
    "SELECT column_name, column_type, is_nullable, column_default, character_set_name, collation_name, column_comment,"
    " extra, column_key = 'PRI' FROM information_schema.columns"
    " WHERE table_schema = DATABASE() AND table_name = '{table}' ORDER BY ordinal_position"
)
TABLE = (
    "SELECT engine, row_format, table_collation, table_comment FROM information_schema.tables "
    "WHERE table_schema = DATABASE() AND table_name = '{table}'"
)
CHECKS = "SELECT check_clause FROM information_schema.check_constraints WHERE constraint_schema = DATABASE() AND table_name = '{table}'"


def said(url: str, query: str, table: str) -> list[tuple[Any, ...]]:
    engine = mysql.open_engine(url, reads=True)
    with engine.connect() as conn:
        rows = conn.exec_driver_sql(query.format(table=table)).all()
    engine.dispose()
    return [tuple(row) for row in rows]


def metadata_of(service: str) -> sa.MetaData:
    found: sa.MetaData = importlib.import_module(f"services.{service}.repository").METADATA
    return found


@pytest.fixture(scope="module")
def addresses(mysql_server: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """service -> the address of its migrated store; "scratch" -> one with the seed's own tables."""
    from tests.support import mariadb

    address = mysql_server.fresh()
    found = {service: address.replace("{service}", service) for service in (*sorted(set(OWNER.values())), "scratch")}
    for service in set(OWNER.values()):
        schema.upgrade(found[service], metadata_of(service), service, tmp_path_factory.mktemp(service))
    mysql.create_database(found["scratch"])
    engine = mysql.open_engine(found["scratch"], reads=True)
    with engine.connect() as conn:
        for statement in STATEMENTS.values():
            conn.exec_driver_sql(statement)
    engine.dispose()
    yield found
    mariadb.drop(address)


def test_the_text_is_the_seeds() -> None:
    """Where the seed itself lies beside the clone, the copy is compared with it."""
    assert STATEMENTS.keys() == OWNER.keys()
    assert TEXT.count(" COMMENT '") == 52
    source = ROOT.parent / "shared" / "seed" / "seed.sql"
    if source.is_file():
        assert source.read_text() == TEXT


@pytest.mark.parametrize("table", sorted(OWNER))
def test_the_table_is_the_seeds_and_what_was_added_comes_behind(table: str, addresses: dict[str, str]) -> None:
    seed, ours = (said(addresses[place], COLUMNS, table) for place in ("scratch", OWNER[table]))
    assert ours[: len(seed)] == seed
    assert said(addresses[OWNER[table]], TABLE, table) == said(addresses["scratch"], TABLE, table)
    assert set(said(addresses["scratch"], CHECKS, table)) <= set(said(addresses[OWNER[table]], CHECKS, table))
    for name, _, nullable, default, _, collation, *_ in ours[len(seed) :]:
        assert nullable == "YES" or default is not None, f"{name}: a row of the seed's shape is refused"
        assert collation is None or collation.endswith("_bin"), f"{name}: what was added compares byte for byte"


def _read_back(engine: sa.Engine, table: str, service: str) -> Any:
    """The row, through the repository that reads this table."""
    module = importlib.import_module(f"services.{service}.repository")
    owner = getattr(module, f"{service.capitalize()}Repository")()
    repository: Repository[Any] = next(
        r for r in vars(owner).values() if isinstance(r, Repository) and r.table.name == table and not r._unread
    )
    with engine.connect() as conn:
        return repository.load(conn.execute(repository.everything().where(repository.column("id") == 7)).one())


@pytest.mark.parametrize("table", sorted(OWNER))
@pytest.mark.parametrize("store", ["sqlite", "mysql"])
def test_a_row_of_the_seeds_shape_is_taken_and_read(store: str, table: str, addresses: dict[str, str], tmp_path: Path) -> None:
    service, row = OWNER[table], ROWS[table]
    url = addresses[service]
    if store == "sqlite":
        url = service_url("", tmp_path, service)
        schema.upgrade(url, metadata_of(service), service, tmp_path)
    engine = open_engine(url, reads=True)
    with engine.connect() as conn:
        names = ", ".join(f"`{name}`" for name in row)
        conn.execute(sa.text(f"INSERT INTO {table} ({names}) VALUES ({', '.join(f':{name}' for name in row)})"), row)
    found = _read_back(engine, table, service)
    engine.dispose()
    assert (found.id, found.name, found.version, found.create_time) == (7, row["name"], 0, 0)


def test_a_store_of_before_is_mended_with_its_rows(mysql_address: str, tmp_path: Path) -> None:
    """Rows that were there keep every value, spelling and trailing space included."""
    from alembic import command

    url, metadata = mysql_address.replace("{service}", "dataset"), metadata_of("dataset")
    mysql.create_database(url)
    engine = open_engine(url, reads=False)
    with engine.connect() as conn:
        command.upgrade(schema.config(conn, metadata, schema.own("dataset")), "0003")
        conn.commit()
        insert = sa.text("INSERT INTO dataset (id, name, project_space_id, file_url, source, type) VALUES (:id, :name, 1, 'u', 's', 2)")
        conn.execute(insert, [{"id": number, "name": name} for number, name in enumerate(("Näme", "näme ", "问答🙂", "问答🙃"), 1)])
        conn.commit()
    schema.upgrade(url, metadata, "dataset", tmp_path)
    with engine.connect() as conn:
        rows = conn.execute(sa.text("SELECT id, name, file_url, source, type FROM dataset ORDER BY id")).all()
        assert [tuple(row) for row in rows] == [(n, name, "u", "s", 2) for n, name in enumerate(("Näme", "näme ", "问答🙂", "问答🙃"), 1)]
        table = metadata.tables["dataset"]
        for row in rows:  # the seed's collation takes them for equal; the platform never does
            same = sa.select(table.c.id).where(table.c.name == row.name)
            assert conn.execute(same).scalars().all() == [row.id]
            starts = sa.select(table.c.id).where(table.c.name.startswith(row.name, autoescape=True))
            assert conn.execute(starts).scalars().all() == [row.id]
            others = sa.select(table.c.id).where(table.c.name != row.name)
            assert row.id not in conn.execute(others).scalars().all()
            assert len(conn.execute(others).scalars().all()) == 3
            among = sa.select(table.c.id).where(table.c.name.in_([row.name, "no such"]))
            assert conn.execute(among).scalars().all() == [row.id]
        added = sa.select(table.c.id).where(table.c.name == table.c.source)  # of another collation
        assert conn.execute(added).scalars().all() == []
        groups = sa.select(sa.func.count(table.c.id)).group_by(exact(table.c.name))
        assert conn.execute(groups).scalars().all() == [1, 1, 1, 1]
    engine.dispose()
    books, report = Books("dataset", url, metadata), Report()
    check_once(books, report, table, "project_space_id", "name")
    books.close()
    assert not report.violations
