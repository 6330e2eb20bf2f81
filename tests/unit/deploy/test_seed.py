"""The tables the seed design named: its columns, its spellings, and its JSON type where the store has one."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from libs.common.store import schema
from libs.common.store.database import open_engine
from services.deploy.repository import METADATA

SEED = {
    "deployment_config": {"id", "name", "desc", "model_id", "config", "version", "mark_delete", "create_time", "update_time"},
    "deplyment_session": {"id", "name", "desc", "deplyment_config_id", "config", "version", "mark_delete", "create_time", "update_time"},
}


def test_seed_columns_are_there() -> None:
    for table, columns in SEED.items():
        assert columns <= set(METADATA.tables[table].columns.keys())


def test_json_columns_are_json_on_mysql() -> None:
    for table in SEED:
        ddl = str(sa.schema.CreateTable(METADATA.tables[table]).compile(dialect=mysql.dialect()))
        assert "config JSON" in ddl
        assert "`desc` VARCHAR(1000)" in ddl


def test_the_migration_makes_the_tables(tmp_path: Path) -> None:
    """What the migration creates is what the repository declares, and running it again changes nothing."""
    url = f"sqlite:///{tmp_path / 'deploy.db'}"
    schema.upgrade(url, METADATA, "deploy", tmp_path)
    schema.upgrade(url, METADATA, "deploy", tmp_path)
    engine = open_engine(url, reads=True)
    made = sa.inspect(engine)
    for name, table in METADATA.tables.items():
        assert {column["name"] for column in made.get_columns(name)} == set(table.columns.keys())
        indexes = {index["name"] for index in made.get_indexes(name)}
        assert {index.name for index in table.indexes} <= indexes
        unique = {constraint["name"] for constraint in made.get_unique_constraints(name)}
        assert {c.name for c in table.constraints if isinstance(c, sa.UniqueConstraint)} <= unique
    engine.dispose()
