"""Which password is still the one that the first start printed; of a platform that was set up before, none is."""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("user_password", sa.Column("printed", sa.SmallInteger(), server_default="0", nullable=False))


def downgrade() -> None:
    raise NotImplementedError("migrations go forward only")
