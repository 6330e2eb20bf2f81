"""An index for every list, and the seed's exact types on MySQL."""

from alembic import op
from sqlalchemy.dialects.mysql import BIGINT, TINYINT

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

SEED_TABLES = ("train_config", "train_task")


def upgrade() -> None:
    op.create_index("train_config_space", "train_config", ["project_space_id", "id"])
    op.create_index("train_task_space", "train_task", ["project_space_id", "id"])
    if op.get_bind().dialect.name != "sqlite":
        for table in SEED_TABLES:
            op.alter_column(table, "id", type_=BIGINT(unsigned=True), existing_nullable=False)
            op.alter_column(table, "mark_delete", type_=TINYINT(), existing_nullable=False, server_default="0")


def downgrade() -> None:
    raise NotImplementedError("migrations go forward only")
