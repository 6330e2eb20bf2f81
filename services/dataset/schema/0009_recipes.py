"""Recipes, their revisions, and the outputs of their steps."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('recipe',
    sa.Column('id', sa.BigInteger().with_variant(mysql.BIGINT(unsigned=True), 'mariadb').with_variant(mysql.BIGINT(unsigned=True), 'mysql'), autoincrement=False, nullable=False),
    sa.Column('version', sa.Integer(), server_default='0', nullable=False),
    sa.Column('mark_delete', sa.SmallInteger().with_variant(mysql.TINYINT(), 'mariadb').with_variant(mysql.TINYINT(), 'mysql'), server_default='0', nullable=False),
    sa.Column('create_time', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('update_time', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('project_space_id', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('user_id', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('name', sa.String(length=100), nullable=False),
    sa.Column('desc', sa.String(length=1000), server_default='', nullable=False),
    sa.Column('number', sa.Integer(), server_default='1', nullable=False),
    sa.Column('plan', sa.Text(16000000), nullable=False),
    sa.Column('plan_hash', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('recipe', schema=None) as batch_op:
        batch_op.create_index('recipe_space', ['project_space_id', 'id'], unique=False)
        batch_op.create_index('recipe_space_name', ['project_space_id', 'name'], unique=False)
    op.create_table('recipe_revision',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('recipe_id', sa.BigInteger(), nullable=False),
    sa.Column('project_space_id', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('plan', sa.Text(16000000), nullable=False),
    sa.Column('plan_hash', sa.String(length=64), nullable=False),
    sa.Column('user_id', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('create_time', sa.BigInteger(), server_default='0', nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('recipe_id', 'number', name='recipe_revision_number')
    )
    op.create_table('step_output',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('project_space_id', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('dataset_id', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('reached', sa.String(length=64), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('uri', sa.String(length=1000), nullable=False),
    sa.Column('dropped_uri', sa.String(length=1000), server_default='', nullable=False),
    sa.Column('changes_uri', sa.String(length=1000), server_default='', nullable=False),
    sa.Column('ledger', sa.Text(16000000), nullable=False),
    sa.Column('used_time', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('create_time', sa.BigInteger(), server_default='0', nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('project_space_id', 'reached', name='step_output_reached')
    )
    with op.batch_alter_table('step_output', schema=None) as batch_op:
        batch_op.create_index('step_output_dataset', ['dataset_id'], unique=False)
        batch_op.create_index('step_output_used', ['used_time'], unique=False)


def downgrade() -> None:
    raise NotImplementedError("migrations go forward only")
