"""Who vouches for a result, and how its test repeats what the version was trained on.

Of results that are there already nobody knows who vouched: they inform from now on and decide nothing.
"""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("evidence", sa.Column("kind", sa.Integer, nullable=False, server_default="0"))
    op.add_column("evidence", sa.Column("overlap", sa.Text(16_000_000), nullable=True))
    table = sa.table("evidence", sa.column("overlap", sa.Text))
    op.get_bind().execute(table.update().values(overlap="{}"))
    with op.batch_alter_table("evidence") as changed:
        changed.alter_column("overlap", existing_type=sa.Text(16_000_000), nullable=False)


def downgrade() -> None:
    raise NotImplementedError("migrations go forward only")
