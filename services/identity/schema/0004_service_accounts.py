"""Service accounts, and keys that know what they were made with; the keys and sessions of whoever is disabled end for good."""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def _whole(name, kind=sa.BigInteger):
    return sa.Column(name, kind(), server_default="0", nullable=False)


def upgrade() -> None:
    op.add_column("user_account", _whole("kind", sa.SmallInteger))
    op.add_column("user_account", _whole("home_space_id"))
    op.create_index("user_account_home", "user_account", ["home_space_id", "id"])
    op.add_column("membership", _whole("acting", sa.SmallInteger))
    op.add_column("membership", _whole("kind", sa.SmallInteger))
    op.add_column("api_key", sa.Column("account", sa.String(64), server_default="", nullable=False))
    op.add_column("api_key", _whole("kind", sa.SmallInteger))
    op.add_column("api_key", _whole("parent_id"))
    op.add_column("api_key", sa.Column("roles", sa.String(100), server_default="[]", nullable=False))
    op.add_column("api_key", sa.Column("clearance", sa.Integer(), server_default="30", nullable=False))
    op.create_index("api_key_space", "api_key", ["project_space_id", "id"])
    op.create_index("api_key_parent", "api_key", ["parent_id"])
    of_user = "(SELECT {} FROM user_account WHERE user_account.id = {}.user_id)"
    op.execute(f"UPDATE api_key SET account = {of_user.format('account', 'api_key')} WHERE user_id IN (SELECT id FROM user_account)")
    for table in ("api_key", "sign_in_session"):
        ended = of_user.format("update_time", table)
        disabled = "(SELECT id FROM user_account WHERE disabled = 1)"
        op.execute(f"UPDATE {table} SET revoke_time = {ended} WHERE revoke_time = 0 AND user_id IN {disabled}")


def downgrade() -> None:
    raise NotImplementedError("migrations go forward only")
