"""``modelyard backup`` of a platform at work, once per flavour, and ``restore`` into an empty place, which passes the audit."""

from __future__ import annotations

import json
import tarfile
import threading
from pathlib import Path

from tests.support import mariadb
from tests.support.platform import Platform

OPTIONS = {"options": {"modules": ["json"]}}


def test_a_platform_at_work_is_backed_up_and_restored(platform: Platform, tmp_path: Path) -> None:
    stop, names = threading.Event(), []

    def keep_writing() -> None:
        with platform.client() as client:
            while not stop.is_set():
                names.append(client.models.create(f"backed-up-{len(names)}")["name"])

    with platform.client() as client:
        data = client.datasets.create("backed-up")
        made = client.datasets.create_task(data["id"], "Importing", "Pydoc_Import", "import", config=OPTIONS)
        assert client.datasets.wait(made["dataset_task"]["id"], seconds=60)["status"] == "SUCCEEDED"
    writer = threading.Thread(target=keep_writing)
    writer.start()
    try:
        before = len(names)
        taken = json.loads(platform.run("backup", str(tmp_path / "b.tar"), "--json").stdout)
        after = len(names) + 1  # one that was under way
    finally:
        stop.set()
        writer.join()
    assert taken["artifacts"] > 0
    assert taken["damaged"] == []

    environ = {**platform.environ, "MODELYARD_HOME": str(tmp_path / "home")}
    if platform.settings.database_url:
        environ["MODELYARD_DATABASE_URL"] = platform.settings.database_url.replace("_{service}", "_restored_{service}")
    empty = Platform(platform.settings, environ)
    try:
        restored = json.loads(empty.run("restore", str(tmp_path / "b.tar"), "--json").stdout)
        assert (restored["records"], restored["artifacts"], restored["violations"]) == (taken["records"], taken["artifacts"], [])
        audited = json.loads(empty.run("audit", "--json", "--lease", "3600").stdout)
        assert audited["violations"] == []
        seen = {(row["invariant"], row["what"]): row["count"] for row in audited["looked"]}
        assert seen["I6", "artifacts"] == taken["artifacts"]
        again = empty.run("restore", str(tmp_path / "b.tar"), check=False)
        assert again.returncode == 1
        assert "NOT_EMPTY" in again.stderr
        assert before <= _models(tmp_path / "b.tar") <= after
    finally:
        if platform.settings.database_url:
            mariadb.drop(environ["MODELYARD_DATABASE_URL"])


def _models(file: Path) -> int:
    """How many of the writer's models the backup has."""
    with tarfile.open(file) as tar:
        source = tar.extractfile("records/model/model_project.jsonl")
        assert source is not None
        return sum(b'"backed-up-' in line for line in source)
