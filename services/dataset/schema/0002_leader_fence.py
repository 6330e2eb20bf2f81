"""The leader fence is a table of the platform (libs/common/store/migrations/platform). The number stays: stores have noted it."""

revision = '0002'
down_revision = '0001'


def upgrade() -> None:
    """Nothing of the service's own."""
