"""Alembic's entry: runs the revisions of one service on the connection that ``libs.common.schema`` hands over."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=context.config.attributes["metadata"],
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    transactional_ddl=connection.dialect.name == "sqlite",  # the connection began a transaction itself: libs.common.database.open_engine
)
with context.begin_transaction():
    context.run_migrations()
