"""Model cards: what people should know before they use a version."""

import sqlalchemy as sa
from alembic import op

from libs.common.store.database import seed_columns

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "model_card",
        *seed_columns(),
        sa.Column("project_id", sa.BigInteger, nullable=False),
        sa.Column("project_space_id", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("model_version_id", sa.BigInteger, nullable=False, unique=True),
        sa.Column("model_version_number", sa.Integer, nullable=False, server_default="0"),
        sa.Column("user_id", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("sections", sa.Text(16_000_000), nullable=False),
    )
    op.create_index("model_card_project", "model_card", ["project_id", "model_version_number"])


def downgrade() -> None:
    raise NotImplementedError("migrations go forward only")
