"""A key per serving instance. What runs already gets one too: its process is started anew by the node of this version."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("instance", sa.Column("key", sa.String(80), nullable=False, server_default=""))
    rows = sa.table("instance", sa.column("id", sa.BigInteger), sa.column("key", sa.String(80)))
    store = op.get_bind()
    for id in store.execute(sa.select(rows.c.id)).scalars().all():
        store.execute(rows.update().where(rows.c.id == id).values(key=secrets.token_hex(32)))


def downgrade() -> None:
    raise NotImplementedError("migrations go forward only")
