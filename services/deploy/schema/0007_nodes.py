"""An instance names the node it runs on. What runs already is taken over by the node that finds it."""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("instance", sa.Column("node", sa.String(100), nullable=False, server_default=""))
    op.create_index("instance_node", "instance", ["node", "state"])


def downgrade() -> None:
    raise NotImplementedError("migrations go forward only")
