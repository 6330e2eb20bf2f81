"""An index for every list, and the seed's exact types on MySQL."""

from alembic import op
from sqlalchemy.dialects.mysql import BIGINT, TINYINT

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

SEED_TABLES = ("model_project", "model_version", "release_gate")


def upgrade() -> None:
    op.create_index("model_project_space", "model_project", ["project_space_id", "id"])
    op.create_index("model_version_project", "model_version", ["project_id", 'project_space_id', "id"])
    if op.get_bind().dialect.name != "sqlite":
        for table in SEED_TABLES:
            op.alter_column(table, "id", type_=BIGINT(unsigned=True), existing_nullable=False)
            op.alter_column(table, "mark_delete", type_=TINYINT(), existing_nullable=False, server_default="0")


def downgrade() -> None:
    raise NotImplementedError("migrations go forward only")
