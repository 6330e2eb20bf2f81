"""Lists of work by state, kind and owner: an index for each."""

from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("dataset_task_space_status", "dataset_task", ["project_space_id", "status", "id"])
    op.create_index("dataset_task_space_type", "dataset_task", ["project_space_id", "type", "id"])
    op.create_index("dataset_task_space_user_id", "dataset_task", ["project_space_id", "user_id", "id"])


def downgrade() -> None:
    raise NotImplementedError("migrations go forward only")
