"""Lists of work by state, kind and owner: an index for each."""

from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("deplyment_session_space_status", "deplyment_session", ["project_space_id", "status", "id"])
    op.create_index("deplyment_session_space_slot_id", "deplyment_session", ["project_space_id", "slot_id", "id"])
    op.create_index("deplyment_session_space_user_id", "deplyment_session", ["project_space_id", "user_id", "id"])


def downgrade() -> None:
    raise NotImplementedError("migrations go forward only")
