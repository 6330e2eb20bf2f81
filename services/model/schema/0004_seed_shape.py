"""The seed's tables as the seed has them: its columns first and in its order, comments, collation; a default for what was added."""

from libs.common.store.migrations.seed import keep_shape

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

MODEL_PROJECT = (
    ("name", "VARCHAR(100) NOT NULL", "模型项目名"),
    ("desc", "VARCHAR(1000) DEFAULT NULL", "描述"),
    ("path", "VARCHAR(200) DEFAULT NULL", "模型路径"),
    ("train_framework", "VARCHAR(100) DEFAULT NULL", "训练框架"),
    ("Inference_framework", "VARCHAR(100) DEFAULT NULL", "推理框架"),
    ("metrics_url", "VARCHAR(200) DEFAULT NULL", "监控看板url"),
    ("status", "int(11) NOT NULL DEFAULT 0", "状态"),
    ("code_repo_url", "VARCHAR(200) DEFAULT NULL", "代码仓库url"),
    ("hdfs_dir", "VARCHAR(200) DEFAULT NULL", "模型文件url"),
)


def upgrade() -> None:
    keep_shape("model_project", "模型表", MODEL_PROJECT, {})


def downgrade() -> None:
    raise NotImplementedError("migrations go forward only")
