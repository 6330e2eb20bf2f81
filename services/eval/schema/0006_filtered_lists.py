"""Lists of work by state, kind and owner: an index for each."""

from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("eval_task_space_status", "eval_task", ["project_space_id", "status", "id"])
    op.create_index("eval_task_space_target_kind", "eval_task", ["project_space_id", "target_kind", "id"])
    op.create_index("eval_task_space_user_id", "eval_task", ["project_space_id", "user_id", "id"])


def downgrade() -> None:
    raise NotImplementedError("migrations go forward only")
