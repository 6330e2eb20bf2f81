"""A list of a million rows, page by page by key: what the last page costs against the first, on SQLite and on MariaDB."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from pathlib import Path

from libs.common.clock import SystemClock
from libs.common.store.repository import PageRequest, encode_cursor
from services.model.repository import METADATA
from services.model.service import ModelService
from tests.support import mariadb
from tests.support.stores import caller, open_store

ROWS = int(os.environ.get("ROWS", "1000000"))
SPACES, LOOKS, BATCH = 10, 50, 5000
TEXTS = ("desc", "path", "train_framework", "Inference_framework", "metrics_url", "code_repo_url", "hdfs_dir")


def main(_environments: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        _measure("SQLite", Path(folder), "")
    if not mariadb.can_start():
        print("long list on MariaDB: not measured, mariadbd is missing")
        return
    with tempfile.TemporaryDirectory() as folder, mariadb.running(Path(folder)) as server:
        _measure("MariaDB", Path(folder), server.fresh())


def _measure(name: str, folder: Path, address: str) -> None:
    db = open_store(folder, "model", METADATA, SystemClock(), 0, address)
    table, service = db.table("model_project"), ModelService(db)
    texts = dict.fromkeys(TEXTS, "")
    for start in range(1, ROWS + 1, BATCH):
        rows = [{"id": n, "name": f"p{n}", "project_space_id": n % SPACES + 1, "user_id": 1, **texts} for n in range(start, start + BATCH)]
        with db.begin(caller()) as tx:
            tx.conn.execute(table.insert(), rows)
    pages = {"first": PageRequest(None, 50), "last": PageRequest(encode_cursor(SPACES * 51), 50)}
    costs: dict[str, list[float]] = {which: [] for which in pages}
    for _ in range(LOOKS):
        for which, page in pages.items():
            begun = time.perf_counter()
            found = service.list_projects(caller(), page=page)
            costs[which].append(time.perf_counter() - begun)
            assert len(found.items) == 50
            assert (found.next_cursor is None) == (which == "last")
    first, last = (statistics.median(costs[which]) * 1000 for which in pages)
    print(f"long list, {name}: {ROWS} rows, first page {first:.2f} ms, last page {last:.2f} ms, last / first {last / first:.2f}")
    db.close()
