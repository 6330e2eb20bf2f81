"""Versions made elsewhere: where they come from, what they are."""

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("model_version", sa.Column("family", sa.String(40), nullable=False, server_default=""))
    op.add_column("model_version", sa.Column("layout", sa.String(40), nullable=False, server_default=""))
    op.add_column("model_version", sa.Column("parameters", sa.BigInteger, nullable=False, server_default="0"))
    op.add_column("model_version", sa.Column("context_tokens", sa.BigInteger, nullable=False, server_default="0"))
    op.add_column("model_version", sa.Column("source", sa.String(200), nullable=False, server_default=""))
    op.add_column("model_version", sa.Column("licence", sa.String(200), nullable=False, server_default=""))


def downgrade() -> None:
    raise NotImplementedError("migrations go forward only")
