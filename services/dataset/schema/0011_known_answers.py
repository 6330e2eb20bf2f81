"""Where the known answers of people's work come from; and each item of a job once."""

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('people_job', schema=None) as batch_op:
        batch_op.add_column(sa.Column('known_version_id', sa.BigInteger(), server_default='0', nullable=False))
    op.drop_index('people_item_number', 'people_item')
    op.create_index('people_item_number', 'people_item', ['job_id', 'gold', 'number'], unique=True)


def downgrade() -> None:
    raise NotImplementedError("migrations go forward only")
