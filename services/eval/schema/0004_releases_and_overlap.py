"""Which release asked for an evaluation and where its instance answers, and how a test repeats what the model was trained on."""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("eval_task", sa.Column("work_order_id", sa.BigInteger, nullable=False, server_default="0"))
    op.add_column("eval_task", sa.Column("staging_address", sa.String(200), nullable=False, server_default=""))
    op.add_column("eval_task", sa.Column("target_key", sa.String(200), nullable=False, server_default=""))
    op.add_column("eval_task", sa.Column("overlap", sa.Text(16_000_000), nullable=True))
    table = sa.table("eval_task", sa.column("overlap", sa.Text))
    op.get_bind().execute(table.update().values(overlap="{}"))
    with op.batch_alter_table("eval_task") as changed:
        changed.alter_column("overlap", existing_type=sa.Text(16_000_000), nullable=False)


def downgrade() -> None:
    raise NotImplementedError("migrations go forward only")
