"""The model version that a training goes on from."""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("train_config", "train_task"):
        op.add_column(table, sa.Column("base_version_id", sa.BigInteger, nullable=False, server_default="0"))


def downgrade() -> None:
    raise NotImplementedError("migrations go forward only")
