"""An index for every list, and the seed's exact types on MySQL."""

from alembic import op
from sqlalchemy.dialects.mysql import BIGINT, TINYINT

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

SEED_TABLES = ("dataset", "dataset_task")


def upgrade() -> None:
    op.create_index("dataset_space", "dataset", ["project_space_id", "id"])
    op.create_index("dataset_version_dataset", "dataset_version", ["dataset_id", 'project_space_id', "id"])
    op.create_index("dataset_task_space", "dataset_task", ["project_space_id", "id"])
    if op.get_bind().dialect.name != "sqlite":
        for table in SEED_TABLES:
            op.alter_column(table, "id", type_=BIGINT(unsigned=True), existing_nullable=False)
            op.alter_column(table, "mark_delete", type_=TINYINT(), existing_nullable=False, server_default="0")


def downgrade() -> None:
    raise NotImplementedError("migrations go forward only")
