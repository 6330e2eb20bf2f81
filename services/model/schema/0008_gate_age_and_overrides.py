"""How long evidence counts, and overrides of the gate by two people."""

import sqlalchemy as sa
from alembic import op

from libs.common.store.database import seed_columns

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("release_gate", sa.Column("max_age_hours", sa.Integer, nullable=False, server_default="0"))
    op.create_table(
        "gate_override",
        *seed_columns(),
        sa.Column("project_id", sa.BigInteger, nullable=False),
        sa.Column("project_space_id", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("model_version_id", sa.BigInteger, nullable=False),
        sa.Column("model_version_number", sa.Integer, nullable=False, server_default="0"),
        sa.Column("digest", sa.String(80), nullable=False),
        sa.Column("status", sa.Integer, nullable=False, server_default="0"),
        sa.Column("cause", sa.String(1000), nullable=False),
        sa.Column("end_time", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("user_id", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("confirmer_id", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("comment", sa.String(1000), nullable=False),
    )
    op.create_index("gate_override_version", "gate_override", ["model_version_id", "digest", "id"])
    op.create_index("gate_override_project", "gate_override", ["project_id", "project_space_id", "id"])
    op.create_index("gate_override_live", "gate_override", ["project_id", "status", "end_time"])


def downgrade() -> None:
    raise NotImplementedError("migrations go forward only")
