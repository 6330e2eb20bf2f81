"""The seed's tables as the seed has them: its columns first and in its order, comments, collation; a default for what was added."""

from libs.common.store.migrations.seed import keep_shape

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

DEPLOYMENT_CONFIG = (
    ("name", "VARCHAR(100) NOT NULL", "模型项目名"),
    ("desc", "VARCHAR(1000) DEFAULT NULL", "描述"),
    ("model_id", "bigint(20) NOT NULL", "模型id"),
    ("config", "JSON DEFAULT NULL", "部署配置"),
)
DEPLYMENT_SESSION = (
    ("name", "VARCHAR(100) NOT NULL", "模型项目名"),
    ("desc", "VARCHAR(1000) DEFAULT NULL", "描述"),
    ("deplyment_config_id", "bigint(20) NOT NULL", "部署配置id"),
    ("config", "JSON DEFAULT NULL", "部署配置快照"),
)


def upgrade() -> None:
    keep_shape("deployment_config", "部署配置表", DEPLOYMENT_CONFIG, {})
    keep_shape("deplyment_session", "部署工单表", DEPLYMENT_SESSION, {"evidence": "{}", "error": "{}", "previous": "[]"})


def downgrade() -> None:
    raise NotImplementedError("migrations go forward only")
