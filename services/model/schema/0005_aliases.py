"""Second names of models: aliases, and names from before a renaming."""

import sqlalchemy as sa
from alembic import op

from libs.common.store.database import seed_columns

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "model_alias",
        *seed_columns(),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("project_id", sa.BigInteger, nullable=False),
        sa.Column("project_space_id", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("model_version_number", sa.Integer, nullable=False, server_default="0"),
        sa.Column("former", sa.SmallInteger, nullable=False, server_default="0"),
        sa.Column("user_id", sa.BigInteger, nullable=False, server_default="0"),
    )
    op.create_index("model_alias_name", "model_alias", ["project_space_id", "name"])
    op.create_index("model_alias_project", "model_alias", ["project_id", "project_space_id", "id"])


def downgrade() -> None:
    raise NotImplementedError("migrations go forward only")
