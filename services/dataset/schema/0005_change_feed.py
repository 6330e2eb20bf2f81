"""The change log is a table of the platform (libs/common/store/migrations/platform). The number stays: stores have noted it."""

revision = '0005'
down_revision = '0004'


def upgrade() -> None:
    """Nothing of the service's own."""
