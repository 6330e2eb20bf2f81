"""What a classifier took for what, of an evaluation of labels."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("eval_task", sa.Column("classes", sa.Text(16_000_000), nullable=True))
    table = sa.table("eval_task", sa.column("classes", sa.Text))
    op.get_bind().execute(table.update().values(classes="{}"))
    with op.batch_alter_table("eval_task") as changed:
        changed.alter_column("classes", existing_type=sa.Text(16_000_000), nullable=False)
