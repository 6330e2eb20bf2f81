"""Whose turn it is to write and to deliver, an index for every list, and the seed's exact types on MySQL."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.mysql import BIGINT, TINYINT

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

SEED_TABLES = ("train_config", "train_task")


def upgrade() -> None:
    op.create_table("write_turn", sa.Column("project_space_id", sa.BigInteger, primary_key=True, autoincrement=False))
    op.create_table(
        "relay_turn",
        sa.Column("topic", sa.String(64), primary_key=True),
        sa.Column("holder", sa.String(100), nullable=False),
        sa.Column("lease_until", sa.BigInteger, nullable=False),
    )
    op.create_index("stored_answer_age", "stored_answer", ["create_time"])
    op.create_index("outbox_age", "outbox", ["delivered", "create_time"])
    op.create_index("train_config_space", "train_config", ["project_space_id", "id"])
    op.create_index("train_task_space", "train_task", ["project_space_id", "id"])
    if op.get_bind().dialect.name != "sqlite":
        for table in SEED_TABLES:
            op.alter_column(table, "id", type_=BIGINT(unsigned=True), existing_nullable=False)
            op.alter_column(table, "mark_delete", type_=TINYINT(), existing_nullable=False, server_default="0")


def downgrade() -> None:
    raise NotImplementedError("migrations go forward only")
