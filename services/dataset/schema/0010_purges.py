"""Proofs of data that went for good."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('dataset_purge',
    sa.Column('id', sa.BigInteger().with_variant(mysql.BIGINT(unsigned=True), 'mariadb').with_variant(mysql.BIGINT(unsigned=True), 'mysql'), autoincrement=False, nullable=False),
    sa.Column('version', sa.Integer(), server_default='0', nullable=False),
    sa.Column('mark_delete', sa.SmallInteger().with_variant(mysql.TINYINT(), 'mariadb').with_variant(mysql.TINYINT(), 'mysql'), server_default='0', nullable=False),
    sa.Column('create_time', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('update_time', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('project_space_id', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('dataset_id', sa.BigInteger(), nullable=False),
    sa.Column('name', sa.String(length=100), nullable=False),
    sa.Column('secrecy', sa.Integer(), server_default='0', nullable=False),
    sa.Column('user_id', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('cause', sa.String(length=1000), server_default='', nullable=False),
    sa.Column('delete_time', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('status', sa.Integer(), server_default='0', nullable=False),
    sa.Column('versions', sa.Text(16000000), nullable=False),
    sa.Column('artifacts', sa.Text(16000000), nullable=False),
    sa.Column('proof', sa.String(length=64), server_default='', nullable=False),
    sa.Column('finish_time', sa.BigInteger(), server_default='0', nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('dataset_id', name='dataset_purge_dataset')
    )
    with op.batch_alter_table('dataset_purge', schema=None) as batch_op:
        batch_op.create_index('dataset_purge_space', ['project_space_id', 'id'], unique=False)
        batch_op.create_index('dataset_purge_status', ['status', 'id'], unique=False)


def downgrade() -> None:
    raise NotImplementedError("migrations go forward only")
