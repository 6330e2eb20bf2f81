"""The seed's tables as the seed has them: its columns first and in its order, comments, collation; a default for what was added."""

from libs.common.store.migrations.seed import keep_shape

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

DATASET = (
    ("name", "VARCHAR(100) NOT NULL", "数据集名称"),
    ("desc", "VARCHAR(1000) DEFAULT NULL", "描述"),
    ("type", "int(11) DEFAULT NULL", "数据集类型，图像/文本/..."),
    ("project_space_id", "bigint(20) NOT NULL", "空间id，如需要控制可见性可使用"),
    ("file_url", "VARCHAR(1000) NOT NULL", "数据集地址，以基础架构支持为准"),
)
DATASET_TASK = (
    ("name", "VARCHAR(100) NOT NULL", "任务名"),
    ("desc", "VARCHAR(1000) DEFAULT NULL", "描述"),
    ("type", "int(11) NOT NULL", "任务类型，清洗/增强/标注"),
    ("sub_type", "int(11) DEFAULT NULL", "任务子类型"),
    ("status", "int(11) DEFAULT NULL", "状态"),
)


def upgrade() -> None:
    keep_shape("dataset", "数据集表", DATASET, {"source": ""})
    keep_shape("dataset_task", "数据集处理任务表", DATASET_TASK, {"snapshot": "{}", "result": "{}", "error": "{}", "output_version_ids": "[]"})


def downgrade() -> None:
    raise NotImplementedError("migrations go forward only")
