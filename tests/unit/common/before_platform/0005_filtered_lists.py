"""Lists of work by state, kind and owner: an index for each."""

from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("train_task_space_status", "train_task", ["project_space_id", "status", "id"])
    op.create_index("train_task_space_user_id", "train_task", ["project_space_id", "user_id", "id"])


def downgrade() -> None:
    raise NotImplementedError("migrations go forward only")
