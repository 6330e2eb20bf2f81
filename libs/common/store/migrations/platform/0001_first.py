"""The platform's tables as they were when this chain began. A store made before it has them from its service's own revisions: what is
there stays as it is, rows included, and what is missing is added."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    add(
        "state_event",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("entity", sa.String(40), nullable=False),
        sa.Column("entity_id", sa.BigInteger, nullable=False),
        sa.Column("project_space_id", sa.BigInteger, nullable=False),
        sa.Column("from_status", sa.Integer, nullable=False),
        sa.Column("to_status", sa.Integer, nullable=False),
        sa.Column("event", sa.String(40), nullable=False),
        sa.Column("reason", sa.String(1000), nullable=False),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("create_time", sa.BigInteger, nullable=False),
        state_event_entity=["entity", "entity_id", "id"],
    )
    add(
        "stored_answer",
        sa.Column("idempotency_key", sa.String(128), primary_key=True),
        sa.Column("project_space_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("method", sa.String(64), primary_key=True),
        sa.Column("request_hash", sa.String(64), nullable=False),
        sa.Column("answer", sa.Text(16_000_000), nullable=False),
        sa.Column("create_time", sa.BigInteger, nullable=False),
        stored_answer_age=["create_time"],
    )
    add(
        "outbox",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("topic", sa.String(64), nullable=False),
        sa.Column("payload", sa.Text(16_000_000), nullable=False),
        sa.Column("delivered", sa.SmallInteger, nullable=False, server_default="0"),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("create_time", sa.BigInteger, nullable=False),
        outbox_open=["delivered", "id"],
        outbox_age=["delivered", "create_time"],
    )
    add("write_turn", sa.Column("project_space_id", sa.BigInteger, primary_key=True, autoincrement=False))
    add(
        "relay_turn",
        sa.Column("topic", sa.String(64), primary_key=True),
        sa.Column("holder", sa.String(100), nullable=False),
        sa.Column("lease_until", sa.BigInteger, nullable=False),
    )
    add(
        "leader_fence",
        sa.Column("name", sa.String(100), primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False),
    )
    add(
        "change_log",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("position", sa.BigInteger),
        sa.Column("entity", sa.String(40), nullable=False),
        sa.Column("entity_id", sa.BigInteger, nullable=False),
        sa.Column("parent_id", sa.BigInteger, nullable=False),
        sa.Column("project_space_id", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Integer, nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("secrecy", sa.Integer, nullable=False),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("create_time", sa.BigInteger, nullable=False),
        sa.Column("done", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("total", sa.BigInteger, nullable=False, server_default="0"),
        sa.UniqueConstraint("position", name="change_log_position"),
        change_log_age=["kind", "create_time"],
    )


def add(table: str, *parts: sa.Column | sa.Constraint, **indexes: list[str]) -> None:
    """The table with its indexes, or what of them is not there yet."""
    there = sa.inspect(op.get_bind())
    if there.has_table(table):
        fields = {column["name"] for column in there.get_columns(table)}
        for part in parts:
            if isinstance(part, sa.Column) and part.name not in fields:
                op.add_column(table, part)
        known = {index["name"] for index in there.get_indexes(table)}
    else:
        op.create_table(table, *parts)
        known = set()
    for name, columns in indexes.items():
        if name not in known:
            op.create_index(name, table, columns)
