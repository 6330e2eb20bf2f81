"""The end of what the engine of a task printed."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "task_log",
        sa.Column("task_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("project_space_id", sa.BigInteger, nullable=False),
        sa.Column("text", sa.Text(16_000_000), nullable=False),
        sa.Column("ends", sa.BigInteger, nullable=False),
        sa.Column("update_time", sa.BigInteger, nullable=False),
    )
