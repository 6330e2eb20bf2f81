"""An index for every list, and the seed's exact types on MySQL."""

from alembic import op
from sqlalchemy.dialects.mysql import BIGINT, TINYINT

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

SEED_TABLES = ("deployment_config", "deplyment_session", "serving_slot")


def upgrade() -> None:
    op.create_index("deployment_config_space", "deployment_config", ["project_space_id", "id"])
    op.create_index("deplyment_session_space", "deplyment_session", ["project_space_id", "id"])
    if op.get_bind().dialect.name != "sqlite":
        for table in SEED_TABLES:
            op.alter_column(table, "id", type_=BIGINT(unsigned=True), existing_nullable=False)
            op.alter_column(table, "mark_delete", type_=TINYINT(), existing_nullable=False, server_default="0")


def downgrade() -> None:
    raise NotImplementedError("migrations go forward only")
