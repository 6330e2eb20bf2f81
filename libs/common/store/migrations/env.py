"""Alembic's entry: runs one chain of revisions on the connection that ``libs.common.store.schema`` hands over.

MySQL commits each statement that changes a table. A process killed between two of them left the earlier ones behind; started again it
finds them there, and a step whose result is there already is done: only revisions ever change these tables.
"""

from typing import Any

import sqlalchemy as sa
from alembic import context
from alembic.ddl.mysql import MySQLImpl
from pymysql.constants import ER

DONE = frozenset({ER.TABLE_EXISTS_ERROR, ER.DUP_FIELDNAME, ER.DUP_KEYNAME, ER.CANT_DROP_FIELD_OR_KEY})


class RepeatableImpl(MySQLImpl):
    """Alembic's way to MySQL, for revisions that may be started over."""

    __dialect__ = "mysql"

    def _exec(self, *arguments: Any, **named: Any) -> Any:
        try:
            return super()._exec(*arguments, **named)
        except sa.exc.DBAPIError as error:
            if error.orig is None or error.orig.args[0] not in DONE:
                raise
            return None

    def add_column(self, table_name: str, column: sa.Column[Any], **named: Any) -> None:
        """The tables of the seed have the seed's collation; what is added to them compares byte for byte, as everything else does."""
        if isinstance(column.type, sa.String) and column.type.collation is None:
            column.type = column.type.copy(collation=self.connection.exec_driver_sql("SELECT @@collation_database").scalar())
        super().add_column(table_name, column, **named)


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=context.config.attributes["metadata"],
    render_as_batch=connection.dialect.name == "sqlite",
    version_table=context.config.attributes["noted"],
    compare_type=True,
    transactional_ddl=connection.dialect.name == "sqlite",  # the connection began a transaction itself: database.open_engine
)
with context.begin_transaction():
    context.run_migrations()
