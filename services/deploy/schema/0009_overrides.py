"""Which override of the gate an order goes by, and when that ends."""

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("override_id", "override_end_time"):
        op.add_column("deplyment_session", sa.Column(name, sa.BigInteger, nullable=False, server_default="0"))
    op.create_index("deplyment_session_override", "deplyment_session", ["model_id", "override_id"])


def downgrade() -> None:
    raise NotImplementedError("migrations go forward only")
