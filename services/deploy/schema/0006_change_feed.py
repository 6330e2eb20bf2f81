"""What changed, for the change feed."""

from libs.common.store.migrations.change_log import add_change_log

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_change_log()


def downgrade() -> None:
    raise NotImplementedError("migrations go forward only")
